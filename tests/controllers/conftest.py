"""A small world for controllers: the store, a client, a clock that tests drive, and a manager."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from minikube_py.client.protocol import Client
from minikube_py.controllers.runtime import Descriptor, Manager
from minikube_py.machinery.cause import Ring
from minikube_py.machinery.clock import Clock, VirtualClock, next_turn, stopwatch
from minikube_py.machinery.random import Random
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
        self.manager = Manager(
            self.client, self.clock, self.random, self.ring, stopwatch, descriptors, selection
        )
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


@pytest.fixture(params=[pytest.param(0, id="fresh"), pytest.param(3, id="lagging")])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """Each test runs with informers that are fresh, and with such that lag."""
    world = World(lag=request.param)
    yield world
    await world.stop()


