"""Random lives of a cluster - changes, time, snapshots, restores in any order - all come to what was last asked for."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from minikube_py.cluster import Cluster
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.meta import controller_of, is_deleting, name, uid
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import DEPLOYMENTS, ENDPOINT_SLICES, NODES, PODS, REPLICA_SETS, SERVICES
from minikube_py.store import Snapshot
from tests.cluster.workloads import deployment, service

T = TypeVar("T")
STEPS = 25
LONG = 700.0
"""Seconds after which even a deployment's progress deadline is past."""


class Walk:
    """One step after another; what is refused is refused."""

    def __init__(self, cluster: Cluster, random: Random) -> None:
        self.cluster = cluster
        self.client = cluster.client
        self._random = random
        self._snapshots: list[Snapshot] = []
        self._steps: list[Callable[[str], Awaitable[object]]] = [
            self.create,
            self.create,
            self.delete,
            self.scale,
            self.roll,
            self.kill,
            self.cordon,
            self.serve,
            self.unserve,
            self.snapshot,
            self.restore,
            self.wait,
            self.wait,
            self.turn,
        ]

    def one_of(self, *choices: T) -> T:
        return choices[self._random.below(len(choices))]

    async def step(self) -> None:
        with contextlib.suppress(StatusError):
            await self.one_of(*self._steps)(self.one_of("a", "b", "c"))

    async def create(self, it: str) -> None:
        await self.client.create(DEPLOYMENTS, deployment(it, self.one_of(0, 1, 2, 4)))

    async def delete(self, it: str) -> None:
        propagation = self.one_of("Foreground", "Background", "Orphan", "")
        await self.client.delete(DEPLOYMENTS, "default", it, propagation=propagation)  # type: ignore[arg-type]

    async def scale(self, it: str) -> None:
        await self.client.patch(DEPLOYMENTS, "default", it, {"spec": {"replicas": self.one_of(0, 1, 3, 6)}})

    async def roll(self, it: str) -> None:
        spec = {"containers": [{"name": "c", "image": self.one_of("i:1", "i:2", "i:3")}]}
        await self.client.patch(DEPLOYMENTS, "default", it, {"spec": {"template": {"spec": spec}}})

    async def kill(self, _: str) -> None:
        if pods := (await self.client.list(PODS)).items:
            await self.client.delete(PODS, "default", name(self.one_of(*pods)), grace_period=self.one_of(None, 0, 5))

    async def cordon(self, _: str) -> None:
        node = name(self.one_of(*(await self.client.list(NODES)).items))
        await self.client.patch(NODES, "", node, {"spec": {"unschedulable": self.one_of(True, False, False)}})

    async def serve(self, it: str) -> None:
        await self.client.create(SERVICES, service(it))

    async def unserve(self, it: str) -> None:
        await self.client.delete(SERVICES, "default", it)

    async def snapshot(self, _: str) -> None:
        self._snapshots.append(self.cluster.snapshot())

    async def restore(self, _: str) -> None:
        if self._snapshots:
            await self.cluster.restore(self.one_of(*self._snapshots))

    async def wait(self, _: str) -> None:
        await self.cluster.advance(self.one_of(0, 1, 5, 30, 120))

    async def turn(self, _: str) -> None:
        for _turn in range(self.one_of(1, 2, 5, 17)):
            await next_turn()

    async def end(self) -> None:
        for node in (await self.client.list(NODES)).items:
            await self.client.patch(NODES, "", name(node), {"spec": {"unschedulable": False}})
        await self.cluster.advance(LONG)


async def check(cluster: Cluster) -> None:
    client = cluster.client
    for each in (await client.list(DEPLOYMENTS)).items:
        wanted, status = each["spec"]["replicas"], each["status"]
        assert status["observedGeneration"] == each["metadata"]["generation"]
        assert (status.get("readyReplicas", 0), status.get("updatedReplicas", 0)) == (wanted, wanted), name(each)
    sets = {uid(each): each for each in (await client.list(REPLICA_SETS)).items}
    pods = (await client.list(PODS)).items
    assert not [name(pod) for pod in pods if is_deleting(pod) or pod["status"]["phase"] != "Running"]
    assert len({pod["status"]["podIP"] for pod in pods}) == len(pods)
    owned = Counter(str(owner["uid"]) for pod in pods if (owner := controller_of(pod)) is not None)
    assert owned == {key: each["spec"]["replicas"] for key, each in sets.items() if each["spec"]["replicas"]}
    services = (await client.list(SERVICES)).items
    assert len({each["spec"]["clusterIP"] for each in services}) == len(services)
    slices = (await client.list(ENDPOINT_SLICES)).items
    served = Counter[str]()
    for each in slices:
        served[each["metadata"]["labels"]["kubernetes.io/service-name"]] += len(each.get("endpoints") or [])
    for each in services:
        if name(each) != "kubernetes":
            assert served[name(each)] == sum(pod["metadata"]["labels"].get("app") == name(each) for pod in pods)


@pytest.mark.parametrize("lag", [pytest.param(0, id="fresh"), pytest.param(3, id="lagging")])
@pytest.mark.parametrize("seed", range(8))
async def test_it_always_comes_to_what_was_asked_for(seed: int, lag: int) -> None:
    options = {"port": None, "seed": seed, "lag": lag, "clock": "virtual", "check_mutations": True}
    async with Cluster(**options) as cluster:  # type: ignore[arg-type]
        await cluster.settle()
        walk = Walk(cluster, Random(seed))
        for _ in range(STEPS):
            await walk.step()
        await walk.end()
        assert cluster.busy() == []
        await check(cluster)
        cluster.store.verify()
