from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.scheduler.pods import PodWorld


@pytest.fixture(params=[pytest.param(0, id="fresh"), pytest.param(3, id="lagging")])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[PodWorld]:
    """A world in which no kubelet runs yet."""
    world = PodWorld(lag=request.param)
    await world.begin()
    yield world
    await world.stop()
