"""How many requests a second are answered, and events delivered."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from benchmarks.target import Target, body, expect, watch
from benchmarks.wire import Connection

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
CONTAINER = {"name": "c", "image": "registry.k8s.io/pause:3.10", "resources": {"requests": {"cpu": "1m"}}}


async def _make_config_map(path: str, number: int, connection: Connection) -> None:
    data = body("ConfigMap", "v1", {"name": f"c-{number}"}, data={"key": "value", "other": "x" * 100})
    await expect(connection, 201, "POST", path, data)


async def _make_pod(path: str, number: int, connection: Connection) -> None:
    """One that stays pending."""
    spec = {"containers": [CONTAINER], "schedulerName": "nobody"}
    await expect(connection, 201, "POST", path, body("Pod", "v1", {"name": f"p-{number}"}, spec=spec))


async def creates(target: Target) -> str:
    await target.make_namespace()
    make = partial(_make_config_map, target.path("configmaps"))
    return f"{await target.rate(5000, make):,.0f}/s"


async def gets(target: Target, objects: int = 5000) -> str:
    await target.make_namespace()
    path = target.path("configmaps")
    await target.rate(objects, partial(_make_config_map, path))

    async def get(number: int, connection: Connection) -> None:
        await expect(connection, 200, "GET", f"{path}/c-{number % objects}")

    return f"{await target.rate(3 * objects, get):,.0f}/s"


async def lists(target: Target, accept: str = "application/json") -> str:
    await target.make_namespace()
    path = target.path("pods")
    await target.rate(1000, partial(_make_pod, path))

    async def one(number: int, connection: Connection) -> None:
        await expect(connection, 200, "GET", path, Accept=accept)

    return f"{await target.rate(200, one):,.0f}/s"


async def tables(target: Target) -> str:
    return await lists(target, TABLE)


async def fan_out(target: Target, watchers: int = 100, writes: int = 200) -> str:
    """So many watchers of one namespace, so many writes."""
    await target.make_namespace()
    path = target.path("configmaps")
    watching = [await watch(target, path) for _ in range(watchers)]

    async def drain(connection: Connection) -> None:
        seen = 0
        while seen < writes:
            seen += (await connection.reader.read(2**20)).count(b'{"type":"')

    drains = [asyncio.create_task(drain(connection)) for connection in watching]
    writer = await target.open()
    begun = time.perf_counter()
    for number in range(writes):
        await _make_config_map(path, number, writer)
    await asyncio.gather(*drains)
    took = time.perf_counter() - begun
    for connection in watching:
        connection.writer.close()
    return f"{watchers * writes / took:,.0f} events/s"
