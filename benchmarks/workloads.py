"""How long it takes until pods run: from the first Deployment's create until all replicas of all are ready."""

from __future__ import annotations

import re
import time

from benchmarks.requests import CONTAINER
from benchmarks.target import Target, body, expect, watch


async def deployments(target: Target, count: int, replicas: int) -> str:
    await target.make_namespace()
    path = target.path("deployments", "/apis/apps/v1")
    watcher = await watch(target, path)
    connection = await target.open()
    names = [f"big-{number}" for number in range(count)]
    begun = time.perf_counter()
    for name in names:
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}
        spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
        await expect(connection, 201, "POST", path, body("Deployment", "apps/v1", {"name": name}, spec=spec))
    waiting = set(names)
    done = re.compile(rb'"metadata":{"name":"([^"]*)"[^\n]*"readyReplicas":%d\b' % replicas)
    rest = b""
    while waiting:
        *events, rest = (rest + await watcher.reader.read(2**20)).split(b"\n")
        waiting -= {found[1].decode() for event in events if (found := done.search(event))}
    took = time.perf_counter() - begun
    watcher.writer.close()
    return f"{took:.2f} s"


async def deployment_500(target: Target) -> str:
    return await deployments(target, 1, 500)


async def deployment_1000(target: Target) -> str:
    return await deployments(target, 1, 1000)


async def pods_10000(target: Target) -> str:
    return await deployments(target, 10, 1000)
