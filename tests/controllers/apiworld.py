"""The world of controllers with the API server in process: defaults, validation, finalizers and propagation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import pytest

from minikube_py.api.admission.chain import Admission
from minikube_py.api.allocators import Allocators
from minikube_py.api.catalog import Catalog
from minikube_py.api.local import Lag, LocalClient
from minikube_py.api.registry import Registry
from minikube_py.api.schema.schema import Schema
from minikube_py.client.protocol import Client
from minikube_py.machinery.cause import Ring
from minikube_py.machinery.clock import VirtualClock, rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import EVENTS, NAMESPACES, NODES, PODS, SERVICE_ACCOUNTS
from minikube_py.store import Store
from tests.controllers.conftest import World

LAGS = [pytest.param(0, id="fresh"), pytest.param(12, id="lagging")]


@cache
def schema() -> Schema:
    return Schema("1.36")


def seeded(lag: int, random: Random) -> Lag:
    """Each batch of events comes up to `lag` turns late."""
    return lambda: random.below(lag + 1)


class ApiWorld(World):
    """`client` is the tests' own; `lag` bounds that of the controllers' watches, in turns, drawn from a seed."""

    client: Client  # type: ignore[assignment]

    def __init__(self, lag: int = 0, seed: int = 0) -> None:
        self.clock = VirtualClock()
        self.random = Random(7)
        self.ring = Ring()
        self.store = Store(check_mutations=True)
        self.manager = None
        self.registry = Registry(
            store=self.store,
            catalog=Catalog(schema()),
            clock=self.clock,
            random=self.random.fork("api"),
            admission=Admission(),
            allocators=Allocators("10.96.0.0/12", "30000-32767", self.random),
        )
        self.client = LocalClient(self.registry, lag=seeded(lag, self.random.fork(f"lag {seed}")) if lag else None)

    async def begin(self, *names: str) -> None:
        """Make namespaces with the service accounts that pods need."""
        for name in names or ("default",):
            await self.client.create(NAMESPACES, {"metadata": {"name": name}})
            await self.client.create(SERVICE_ACCOUNTS, {"metadata": {"name": "default", "namespace": name}})


@asynccontextmanager
async def api_world(lag: int = 0, seed: int = 0) -> AsyncIterator[ApiWorld]:
    """With the namespace "default"."""
    world = ApiWorld(lag, seed)
    await world.begin()
    try:
        yield world
    finally:
        await world.stop()


async def add_node(world: ApiWorld, name: str = "node", zone: str = "") -> None:
    labels = {"topology.kubernetes.io/zone": zone} if zone else {}
    await world.client.create(NODES, {"metadata": {"name": name, "labels": labels}})


def pod(name: str, labels: dict[str, str] | None = None, *, node: str = "node", **spec: Any) -> Object:
    container = {"name": "c", "image": "i", "ports": [{"name": "web", "containerPort": 8080}]}
    return {
        "metadata": {"name": name, "namespace": "default", "labels": {"app": "web"} if labels is None else labels},
        "spec": {"containers": [container], "nodeName": node, **spec},
    }


async def run_pod(world: ApiWorld, name: str, ip: str = "", *, ready: bool = True, **status: Any) -> None:
    """Write a pod's status as a kubelet would, as of now."""
    now = rfc3339(world.clock.now())
    body: Object = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": str(ready), "lastTransitionTime": now}],
        **status,
    }
    if ip:
        body |= {"podIP": ip, "podIPs": [{"ip": ip}]}
    await world.client.patch(PODS, "default", name, {"status": body}, subresource="status")


async def events(world: ApiWorld) -> list[str]:
    """Type, reason and message of events, in the order they were made."""
    items = sorted((await world.client.list(EVENTS)).items, key=lambda each: int(each["metadata"]["resourceVersion"]))
    return [f"{each['type']} {each['reason']}: {each['message']}" for each in items]
