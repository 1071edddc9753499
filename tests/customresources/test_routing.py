"""Which requests on custom resources are taken, and how others are refused."""

from __future__ import annotations

import pytest

from minikube_py.api.customresources.routing import custom_verb, is_routed
from minikube_py.api.requestinfo import request_info
from minikube_py.api.resource import Resource, Subresource
from minikube_py.machinery.errors import StatusError

IN_NAMESPACE = "/apis/example.com/v1/namespaces/n/widgets"
ANYWHERE = "/apis/example.com/v1/widgets"


def widgets(namespaced: bool = True, verbs: tuple[str, ...] = ("create", "get")) -> Resource:
    return Resource(
        "example.com",
        "v1",
        "widgets",
        "Widget",
        namespaced=namespaced,
        verbs=verbs,
        subresources=(Subresource("status"),),
        custom=True,
    )


@pytest.mark.parametrize(
    ("namespaced", "method", "path", "routed"),
    [
        pytest.param(True, "GET", IN_NAMESPACE, True, id="in-a-namespace"),
        pytest.param(True, "GET", ANYWHERE, True, id="list-of-all-namespaces"),
        pytest.param(True, "POST", ANYWHERE, False, id="create-in-no-namespace"),
        pytest.param(True, "DELETE", ANYWHERE, False, id="delete-collection-of-all-namespaces"),
        pytest.param(True, "GET", f"{ANYWHERE}/a", False, id="get-in-no-namespace"),
        pytest.param(False, "GET", ANYWHERE, True, id="cluster-scoped"),
        pytest.param(False, "GET", IN_NAMESPACE, False, id="cluster-scoped-in-a-namespace"),
    ],
)
def test_scope(namespaced: bool, method: str, path: str, routed: bool) -> None:
    assert is_routed(widgets(namespaced), request_info(method, path, {})) is routed


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [
        pytest.param("GET", IN_NAMESPACE, "list", id="list"),
        pytest.param("DELETE", IN_NAMESPACE, "deletecollection", id="delete-collection"),
        pytest.param("PATCH", f"{IN_NAMESPACE}/a", "patch", id="patch"),
        pytest.param("PUT", f"{IN_NAMESPACE}/a/status", "update", id="status"),
    ],
)
def test_verbs(method: str, path: str, verb: str) -> None:
    assert custom_verb(widgets(), request_info(method, path, {})) == verb


@pytest.mark.parametrize(
    ("method", "path", "code", "message"),
    [
        pytest.param("PUT", IN_NAMESPACE, 400, "name must be provided", id="put-on-a-collection"),
        pytest.param("GET", f"{IN_NAMESPACE}/a/scale", 404, 'widgets.example.com "a" not found', id="no-subresource"),
        pytest.param(
            "POST",
            f"{IN_NAMESPACE}/a/status",
            405,
            'create is not supported on resources of kind "widgets.example.com"',
            id="post-on-a-subresource",
        ),
    ],
)
def test_refusals(method: str, path: str, code: int, message: str) -> None:
    with pytest.raises(StatusError) as caught:
        custom_verb(widgets(), request_info(method, path, {}))
    assert (caught.value.code, caught.value.message) == (code, message)


def test_nothing_is_created_in_what_goes() -> None:
    with pytest.raises(StatusError) as caught:
        custom_verb(widgets(verbs=("get",)), request_info("POST", IN_NAMESPACE, {}))
    assert caught.value.message == "create not allowed while custom resource definition is terminating"
