"""A Client over HTTP: the same controllers against any API server that plain HTTP, or a session that
authenticates, can reach.

    async with HTTPClient("http://127.0.0.1:8080") as client:
        pods = await client.list(PODS, "default")
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Literal

import aiohttp
import orjson

from minikube_py.client.protocol import MERGE_PATCH, DiscoveredResource, ObjectList, WatchEvent
from minikube_py.machinery.errors import StatusError, from_status
from minikube_py.machinery.gvr import GroupResource, GroupVersionResource, Object

Propagation = Literal["", "Background", "Foreground", "Orphan"]

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_MAX_LINE = 16 * 1024 * 1024
"""The longest watch event taken, in bytes."""


class HTTPWatch:
    """A watch's stream, read into a queue by a task of its own."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._events: deque[WatchEvent] = deque()
        self._error: StatusError | None = None
        self._woken = asyncio.Event()
        self._ended = False
        self._task = asyncio.get_running_loop().create_task(self._read())

    @property
    def pending(self) -> bool:
        """Whether events have come that the reader has not got; what is still on the wire nobody knows."""
        return bool(self._events)

    async def next(self) -> Sequence[WatchEvent]:
        while not self._events:
            if self._error is not None:
                raise self._error
            if self._ended:
                return ()
            self._woken.clear()
            await self._woken.wait()
        batch = tuple(self._events)
        self._events.clear()
        return batch

    def stop(self) -> None:
        self._ended = True
        self._events.clear()
        self._task.cancel()
        self._response.close()
        self._woken.set()

    async def _read(self) -> None:
        try:
            rest = b""
            async for chunk in self._response.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > _MAX_LINE:
                    raise StatusError(500, "InternalError", f"a watch event of more than {_MAX_LINE} bytes")
                for line in lines:
                    if line.strip():
                        self._take(orjson.loads(line))
                self._woken.set()
        except (aiohttp.ClientError, ConnectionError):
            pass  # the stream has ended: the informer lists and watches anew
        except StatusError as error:
            self._error = error
        finally:
            self._ended = True
            self._woken.set()

    def _take(self, event: Object) -> None:
        if event["type"] == "ERROR":
            raise from_status(event["object"])
        self._events.append(WatchEvent(event["type"], event["object"]))


