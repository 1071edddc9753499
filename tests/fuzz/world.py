"""A control plane that takes requests in process and tells when something went wrong inside."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

import orjson

from minikube_py.api.context import ADMIN
from minikube_py.api.reply import Reply, Request
from minikube_py.api.server import Server
from minikube_py.cluster import Cluster
from minikube_py.machinery.clock import next_turn
from minikube_py.serving import new_server

VERSION = "1.36"
STREAM_TURNS = 5
"""So many turns of the loop is a stream read."""


class _Failures(logging.Handler):
    """What the server logs as its own failure."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(logging.Formatter().format(record))


class _Reader:
    """Implements Send."""

    def __init__(self) -> None:
        self.data = b""

    async def __call__(self, chunk: bytes) -> None:
        self.data += chunk

    def abort(self) -> None:
        raise AssertionError("cut off")


class World:
    def __init__(self, cluster: Cluster, server: Server, failures: _Failures) -> None:
        self.cluster = cluster
        self._server = server
        self._failures = failures
        self.streamed = b""
        """What the last request's stream sent."""

    async def ask(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: Any) -> Reply:
        """Raises AssertionError if the server failed within, or sent what is no answer."""
        data = body if isinstance(body, bytes) else b"" if body is None else _encoded(body)
        reply = await self._server.answer(Request(method, unquote(path), query, headers, data, ADMIN))
        self.streamed = b""
        if reply.stream is not None:
            reader = _Reader()
            task = asyncio.ensure_future(reply.stream(reader))
            for _ in range(STREAM_TURNS):
                await next_turn()
            if not task.done():
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.streamed = reader.data
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        assert not self._failures.found, self._failures.found[0]
        assert 200 <= reply.status < 600
        if reply.content_type == "application/json" and reply.body and reply.stream is None:
            orjson.loads(reply.body)
        return reply

    async def check(self) -> None:
        """Raises AssertionError or Mutated unless the store is as it should be: every object whole, every list read."""
        self.cluster.store.verify()
        for resource in list(self.cluster.registry.catalog):
            if "list" not in resource.verbs:
                continue
            prefix = "/apis" if resource.group else "/api"
            path = f"{prefix}/{resource.api_version}/{resource.plural}"
            for accept in ("application/json", "application/json;as=Table;v=v1;g=meta.k8s.io"):
                assert (await self.ask("GET", path, {}, {"Accept": accept}, None)).status == 200, path


def _encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    failures = _Failures()
    log = logging.getLogger("minikube_py")
    log.addHandler(failures)
    log.propagate = False
    try:
        options: dict[str, Any] = {"kubernetes_version": VERSION, "clock": "virtual", "seed": 1, "nodes": 0}
        async with Cluster(port=None, controllers="", check_mutations=True, **options) as cluster:
            yield World(cluster, new_server(cluster.registry, VERSION, lambda: "", True), failures)
    finally:
        log.propagate = True
        log.removeHandler(failures)
