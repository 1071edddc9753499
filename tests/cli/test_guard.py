"""What the server refuses whoever calls: other hosts' names, web pages, bodies that are too large or broken."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from tests.served import Served

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"

ALIASES = b"a0: &a0 [x, x]\n" + b"".join(
    b"a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n" % (n, n, n - 1, n - 1, n - 1, n - 1) for n in range(1, 16)
)
"""Two thousand million x in 600 bytes of YAML."""


def send(served: Served, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, Any] | str]:
    """Status and body: a JSON tree, or text."""
    connection = http.client.HTTPConnection("127.0.0.1", int(served.url.rpartition(":")[2]), timeout=20)
    try:
        connection.request(method, path, body or None, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    return response.status, json.loads(text) if response.headers["Content-Type"] == "application/json" else text


@pytest.mark.parametrize(
    "host", ["example.com", "example.com:80", "169.254.169.254", "localhost.example.com", "0.0.0.0"]
)
def test_names_of_other_hosts(served: Served, host: str) -> None:
    forbidden = f"Forbidden: the Host header '{host}' is not a loopback name\n"
    assert send(served, "GET", "/api", Host=host) == (403, forbidden)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:8080", "[::1]"])
def test_names_of_this_host(served: Served, host: str) -> None:
    assert send(served, "GET", "/healthz", Host=host) == (200, "ok")


@pytest.mark.parametrize("origin", ["http://example.com", "http://localhost:8080", "null"])
def test_web_pages(served: Served, origin: str) -> None:
    status, text = send(served, "GET", "/api/v1/secrets", Origin=origin)
    assert status == 403
    assert "Origin" in text


def test_large_bodies(served: Served) -> None:
    body = json.dumps({"metadata": {"name": "large"}, "data": {"a": "x" * 3 * 1024 * 1024}}).encode()
    status, answer = send(served, "POST", CONFIG_MAPS, body)
    assert isinstance(answer, dict)
    assert (status, answer["reason"]) == (413, "RequestEntityTooLarge")
    assert send(served, "GET", "/healthz") == (200, "ok")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="broken"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'"text"', id="text"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(b'{"metadata": {"name": "\xff"}}x', id="not UTF-8 within"),
        pytest.param(b"[" * 100_000, id="deep lists"),
        pytest.param(b'{"a":' * 100_000, id="deep objects"),
        pytest.param(b'{"metadata": ' * 2000 + b"{}" + b"}" * 2000, id="deep and whole"),
        pytest.param(b'{"metadata": {"name": 1e400}}', id="huge number"),
        pytest.param(b'{"metadata": {"generation": ' + b"9" * 10_000 + b"}}", id="huge integer"),
        pytest.param(b"\x00\x01\x02", id="bytes"),
        pytest.param(ALIASES, id="aliases"),
        pytest.param(b'{"metadata": []}', id="of another shape"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "content_type"),
    [
        pytest.param("POST", CONFIG_MAPS, "application/json", id="create"),
        pytest.param("PATCH", "/api/v1/namespaces/default", "application/merge-patch+json", id="merge patch"),
        pytest.param("PATCH", "/api/v1/namespaces/default", "application/json-patch+json", id="json patch"),
        pytest.param("POST", CONFIG_MAPS, "application/vnd.kubernetes.protobuf", id="protobuf"),
        pytest.param("POST", CONFIG_MAPS, "application/yaml", id="yaml"),
    ],
)
def test_broken_bodies(served: Served, method: str, path: str, content_type: str, body: bytes) -> None:
    status, answer = send(served, method, path, body, **{"Content-Type": content_type})
    assert isinstance(answer, dict)
    if method == "POST" or status != 200:  # some patches say that nothing is to be changed
        assert (answer["kind"], answer["status"]) == ("Status", "Failure")
        # What reads as an empty object, and a patch whose outcome is none, is invalid rather than broken.
        assert status in ((400,) if method == "POST" and body not in (b"", b"null") else (400, 422))
    assert "Traceback" not in json.dumps(answer)
    assert send(served, "GET", "/healthz") == (200, "ok")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("POST", "/minikube-py/settle", b"", 200, id="settle"),
        pytest.param("GET", "/minikube-py/settle", b"", 405, id="settle is a POST"),
        pytest.param("POST", "/minikube-py/advance", b'{"seconds": 1}', 400, id="a real clock is not moved"),
        pytest.param("POST", "/minikube-py/advance", b'{"seconds": -1}', 400, id="backwards"),
        pytest.param("POST", "/minikube-py/advance", b"[", 400, id="broken"),
        pytest.param("GET", "/minikube-py/why", b"", 400, id="why of nothing"),
        pytest.param("GET", "/minikube-py/nothing", b"", 404, id="no such page"),
        pytest.param("GET", "/nothing", b"", 404, id="nothing"),
    ],
)
def test_pages(served: Served, method: str, path: str, body: bytes, status: int) -> None:
    assert send(served, method, path, body)[0] == status


def test_whoever_allows_others_is_reached_under_any_name(tmp_path: Path) -> None:
    served = Served(tmp_path, "--insecure-allow-remote")
    assert send(served, "GET", "/healthz", Host="example.com") == (200, "ok")
    assert served.stop() == ""