class HTTPClient:
    """Implements client.protocol.Client. Enter it, or close it in the end."""

    def __init__(
        self, url: str, user_agent: str = "minikube-py", *, session: aiohttp.ClientSession | None = None
    ) -> None:
        """`session` may carry what the server asks for: headers, TLS, cookies; it is then the caller's to close."""
        self._url = url.rstrip("/")
        self._user_agent = user_agent
        self._session = session
        self._own = session is None

    async def __aenter__(self) -> HTTPClient:
        self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._own and self._session is not None:
            await self._session.close()
            self._session = None

    def as_user_agent(self, user_agent: str) -> HTTPClient:
        return HTTPClient(self._url, user_agent, session=self._open())

    # The verbs

    async def discover(self) -> Sequence[DiscoveredResource]:
        found: list[DiscoveredResource] = []
        preferred: set[GroupResource] = set()
        for root in ("/api", "/apis"):
            document = await self._call("GET", root, {}, headers={"Accept": _AGGREGATED})
            for group in document["items"]:
                name = (group.get("metadata") or {}).get("name", "")
                for version in group["versions"]:
                    for row in version.get("resources") or []:
                        found.append(_discovered(name, version["version"], row, preferred))
        return found

    async def get(self, resource: GroupVersionResource, namespace: str, name: str, *, subresource: str = "") -> Object:
        return await self._call("GET", _path(resource, namespace, name, subresource), {})

    async def list(
        self,
        resource: GroupVersionResource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ObjectList:
        query = {
            "labelSelector": label_selector,
            "fieldSelector": field_selector,
            "resourceVersion": resource_version,
            "limit": str(limit) if limit else "",
            "continue": continue_token,
        }
        page = await self._call("GET", _path(resource, namespace or ""), query)
        head = {"kind": page["kind"].removesuffix("List"), "apiVersion": page["apiVersion"]}
        # Items of built-in kinds come without kind and apiVersion.
        items = [item if "kind" in item else {**head, **item} for item in page["items"] or []]
        meta = page["metadata"]
        revision = meta.get("resourceVersion", "")
        return ObjectList(items, revision, meta.get("continue", ""), meta.get("remainingItemCount"))

    async def watch(
        self,
        resource: GroupVersionResource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
    ) -> HTTPWatch:
        query = {
            "watch": "true",
            "labelSelector": label_selector,
            "fieldSelector": field_selector,
            "resourceVersion": resource_version,
        }
        response = await self._request("GET", _path(resource, namespace or ""), query, b"", {})
        if response.status != 200:
            raise _error(response.status, await response.read())
        return HTTPWatch(response)

    async def create(
        self,
        resource: GroupVersionResource,
        obj: Object,
        *,
        namespace: str = "",
        name: str = "",
        subresource: str = "",
        dry_run: bool = False,
    ) -> Object:
        where = namespace or _namespace(obj)
        path = _path(resource, where, name if subresource else "", subresource)
        return await self._call("POST", path, _dry(dry_run), orjson.dumps(obj))

    async def update(
        self, resource: GroupVersionResource, obj: Object, *, subresource: str = "", dry_run: bool = False
    ) -> Object:
        path = _path(resource, _namespace(obj), obj["metadata"]["name"], subresource)
        return await self._call("PUT", path, _dry(dry_run), orjson.dumps(obj))

    async def patch(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        patch: Any,
        *,
        patch_type: str = MERGE_PATCH,
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Object:
        query = {**_dry(dry_run), "fieldManager": field_manager, "force": "true" if force else ""}
        headers = {"Content-Type": patch_type}
        return await self._call(
            "PATCH", _path(resource, namespace, name, subresource), query, orjson.dumps(patch), headers
        )

    async def delete(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        *,
        grace_period: int | None = None,
        propagation: Propagation = "",
        uid: str = "",
        resource_version: str = "",
        dry_run: bool = False,
    ) -> Object:
        options: Object = {"kind": "DeleteOptions", "apiVersion": "v1"}
        if grace_period is not None:
            options["gracePeriodSeconds"] = grace_period
        if propagation:
            options["propagationPolicy"] = propagation
        preconditions = {"uid": uid, "resourceVersion": resource_version}
        if any(preconditions.values()):
            options["preconditions"] = {key: value for key, value in preconditions.items() if value}
        if dry_run:
            options["dryRun"] = ["All"]
        return await self._call("DELETE", _path(resource, namespace, name), {}, orjson.dumps(options))

    async def delete_collection(
        self,
        resource: GroupVersionResource,
        namespace: str | None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        propagation: Propagation = "",
    ) -> Object:
        query = {
            "labelSelector": label_selector,
            "fieldSelector": field_selector,
            "propagationPolicy": propagation,
        }
        return await self._call("DELETE", _path(resource, namespace or ""), query)

    # Inside

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_connect=10))
        return self._session

    async def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Object:
        """The answer's JSON. Raises StatusError."""
        response = await self._request(method, path, query, body, headers or {})
        answer = await response.read()
        if response.status >= 400:
            raise _error(response.status, answer)
        tree: Object = orjson.loads(answer)
        return tree

    async def _request(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: bytes,
        headers: dict[str, str],
    ) -> aiohttp.ClientResponse:
        sent = {"Accept": "application/json", "User-Agent": self._user_agent}
        if body:
            sent["Content-Type"] = "application/json"
        given = {key: value for key, value in query.items() if value}
        try:
            return await self._open().request(
                method, self._url + path, params=given, data=body or None, headers={**sent, **headers}
            )
        except aiohttp.ClientError as error:
            raise StatusError(503, "ServiceUnavailable", f"{method} {self._url}{path}: {error}") from None


def _path(resource: GroupVersionResource, namespace: str, name: str = "", subresource: str = "") -> str:
    prefix = f"/apis/{resource.group}" if resource.group else "/api"
    parts = [f"{prefix}/{resource.version}"]
    if namespace:
        parts.append(f"namespaces/{namespace}")
    parts += [part for part in (resource.resource, name, subresource) if part]
    return "/".join(parts)


def _namespace(obj: Object) -> str:
    return str((obj.get("metadata") or {}).get("namespace", ""))


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _discovered(group: str, version: str, row: Object, preferred: set[GroupResource]) -> DiscoveredResource:
    resource = GroupVersionResource(group, version, row["resource"])
    first = resource.group_resource not in preferred
    preferred.add(resource.group_resource)
    kind = row["responseKind"]["kind"]
    return DiscoveredResource(resource, kind, row["scope"] == "Namespaced", frozenset(row["verbs"]), first)


def _error(status: int, body: bytes) -> StatusError:
    with contextlib.suppress(ValueError):
        tree = orjson.loads(body)
        if isinstance(tree, dict) and tree.get("kind") == "Status":
            return from_status({"code": status, **tree})
    return StatusError(status, "", body.decode(errors="replace").strip())
