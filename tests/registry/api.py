"""Requests and watches of an API server in process, without a socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import orjson

from minikube_py.api.context import ADMIN
from minikube_py.api.reply import Request
from minikube_py.cluster import Cluster
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import Object
from minikube_py.serving import new_server

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
NODES = "/api/v1/nodes"

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass
class Answer:
    status: int
    json: Any
    warnings: list[str]

    @property
    def message(self) -> str:
        return str(self.json["message"])

    @property
    def names(self) -> list[str]:
        return [item["metadata"]["name"] for item in self.json["items"]]


class Stream:
    """A watch under way: what it has sent, and whether it has ended. Implements Send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Object]] = []
        self.task: asyncio.Future[None]

    async def __call__(self, chunk: bytes) -> None:
        for line in chunk.splitlines():
            tree = json.loads(line)
            self.sent.append((tree["type"], tree["object"]))

    def abort(self) -> None:
        self.task.cancel()

    @property
    def ended(self) -> bool:
        return self.task.done()

    async def take(self) -> list[str]:
        """What came since the last time, as "ADDED a=1": type, name, and the value of data.v or label v."""
        await turns()
        taken, self.sent = self.sent, []
        return [told(type, obj) for type, obj in taken]


def told(type: str, obj: Object) -> str:
    if type == "BOOKMARK":
        ending = (obj["metadata"].get("annotations") or {}).get("k8s.io/initial-events-end")
        return f"BOOKMARK {obj['metadata']['resourceVersion']}" + (" end" if ending else "")
    if type == "ERROR":
        return f"ERROR {obj['code']}"
    value = (obj.get("data") or {}).get("v")
    return f"{type} {obj['metadata']['name']}" + (f"={value}" if value is not None else "")


async def turns(number: int = 10) -> None:
    for _ in range(number):
        await next_turn()


class Api:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._server = new_server(cluster.registry, cluster.options.kubernetes_version, lambda: "", False)
        self._streams: list[Stream] = []

    @property
    def revision(self) -> int:
        return self.cluster.store.revision

    async def ask(self, method: str, path: str, body: Any = None, content_type: str = "", **query: Any) -> Answer:
        """A query option's value is written as it is; names may end in an underscore."""
        data = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {"User-Agent": "tests/1.0", "Content-Type": content_type or "application/json"}
        asked = {name.rstrip("_"): str(value) for name, value in query.items()}
        reply = await self._server.answer(Request(method, path, asked, headers, data, ADMIN))
        assert reply.stream is None
        warnings = [value.partition('"')[2][:-1] for name, value in reply.headers if name == "Warning"]
        return Answer(reply.status, json.loads(reply.body) if reply.body.strip() else None, warnings)

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.ask("GET", path, **query)

    async def watch(self, path: str, **query: Any) -> Stream:
        asked = {"watch": "1", **{name: str(value) for name, value in query.items()}}
        reply = await self._server.answer(Request("GET", path, asked, {}, b"", ADMIN))
        assert reply.stream is not None, reply.body
        stream = Stream()
        stream.task = asyncio.ensure_future(reply.stream(stream))
        self._streams.append(stream)
        await turns()
        return stream

    async def stop(self) -> None:
        for stream in self._streams:
            stream.task.cancel()
        await asyncio.gather(*(stream.task for stream in self._streams), return_exceptions=True)

    # Config maps, the plainest objects there are

    async def put(self, name: str, value: str = "", **metadata: Any) -> Object:
        """Create a config map, or replace it."""
        body = {"metadata": {"name": name, **metadata}, "data": {"v": value} if value else {}}
        answer = await self.ask("PUT", f"{MAPS}/{name}", body)
        if answer.status == 404:
            answer = await self.ask("POST", MAPS, body)
        assert answer.status in (200, 201), answer.message
        return dict(answer.json)

    async def remove(self, name: str) -> None:
        answer = await self.ask("DELETE", f"{MAPS}/{name}")
        assert answer.status == 200, answer.message
