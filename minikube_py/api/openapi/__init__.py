"""OpenAPI: /openapi/v2 and /openapi/v3, made when they are first asked for and kept until what is served changes.

    /openapi/v2                    Swagger 2.0 of everything, as JSON or gnostic's protobuf
    /openapi/v3                    which documents there are, each with the hash of its content
    /openapi/v3/apis/apps/v1       a group version, with ?hash= for ever

Upstream: kube-openapi/pkg/handler and handler3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from email.utils import formatdate

import orjson

from minikube_py.api.catalog import Catalog
from minikube_py.api.openapi import gnostic
from minikube_py.api.openapi.documents import FIXED, Documents
from minikube_py.api.openapi.swagger import swagger
from minikube_py.api.reply import PLAIN_TEXT, Reply, Request
from minikube_py.api.resource import Resource
from minikube_py.machinery import errors
from minikube_py.machinery.clock import Clock, RealClock

__all__ = ["OpenAPI"]

JSON = "application/json"
V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
V3_PROTOBUF = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"
_YEAR = 365 * 86400


class Document:
    """One document in its forms. `tag` is the upper-case SHA-512 of its JSON."""

    __slots__ = ("_encode", "_protobuf", "json", "tag")

    def __init__(self, json: bytes, encode: Callable[[bytes], bytes]) -> None:
        self.json = json
        self.tag = hashlib.sha512(json).hexdigest().upper()
        self._encode = encode
        self._protobuf: bytes | None = None

    @property
    def protobuf(self) -> bytes:
        """Gnostic's encoding."""
        if self._protobuf is None:
            self._protobuf = self._encode(self.json)
        return self._protobuf


class OpenAPI:
    """Answers the OpenAPI paths of one catalog. `kubernetes` is the version that is served, "1.36"."""

    def __init__(self, catalog: Catalog, kubernetes: str, clock: Clock | None = None) -> None:
        self._catalog = catalog
        self._clock = clock or RealClock()
        self._documents: Documents | None = None
        self._groups: dict[str, tuple[list[Resource], Document]] = {}
        """By path the documents of group versions, with the resources they were made of."""
        self._fixed: dict[str, Document] = {}
        self._v2: Document | None = None
        self._index: Document | None = None
        catalog.listeners.append(self._changed)

    async def answer(self, request: Request) -> Reply | None:
        """None for paths that are not its own. Raises StatusError 405."""
        path = request.path.rstrip("/")
        if not path.startswith("/openapi/"):
            return None
        name = path.removeprefix("/openapi/")
        if name != "v2" and name != "v3" and not name.startswith("v3/"):
            return None
        if request.method not in ("GET", "HEAD"):
            raise errors.method_not_allowed()
        if name == "v2":
            return self._negotiated(request, self.v2(), V2_PROTOBUF)
        if name == "v3":
            index = self.index()
            return self._sent(request, index.json, index.tag, PLAIN_TEXT)
        document = self.v3(name.removeprefix("v3/"))
        if document is None:
            return Reply(404, content_type="")
        moved = self._moved(request, name, document)
        return moved or self._negotiated(request, document, V3_PROTOBUF)

    # -- documents -----------------------------------------------------------------------------------------------

    def index(self) -> Document:
        """What /openapi/v3 lists."""
        if self._index is None:
            paths = {name: {"serverRelativeURL": _url(f"v3/{name}", self.v3(name))} for name in sorted(self._names())}
            self._index = Document(orjson.dumps({"paths": paths}), gnostic.v3)
        return self._index

    def v2(self) -> Document:
        """The Swagger document."""
        if self._v2 is None:
            self._v2 = Document(swagger(self._writer(), self._catalog), gnostic.v2)
        return self._v2

    def v3(self, name: str) -> Document | None:
        """The document "apis/apps/v1"; None if there is none of that name."""
        resources = self._resources().get(name)
        if resources is not None:
            known = self._groups.get(name)
            if known is None or known[0] != resources:
                known = self._groups[name] = (resources, Document(self._writer().group_version(resources), gnostic.v3))
            return known[1]
        if name not in self._names():
            return None
        fixed = self._fixed.get(name)
        if fixed is None:
            fixed = self._fixed[name] = Document(self._writer().fixed(name), gnostic.v3)
        return fixed

    def _names(self) -> set[str]:
        groups = {f"apis/{resource.group}" for resource in self._catalog if resource.group and not resource.custom}
        return {*FIXED, *groups, *self._resources()}

    def _resources(self) -> dict[str, list[Resource]]:
        """By document the resources of a group version."""
        found: dict[str, list[Resource]] = {}
        for resource in self._catalog:
            prefix = f"apis/{resource.group}" if resource.group else "api"
            found.setdefault(f"{prefix}/{resource.version}", []).append(resource)
        return found

    def _writer(self) -> Documents:
        if self._documents is None:
            self._documents = Documents(self._catalog.schema)
        return self._documents

    def _changed(self) -> None:
        self._v2 = self._index = None

    # -- replies -------------------------------------------------------------------------------------------------

    def _negotiated(self, request: Request, document: Document, protobuf: str) -> Reply:
        for media_type in _accepted(request.accept):
            if media_type in (JSON, "application/*", "*/*"):
                return self._sent(request, document.json, document.tag, JSON)
            if media_type in (protobuf, protobuf.replace(".v1.0+", "@v1.0+")):
                return self._sent(request, document.protobuf, document.tag, protobuf)
        return Reply(406, content_type="")

    def _sent(self, request: Request, body: bytes, tag: str, content_type: str) -> Reply:
        headers = [("Etag", f'"{tag}"'), ("Vary", "Accept")]
        if request.query.get("hash"):
            headers.append(("Cache-Control", "public, immutable"))
            headers.append(("Expires", formatdate(self._clock.now() + _YEAR, usegmt=True)))
        if f'"{tag}"' in request.headers.get("If-None-Match", ""):
            return Reply(304, content_type="", headers=headers)
        return Reply(200, body, content_type, headers)

    def _moved(self, request: Request, name: str, document: Document) -> Reply | None:
        """A redirect for those who ask for another content than there is."""
        wanted = request.query.get("hash", "")
        if not wanted or wanted == document.tag:
            return None
        url = _url(name, document)
        body = f'<a href="{url}">Moved Permanently</a>.\n\n'.encode()
        return Reply(301, body, "text/html; charset=utf-8", [("Location", url)])


def _url(name: str, document: Document | None) -> str:
    assert document is not None
    return f"/openapi/{name}?hash={document.tag}"


def _accepted(accept: str | None) -> list[str]:
    """The media types of an Accept header, the most wanted first."""
    clauses: list[tuple[float, str]] = []
    for clause in (accept or "*/*").split(","):
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            clauses.append((float(quality), media_type))
        except ValueError:
            clauses.append((0.0, media_type))
    return [media_type for _, media_type in sorted(clauses, key=lambda each: -each[0])]
