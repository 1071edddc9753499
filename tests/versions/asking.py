"""A control plane of any version, asked within the test's own event loop and without a port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson

from minikube_py.api.context import ADMIN
from minikube_py.api.reply import Reply, Request
from minikube_py.cluster import Cluster
from minikube_py.serving import new_server

Ask = Callable[..., Awaitable[Reply]]
"""ask("GET", "/version"), ask("POST", path, {...}, Accept=...)"""


@asynccontextmanager
async def control_plane(version: str) -> AsyncIterator[Ask]:
    """Kubernetes "1.36", without controllers."""
    async with Cluster(port=None, kubernetes_version=version, controllers="", nodes=0, clock="virtual", seed=1) as each:
        server = new_server(each.registry, version, lambda: "", True)

        async def ask(method: str, path: str, body: Any = None, **headers: str) -> Reply:
            data = b"" if body is None else orjson.dumps(body)
            path, _, query = path.partition("?")
            parameters = dict(part.partition("=")[::2] for part in query.split("&") if part)
            types = {"Accept": "application/json", "Content-Type": "application/json"}
            return await server.answer(Request(method, path, parameters, types | headers, data, ADMIN))

        yield ask


def tree(reply: Reply) -> Any:
    """The JSON of its body."""
    return orjson.loads(reply.body)
