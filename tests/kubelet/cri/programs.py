"""Clusters with programs, and what is seen of these from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from minikube_py.api.nodes import LogOptions
from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.shell.endings import Gathered
from minikube_py.images import Container, Program
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.streams import Streams
from minikube_py.machinery.wellknown import PODS


@asynccontextmanager
async def cluster_with(**images: Program | None) -> AsyncIterator[Cluster]:
    async with Cluster(port=None, clock="virtual", nodes=2, images=images) as cluster:
        yield cluster


def pod(name: str, image: str, *, restart: str = "Always", labels: dict[str, str] | None = None, **rest: Any) -> Object:
    spec = {"restartPolicy": restart, "containers": [{"name": "c", "image": image, **rest}]}
    return {"metadata": {"name": name, "namespace": "default", "labels": labels or {}}, "spec": spec}


async def log_of(cluster: Cluster, name: str, **options: Any) -> str:
    found = await cluster.client.get(PODS, "default", name)
    pieces = await cluster.registry.nodes.logs(found, LogOptions("c", **options))
    return b"".join([piece async for piece in pieces]).decode()


async def state_of(cluster: Cluster, name: str) -> Object:
    found = await cluster.client.get(PODS, "default", name)
    status: Object = found["status"]["containerStatuses"][0]
    return status


async def forever(container: Container) -> None:
    container.print("up")
    await container.forever()


async def run_in(cluster: Cluster, name: str, *command: str) -> tuple[int, str]:
    """The exit code and everything that it says."""
    said = Gathered()
    found = await cluster.client.get(PODS, "default", name)
    run = await cluster.registry.nodes.exec(found, "c", command)
    return await run(Streams(stdout=said, stderr=said)), said.data.decode()
