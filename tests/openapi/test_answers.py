"""How the OpenAPI paths answer: media types, hashes, caching."""

from __future__ import annotations

import orjson
import pytest
from google.protobuf.empty_pb2 import Empty

from minikube_py.api.catalog import Catalog
from minikube_py.api.context import ADMIN
from minikube_py.api.openapi import OpenAPI, gnostic
from minikube_py.api.reply import Reply, Request
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.errors import StatusError

V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
V3 = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"


@pytest.fixture(scope="module")
def openapi() -> OpenAPI:
    return OpenAPI(Catalog(Schema("1.36")), "1.36", VirtualClock())


async def ask(openapi: OpenAPI, path: str, method: str = "GET", **headers: str) -> Reply:
    path, _, query = path.partition("?")
    parameters = dict([query.split("=")]) if query else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = await openapi.answer(Request(method, path, parameters, named, b"", ADMIN))
    assert reply is not None
    return reply


@pytest.mark.parametrize(
    ("path", "accept", "status", "content_type"),
    [
        pytest.param("/openapi/v2", "", 200, "application/json", id="v2"),
        pytest.param("/openapi/v2", V2, 200, V2, id="v2 as protobuf"),
        pytest.param("/openapi/v2", V2.replace(".v1.0", "@v1.0"), 200, V2, id="v2 as protobuf by its old name"),
        pytest.param("/openapi/v2", f"image/png, {V2};q=0.5, application/json;q=0.1", 200, V2, id="by quality"),
        pytest.param("/openapi/v2", "image/png", 406, "", id="nothing that there is"),
        pytest.param("/openapi/v3", "image/png", 200, "text/plain; charset=utf-8", id="index"),
        pytest.param("/openapi/v3/version", "*/*", 200, "application/json", id="v3"),
        pytest.param("/openapi/v3/version", V3, 200, V3, id="v3 as protobuf"),
        pytest.param("/openapi/v3/apis/nothing/v1", "", 404, "", id="unknown"),
    ],
)
async def test_answers(openapi: OpenAPI, path: str, accept: str, status: int, content_type: str) -> None:
    reply = await ask(openapi, path, **({"Accept": accept} if accept else {}))
    assert (reply.status, reply.content_type) == (status, content_type)
    assert bool(reply.body) == (status == 200)


async def test_other_paths_are_not_its_own(openapi: OpenAPI) -> None:
    for path in ("/version", "/openapi", "/openapi/v4", "/openapi/v2/x"):
        assert await openapi.answer(Request("GET", path, {}, {}, b"", ADMIN)) is None


async def test_documents_are_only_read(openapi: OpenAPI) -> None:
    with pytest.raises(StatusError) as error:
        await ask(openapi, "/openapi/v2", "POST")
    assert error.value.code == 405


async def test_a_document_by_its_hash_may_be_kept_for_ever(openapi: OpenAPI) -> None:
    url = orjson.loads((await ask(openapi, "/openapi/v3")).body)["paths"]["version"]["serverRelativeURL"]
    headers = dict((await ask(openapi, url)).headers)
    assert headers["Cache-Control"] == "public, immutable"
    assert headers["Expires"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    plain = dict((await ask(openapi, "/openapi/v3/version")).headers)
    assert "Cache-Control" not in plain
    assert plain["Etag"] == headers["Etag"]


async def test_a_document_by_another_hash_has_moved(openapi: OpenAPI) -> None:
    reply = await ask(openapi, "/openapi/v3/version?hash=AA")
    document = openapi.v3("version")
    assert document is not None
    assert reply.status == 301
    assert dict(reply.headers)["Location"] == f"/openapi/v3/version?hash={document.tag}"


async def test_what_the_client_has_is_not_sent_again(openapi: OpenAPI) -> None:
    tag = dict((await ask(openapi, "/openapi/v2")).headers)["Etag"]
    reply = await ask(openapi, "/openapi/v2", If_None_Match=tag)
    assert (reply.status, reply.body) == (304, b"")


def test_all_of_gnostics_messages_are_well_formed(openapi: OpenAPI) -> None:
    Empty.FromString(openapi.v2().protobuf)
    document = openapi.v3("api/v1")
    assert document is not None
    Empty.FromString(document.protobuf)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param({"swagger": "2.0"}, b"\n\x032.0", id="version"),
        pytest.param({"info": {"title": "t", "version": "1"}}, b"\x12\x06\n\x01t\x12\x011", id="info"),
        pytest.param(
            {"definitions": {"D": {"type": "string", "x-k": True}}},
            b"J#\n!\n\x01D\x12\x1c\xb2\x01\x08\n\x06string\xfa\x01\x0e\n\x03x-k\x12\x07\x12\x05true\n",
            id="definition",
        ),
        pytest.param(
            {
                "paths": {
                    "/a": {"get": {"parameters": [{"$ref": "#/p"}, {"in": "query", "name": "q", "type": "string"}]}}
                }
            },
            b'B-\x12+\n\x02/a\x12%\x12#B\x07\x12\x05\n\x03#/pB\x18\n\x16\x12\x14\x1a\x12\x12\x05query"\x01q2\x06string',
            id="parameters",
        ),
        pytest.param(
            {"parameters": {"b": {"in": "body", "name": "body", "schema": {"$ref": "#/d"}}}},
            b"R\x1c\n\x1a\n\x01b\x12\x15\n\x13\x12\x04body\x1a\x04body*\x05\n\x03#/d",
            id="body",
        ),
        pytest.param({"security": [{"B": []}]}, b"b\x07\n\x05\n\x01B\x12\x00", id="security"),
    ],
)
def test_gnostic_v2(tree: dict[str, object], expected: bytes) -> None:
    assert gnostic.v2(orjson.dumps(tree)) == expected


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        pytest.param(
            {"components": {"schemas": {"S": {"allOf": [{"$ref": "#/r"}], "default": {}}}}},
            b"*\x18\n\x16\n\x14\n\x01S\x12\x0f\n\r\xd2\x01\x07\x12\x05\n\x03#/r\x8a\x02\x00",
            id="schema",
        ),
        pytest.param(
            {"paths": {"/a": {"get": {"responses": {"200": {"description": "OK"}}}}}},
            b'"\x1b\n\x19\n\x02/a\x12\x13"\x11B\x0f\x12\r\n\x03200\x12\x06\n\x04\n\x02OK',
            id="response",
        ),
    ],
)
def test_gnostic_v3(tree: dict[str, object], expected: bytes) -> None:
    assert gnostic.v3(orjson.dumps(tree)) == expected
