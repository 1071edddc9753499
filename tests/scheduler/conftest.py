from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers.scheduler import SCHEDULER
from tests.scheduler.pods import PodWorld


@pytest.fixture(params=[pytest.param(0, id="fresh"), pytest.param(3, id="lagging")])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[PodWorld]:
    """A world with a scheduler in it."""
    world = PodWorld(lag=request.param)
    await world.begin()
    world.run(SCHEDULER)
    yield world
    await world.stop()
