"""Requests and what they ask for, after apiserver's own table."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.requestinfo import BadPath, RequestInfo, request_info


def short(info: RequestInfo) -> tuple[Any, ...]:
    return (info.verb, info.group, info.version, info.namespace, info.resource, info.subresource, info.name)


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "/api/v1/namespaces", {}, ("list", "", "v1", "", "namespaces", "", "")),
        ("GET", "/api/v1/namespaces/o", {}, ("get", "", "v1", "o", "namespaces", "", "o")),
        ("PUT", "/api/v1/namespaces/o/finalize", {}, ("update", "", "v1", "o", "namespaces", "finalize", "o")),
        ("PUT", "/api/v1/namespaces/o/status", {}, ("update", "", "v1", "o", "namespaces", "status", "o")),
        ("GET", "/api/v1/namespaces/o/pods", {}, ("list", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/namespaces/o/pods/", {}, ("list", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/namespaces/o/pods/p", {}, ("get", "", "v1", "o", "pods", "", "p")),
        ("HEAD", "/api/v1/namespaces/o/pods/p", {}, ("get", "", "v1", "o", "pods", "", "p")),
        ("GET", "/api/v1/pods", {}, ("list", "", "v1", "", "pods", "", "")),
        ("HEAD", "/api/v1/pods", {}, ("list", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/nodes/n", {}, ("get", "", "v1", "", "nodes", "", "n")),
        ("POST", "/api/v1/namespaces/o/pods", {}, ("create", "", "v1", "o", "pods", "", "")),
        ("PUT", "/api/v1/namespaces/o/pods/p", {}, ("update", "", "v1", "o", "pods", "", "p")),
        ("PATCH", "/api/v1/namespaces/o/pods/p/status", {}, ("patch", "", "v1", "o", "pods", "status", "p")),
        ("DELETE", "/api/v1/namespaces/o/pods/p", {}, ("delete", "", "v1", "o", "pods", "", "p")),
        ("DELETE", "/api/v1/namespaces/o/pods", {}, ("deletecollection", "", "v1", "o", "pods", "", "")),
        ("DELETE", "/api/v1/namespaces", {}, ("deletecollection", "", "v1", "", "namespaces", "", "")),
        ("TRACE", "/api/v1/pods", {}, ("", "", "v1", "", "pods", "", "")),
        ("GET", "/apis/apps/v1/deployments", {}, ("list", "apps", "v1", "", "deployments", "", "")),
        ("GET", "/apis/apps/v1/namespaces/o/deployments/d/scale", {},
         ("get", "apps", "v1", "o", "deployments", "scale", "d")),
        ("GET", "/api/v1/watch/pods", {}, ("watch", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/watch/namespaces/o/pods", {}, ("watch", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/watch/namespaces/o/pods/p", {}, ("watch", "", "v1", "o", "pods", "", "p")),
        ("GET", "/api/v1/watch/namespaces/o", {}, ("watch", "", "v1", "o", "namespaces", "", "o")),
        ("POST", "/api/v1/watch/pods", {}, ("watch", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/proxy/namespaces/o/pods/p", {}, ("proxy", "", "v1", "o", "pods", "", "p")),
        ("GET", "/api/v1/proxy/namespaces/o/pods/p/x/y", {}, ("proxy", "", "v1", "o", "pods", "", "p")),
        ("GET", "/api/v1/namespaces/o/pods", {"watch": "1"}, ("watch", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/namespaces/o/pods", {"watch": ""}, ("watch", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/namespaces/o/pods", {"watch": "maybe"}, ("watch", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/namespaces/o/pods", {"watch": "False"}, ("list", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/namespaces/o/pods/p", {"watch": "1"}, ("get", "", "v1", "o", "pods", "", "p")),
        ("POST", "/api/v1/namespaces/o/pods", {"watch": "1"}, ("create", "", "v1", "o", "pods", "", "")),
        ("GET", "/api/v1/pods", {"fieldSelector": "metadata.name=p"}, ("list", "", "v1", "", "pods", "", "p")),
        ("GET", "/api/v1/pods", {"fieldSelector": "metadata.name==p", "watch": "true"},
         ("watch", "", "v1", "", "pods", "", "p")),
        ("GET", "/api/v1/pods", {"fieldSelector": "metadata.name!=p"}, ("list", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/pods", {"fieldSelector": "metadata.name=a/b"}, ("list", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/pods", {"fieldSelector": "metadata.name=p", "limit": "x"},
         ("list", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/pods", {"fieldSelector": "metadata.name=p", "labelSelector": "=="},
         ("list", "", "v1", "", "pods", "", "")),
        ("GET", "/api/v1/pods", {"fieldSelector": "metadata.name", "watch": "1"},
         ("watch", "", "v1", "", "pods", "", "")),
        ("DELETE", "/api/v1/pods", {"fieldSelector": "metadata.name=p"},
         ("deletecollection", "", "v1", "", "pods", "", "")),
    ],
)  # fmt: skip
def test_resources(method: str, path: str, query: dict[str, str], expected: tuple[str, ...]) -> None:
    info = request_info(method, path, query)
    assert short(info) == expected
    assert info.is_resource
    assert info.path == path
    assert info.api_prefix == path.split("/")[1]


@pytest.mark.parametrize("path", ["/", "", "/healthz", "/api", "/api/v1", "/apis/apps", "/apis/apps/v1", "/x/v1/pods"])
def test_no_resources(path: str) -> None:
    info = request_info("GET", path, {})
    assert (info.is_resource, info.path, info.verb, info.resource) == (False, path, "get", "")


@pytest.mark.parametrize("path", ["/api/v1/watch", "/apis/apps/v1/proxy/"])
def test_special_verbs_need_a_resource(path: str) -> None:
    with pytest.raises(BadPath, match="unable to determine kind and namespace from url"):
        request_info("GET", path, {})


def test_parts_go_on_after_the_subresource() -> None:
    info = request_info("GET", "/api/v1/namespaces/o/services/s/proxy/a/b", {})
    assert info.parts == ("services", "s", "proxy", "a", "b")
    assert (info.verb, info.subresource) == ("get", "proxy")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        pytest.param("GET", "/api/v1/pods", ("a=b", "c=d"), id="list"),
        pytest.param("DELETE", "/api/v1/pods", ("a=b", "c=d"), id="deletecollection"),
        pytest.param("GET", "/api/v1/watch/pods", ("", ""), id="watch-by-path"),
        pytest.param("GET", "/api/v1/nodes/n", ("", ""), id="get"),
        pytest.param("POST", "/api/v1/pods", ("", ""), id="create"),
    ],
)
def test_selectors(method: str, path: str, expected: tuple[str, str]) -> None:
    info = request_info(method, path, {"fieldSelector": "a=b", "labelSelector": "c=d"})
    assert (info.field_selector, info.label_selector) == expected


segments = st.sampled_from(["api", "apis", "v1", "watch", "proxy", "namespaces", "status", "x", ""])


@given(st.sampled_from(["GET", "POST", "DELETE"]), st.lists(segments, max_size=8))
def test_any_path_is_read(method: str, parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    try:
        info = request_info(method, path, {})
    except BadPath:
        return
    if info.is_resource:
        assert info.resource == info.parts[0]
        assert path.rstrip("/").endswith("/".join(info.parts).rstrip("/"))
