"""A small world for controllers: the store, a client, a clock that tests drive, and a manager."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import cache

import pytest

from minikube_py.api.admission.chain import Admission
from minikube_py.api.allocators import Allocators
from minikube_py.api.catalog import Catalog
from minikube_py.api.local import LocalClient
from minikube_py.api.registry import Registry
from minikube_py.api.schema.schema import Schema
from minikube_py.client.protocol import Client
from minikube_py.controllers.runtime import Descriptor, Manager
from minikube_py.machinery.cause import Ring
from minikube_py.machinery.clock import Clock, VirtualClock, next_turn, stopwatch
from minikube_py.machinery.random import Random
from minikube_py.machinery.wellknown import NAMESPACES
from minikube_py.store import Store
from tests.fake_client import FakeClient
from tests.watched_client import WatchedClient

MakeClient = Callable[[Store, Clock, Random, int], Client]


class World:
    """`settle` runs until nothing is left to do without time passing; short back-offs are waited out.

    `make_client` makes the client of the world's store; by default the fake one, whose watches lag by `lag` turns.
    """

    def __init__(self, lag: int = 0, make_client: MakeClient = FakeClient) -> None:
        self.clock = VirtualClock()
        self.random = Random(7)
        self.ring = Ring()
        self.store = Store(check_mutations=True)
        self.client = WatchedClient(make_client(self.store, self.clock, self.random.fork("server"), lag))
        self.manager: Manager | None = None

    def run(self, *descriptors: Descriptor, selection: str = "*") -> Manager:
        self.manager = Manager(self.client, self.clock, self.random, self.ring, stopwatch, descriptors, selection)
        self.manager.start()
        return self.manager

    async def settle(self, turns: int = 20_000, *, retries: bool = True) -> None:
        assert self.manager is not None
        for _ in range(turns):
            await next_turn()
            if self.manager.busy():
                continue
            retry = self.manager.next_retry()
            if not retries or retry is None or retry - self.clock.now() > 1:
                return
            self.clock.advance_to(retry)
        raise AssertionError(f"did not settle: {self.manager.busy()}")

    async def advance(self, seconds: float) -> None:
        """Deadline by deadline, settling at each."""
        end = self.clock.now() + seconds
        await self.settle()
        while (deadline := self.clock.next_deadline()) is not None and deadline <= end:
            self.clock.advance_to(deadline)
            await self.settle()
        self.clock.advance_to(end)

    async def stop(self) -> None:
        if self.manager is not None:
            await self.manager.stop()
        self.store.verify()


def server_client(store: Store, clock: Clock, random: Random, lag: int) -> Client:
    """The API server's own client in process, without admission; each batch of events comes up to `lag` turns late."""
    registry = Registry(
        store=store,
        catalog=_catalog(),
        clock=clock,
        random=random,
        admission=Admission(()),
        allocators=Allocators("10.96.0.0/12"),
    )
    drawn = random.fork("lag")
    return LocalClient(registry, lag=lambda: drawn.below(lag + 1))


@cache
def _catalog() -> Catalog:
    return Catalog(Schema("1.36"))


@pytest.fixture(
    params=[
        pytest.param((0, FakeClient), id="fresh"),
        pytest.param((3, FakeClient), id="lagging"),
        pytest.param((12, server_client), id="server"),
    ]
)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Each test runs with informers that are fresh, with such that lag, and against the API server."""
    lag, make_client = request.param
    world = World(lag, make_client or FakeClient)
    if make_client is server_client:
        await world.client.create(NAMESPACES, {"metadata": {"name": "default"}})
    yield world
    await world.stop()
