"""A control plane of any version, within the test's own event loop and without a port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import orjson
import pytest

from minikube_py.api.context import ADMIN
from minikube_py.api.reply import Reply, Request
from minikube_py.cluster import Cluster
from minikube_py.serving import new_server

Ask = Callable[..., Awaitable[Reply]]
"""ask("GET", "/version"), ask("POST", path, {...}, Accept=...)"""


@pytest.fixture
async def start() -> AsyncIterator[Callable[[int], Awaitable[Ask]]]:
    """Start Kubernetes 1.`minor`."""
    async with AsyncExitStack() as stack:

        async def begin(minor: int) -> Ask:
            version = f"1.{minor}"
            cluster = Cluster(port=None, kubernetes_version=version, controllers="", nodes=0, clock="virtual", seed=1)
            await stack.enter_async_context(cluster)
            server = new_server(cluster.registry, version, lambda: "", True)

            async def ask(method: str, path: str, body: Any = None, **headers: str) -> Reply:
                data = b"" if body is None else orjson.dumps(body)
                path, _, query = path.partition("?")
                parameters = dict(part.partition("=")[::2] for part in query.split("&") if part)
                types = {"Accept": "application/json", "Content-Type": "application/json"}
                return await server.answer(Request(method, path, parameters, types | headers, data, ADMIN))

            return ask

        yield begin
