"""Accept and Content-Type headers, as the real server was seen to take them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.negotiate import (
    CUSTOM,
    LIST,
    OBJECT,
    PLAIN,
    Endpoint,
    Negotiated,
    body_media_type,
    is_pretty,
    negotiate,
    negotiate_error,
    negotiate_watch,
    patch_media_type,
)
from minikube_py.machinery.errors import StatusError

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PROTOBUF = "application/vnd.kubernetes.protobuf"
ALL = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
STREAMS = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"


@pytest.mark.parametrize(
    ("accept", "endpoint", "expected"),
    [
        pytest.param(None, OBJECT, Negotiated("json"), id="none"),
        pytest.param("", OBJECT, Negotiated("json"), id="empty"),
        pytest.param("*/*", OBJECT, Negotiated("json"), id="anything"),
        pytest.param("application/json, */*", OBJECT, Negotiated("json"), id="kubectl"),
        pytest.param("application/json;q=0.5,application/yaml;q=0.9", OBJECT, Negotiated("yaml"), id="quality-decides"),
        pytest.param("application/yaml;q=nonsense,application/json;q=0.1", OBJECT, Negotiated("json"), id="no-quality"),
        pytest.param("*/*,application/yaml", OBJECT, Negotiated("yaml"), id="named-before-anything"),
        pytest.param("application/xml,application/yaml,application/json", OBJECT, Negotiated("yaml"), id="first-known"),
        pytest.param(f"{PROTOBUF},application/json", OBJECT, Negotiated("protobuf"), id="client-go"),
        pytest.param(f"{PROTOBUF},application/json", CUSTOM, Negotiated("json"), id="client-go-custom"),
        pytest.param("application/*", CUSTOM, Negotiated("json"), id="application-anything-custom"),
        pytest.param("*", CUSTOM, Negotiated("json"), id="star-custom"),
        pytest.param(f"{TABLE},application/json", LIST, Negotiated("json", "Table", "meta.k8s.io", "v1"), id="table"),
        pytest.param(TABLE.replace("v=v1", "v=v1beta1"), LIST,
                     Negotiated("json", "Table", "meta.k8s.io", "v1beta1"), id="table-v1beta1"),
        pytest.param(TABLE.replace("json", "yaml"), LIST,
                     Negotiated("yaml", "Table", "meta.k8s.io", "v1"), id="table-yaml"),
        pytest.param(TABLE.replace("Table", "Nope") + ",application/json", OBJECT, Negotiated("json"), id="nope"),
        pytest.param(f"{PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", LIST,
                     Negotiated("protobuf", "PartialObjectMetadataList", "meta.k8s.io", "v1"), id="metadata-protobuf"),
        pytest.param(f"{PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1", CUSTOM,
                     Negotiated("protobuf", "PartialObjectMetadata", "meta.k8s.io", "v1"), id="metadata-custom"),
        pytest.param("application/json;stream=watch", OBJECT, Negotiated("json", stream="watch"), id="stream-on-get"),
        pytest.param("application/json;charset=utf-8", OBJECT, Negotiated("json"), id="charset"),
        pytest.param("application/json;pretty=1", OBJECT, Negotiated("json", pretty=True), id="pretty"),
        pytest.param("application/json;sv=v1", OBJECT, Negotiated("json"), id="server-version"),
        pytest.param("garbage;;=, application/json", OBJECT, Negotiated("json"), id="garbage-first"),
        pytest.param("application/yaml;stream=watch,application/json", LIST, Negotiated("json"), id="yaml-no-stream"),
    ],
)  # fmt: skip
def test_accepts(accept: str | None, endpoint: Endpoint, expected: Negotiated) -> None:
    assert negotiate(accept, endpoint) == expected


@pytest.mark.parametrize(
    ("accept", "endpoint", "message"),
    [
        pytest.param("application/*", OBJECT, f"406: Not Acceptable\n\nAvailable representations: {ALL}", id="route"),
        pytest.param("garbage;;=", OBJECT, f"406: Not Acceptable\n\nAvailable representations: {ALL}", id="malformed"),
        pytest.param("a/b", LIST, f"406: Not Acceptable\n\nAvailable representations: {ALL}, {STREAMS}", id="list"),
        pytest.param("application/xml", CUSTOM, f"only the following media types are accepted: {ALL}", id="custom"),
        pytest.param(PROTOBUF, CUSTOM, f"only the following media types are accepted: {ALL}", id="custom-protobuf"),
        pytest.param(f"{PROTOBUF};as=Table;g=meta.k8s.io;v=v1", LIST,
                     f"only the following media types are accepted: {ALL}", id="table-of-protobuf"),
        pytest.param("application/json;stream=nope", LIST, f"only the following media types are accepted: {ALL}",
                     id="unknown-stream"),
        pytest.param(TABLE, PLAIN, f"only the following media types are accepted: {ALL}", id="table-of-discovery"),
        pytest.param("application/json;g=meta.k8s.io", OBJECT, f"only the following media types are accepted: {ALL}",
                     id="a-group-alone"),
    ],
)  # fmt: skip
def test_refuses(accept: str, endpoint: Endpoint, message: str) -> None:
    with pytest.raises(StatusError) as raised:
        negotiate(accept, endpoint)
    error = raised.value
    assert (error.code, error.reason, str(error)) == (406, "NotAcceptable", message)
    assert error.details == ({} if message.startswith("406") else None)


def test_watches_are_no_yaml() -> None:
    with pytest.raises(StatusError) as raised:
        negotiate_watch("application/yaml")
    assert str(raised.value) == f"only the following media types are accepted: {STREAMS}"
    assert negotiate_watch("application/yaml;q=0.1,application/json").content_type == "application/json"
    assert negotiate_watch(f"{PROTOBUF};stream=watch").stream_content_type == f"{PROTOBUF};stream=watch"
    assert negotiate_watch("*/*", CUSTOM).stream_content_type == "application/json"


def test_errors_are_plain_objects() -> None:
    assert negotiate_error(PROTOBUF) == Negotiated("protobuf")
    assert negotiate_error(f"{TABLE},application/yaml") == Negotiated("yaml")
    assert negotiate_error("application/json;pretty=1") == Negotiated("json", pretty=True)
    assert negotiate_error(TABLE) is None
    assert negotiate_error("application/xml") is None


@pytest.mark.parametrize(
    ("negotiated", "pretty", "agent", "expected"),
    [
        pytest.param(Negotiated("json"), "", "kubectl/v1", False, id="kubectl"),
        pytest.param(Negotiated("json"), "", "curl/8", True, id="curl"),
        pytest.param(Negotiated("json"), "false", "curl/8", False, id="the-query-goes-before-the-agent"),
        pytest.param(Negotiated("json"), "1", "kubectl/v1", True, id="query"),
        pytest.param(Negotiated("json"), "nonsense", "curl/8", False, id="nonsense"),
        pytest.param(Negotiated("json", pretty=True), "false", "", True, id="header"),
    ],
)
def test_pretty(negotiated: Negotiated, pretty: str, agent: str, expected: bool) -> None:
    assert is_pretty(negotiated, pretty, agent) is expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, "json"),
        ("", "json"),
        ("application/json", "json"),
        ("application/json; charset=utf-8", "json"),
        ("Application/JSON;", "json"),
        ("application/yaml", "yaml"),
        (PROTOBUF, "protobuf"),
        ("text/plain", None),
        ("application/x-www-form-urlencoded", None),
        ("application/json; charset", None),
        ("application/json; a=1; a=2", None),
        ("application/*", None),
        ("nonsense", None),
    ],
)
def test_bodies(content_type: str | None, expected: str | None) -> None:
    if expected is not None:
        assert body_media_type(content_type) == expected
        return
    with pytest.raises(StatusError) as raised:
        body_media_type(content_type)
    assert raised.value.code == 415
    assert str(raised.value) == (
        f"the body of the request was in an unknown format - accepted media types include: {ALL}"
    )


@pytest.mark.parametrize(
    ("content_type", "custom", "expected"),
    [
        pytest.param("application/merge-patch+json", False, "application/merge-patch+json", id="merge"),
        pytest.param("application/merge-patch+json;charset=UTF-8", False, "application/merge-patch+json", id="charset"),
        pytest.param("application/strategic-merge-patch+json", False, "application/strategic-merge-patch+json", id="s"),
        pytest.param("application/apply-patch+yaml", True, "application/apply-patch+yaml", id="apply-custom"),
        pytest.param("application/json", False, "415: Unsupported Media Type", id="json"),
        pytest.param(None, False, "415: Unsupported Media Type", id="none"),
        pytest.param("application/apply-patch+cbor", False, "415: Unsupported Media Type", id="cbor"),
        pytest.param(
            "text/plain, application/merge-patch+json", False,
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
            "application/apply-patch+yaml", id="two",
        ),
        *(
            pytest.param(
                content_type, True,
                "the body of the request was in an unknown format - accepted media types include: "
                "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml", id=name,
            )
            for name, content_type in [
                ("smp-custom", "application/strategic-merge-patch+json"), ("json-custom", "application/json"),
                ("none-custom", None),
            ]
        ),
    ],
)  # fmt: skip
def test_patches(content_type: str | None, custom: bool, expected: str) -> None:
    if expected.startswith("application"):
        assert patch_media_type(content_type, custom) == expected
        return
    with pytest.raises(StatusError) as raised:
        patch_media_type(content_type, custom)
    assert (raised.value.code, str(raised.value)) == (415, expected)


headers = st.lists(
    st.sampled_from([TABLE, PROTOBUF, "application/json", "*/*", "application/*", "a/b;q=0", ";", "*;q=x", "a//"])
).map(",".join)


@given(headers, st.sampled_from([OBJECT, LIST, CUSTOM, PLAIN]))
def test_any_header_is_answered(header: str, endpoint: Endpoint) -> None:
    try:
        found = negotiate(header, endpoint)
    except StatusError as error:
        assert error.code == 406
    else:
        assert found.convert == "" or endpoint.converts
        assert found.media_type != "protobuf" or endpoint.protobuf or found.convert
