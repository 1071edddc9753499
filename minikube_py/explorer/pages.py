"""What the cluster tells and takes besides Kubernetes' own API, under /minikube-py/.

GET  /minikube-py/why?object=pod/NAME&namespace=NS   chains of causes
GET  /minikube-py/trace[?follow=true]                reconciles, one JSON object a line
POST /minikube-py/settle                             answers once everything is done
POST /minikube-py/advance   {"seconds": 60}          moves a virtual clock
POST /minikube-py/nodes/add {"name": "node-4"}       one more simulated node; also remove, stop, start
"""

from __future__ import annotations

import asyncio
from collections import deque

import orjson

from minikube_py.api.reply import Reply, Request, Send
from minikube_py.api.resource import Resource
from minikube_py.cluster import Cluster, Unsettled
from minikube_py.explorer.causes import explanation
from minikube_py.machinery import errors
from minikube_py.machinery.cause import Cause
from minikube_py.store import Key

PREFIX = "/minikube-py/"
NODES = "nodes/"
BACKLOG = 10_000
"""So many reconciles may a slow follower be behind before the oldest are left out."""


class ExplorerPages:
    """Answers the paths above for one cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def answer(self, request: Request) -> Reply | None:
        """None for other paths. Raises StatusError."""
        if not request.path.startswith(PREFIX):
            return None
        name = request.path.removeprefix(PREFIX).strip("/")
        if (request.method, name) == ("GET", "why"):
            return self._why(request)
        if (request.method, name) == ("GET", "trace"):
            return self._trace(request)
        if (request.method, name) == ("POST", "settle"):
            return await self._settle()
        if (request.method, name) == ("POST", "advance"):
            return await self._advance(request)
        if name.startswith(NODES):
            return await self._nodes(request, name.removeprefix(NODES))
        if name in ("why", "trace", "settle", "advance"):
            raise errors.method_not_allowed()
        return None

    def _why(self, request: Request) -> Reply:
        from minikube_py.explorer import bodies

        wanted = bodies.query(bodies.WhyQuery, request.query)
        kind, _, name = wanted.object.partition("/")
        resource = find_resource(self._cluster, kind)
        namespace = wanted.namespace if resource.namespaced else ""
        history = explanation(self._cluster.store, Key(resource.key, namespace, name))
        if not history:
            raise errors.not_found(resource.group_resource, name)
        return Reply(200, orjson.dumps({"history": history}) + b"\n")

    def _trace(self, request: Request) -> Reply:
        from minikube_py.explorer import bodies

        recent = b"".join([_line(cause) for cause in self._cluster.ring.recent])
        if not bodies.query(bodies.TraceQuery, request.query).follow:
            return Reply(200, recent)

        async def follow(send: Send) -> None:
            await self._follow(send, recent)

        return Reply(200, stream=follow)

    async def _follow(self, send: Send, recent: bytes) -> None:
        queue: deque[Cause] = deque(maxlen=BACKLOG)
        woken = asyncio.Event()

        def add(cause: Cause) -> None:
            queue.append(cause)
            woken.set()

        listeners = self._cluster.ring.listeners
        listeners.append(add)
        try:
            await send(recent or b"\n")
            while True:
                await woken.wait()
                woken.clear()
                lines = b"".join([_line(cause) for cause in queue])
                queue.clear()
                if lines:
                    await send(lines)
        finally:
            listeners.remove(add)

    async def _settle(self) -> Reply:
        try:
            await self._cluster.settle()
        except Unsettled as error:
            raise errors.timeout(str(error)) from None
        return Reply(200, orjson.dumps({"revision": self._cluster.store.revision}) + b"\n")

    async def _advance(self, request: Request) -> Reply:
        from minikube_py.explorer import bodies  # not before somebody asks: 50 ms

        wanted = bodies.body(bodies.Advance, request.body)
        try:
            await self._cluster.advance(wanted.seconds)
        except TypeError as error:
            raise errors.bad_request(str(error)) from None
        except Unsettled as error:
            raise errors.timeout(str(error)) from None
        return Reply(200, orjson.dumps({"now": self._cluster.clock.now()}) + b"\n")

    async def _nodes(self, request: Request, verb: str) -> Reply | None:
        from minikube_py.explorer import bodies

        nodes = self._cluster.nodes
        verbs = {"remove": nodes.remove, "stop": nodes.stop, "start": nodes.start}
        if verb != "add" and verb not in verbs:
            return None
        if request.method != "POST":
            raise errors.method_not_allowed()
        if verb == "add":
            new = bodies.body(bodies.NewNode, request.body)
            taints = [each.model_dump(exclude_defaults=True) for each in new.taints]
            node = await nodes.add(new.name, labels=new.labels, taints=taints, capacity=new.capacity)
            return Reply(201, orjson.dumps({"name": node["metadata"]["name"]}) + b"\n")
        named = bodies.body(bodies.NamedNode, request.body)
        await verbs[verb](named.name)
        return Reply(200, orjson.dumps({"name": named.name}) + b"\n")


def _line(cause: Cause) -> bytes:
    return orjson.dumps(cause.to_json()) + b"\n"


def find_resource(cluster: Cluster, word: str) -> Resource:
    """The resource that a user calls `word`, as kubectl understands it. Raises StatusError 404."""
    wanted = word.lower()
    plural, _, group = wanted.partition(".")
    for resource in cluster.registry.catalog:
        names = (resource.plural, resource.singular_name, *resource.short_names)
        if plural in names and (not group or resource.group == group):
            return resource
    raise errors.StatusError(404, "NotFound", f"the server doesn't have a resource type {word!r}")
