"""PodCertificateRequests that go."""

from __future__ import annotations

import pytest

from minikube_py.controllers.podcertificaterequestcleaner import (
    CONTROLLER,
    LIFETIME,
    POD_CERTIFICATE_REQUESTS,
    new,
    time_left,
)
from minikube_py.controllers.runtime import Descriptor
from minikube_py.machinery.clock import parse_rfc3339
from tests.controllers.apiworld import LAGS, api_world
from tests.controllers.conftest import World

NOW = parse_rfc3339("2026-01-01T00:10:00Z")


@pytest.mark.parametrize(
    ("created", "left"),
    [
        pytest.param("2026-01-01T00:10:00Z", LIFETIME, id="new"),
        pytest.param("2026-01-01T00:00:00Z", 300, id="ten minutes old"),
        pytest.param("2025-12-31T23:50:00Z", -300, id="too old"),
    ],
)
def test_time_left(created: str, left: float) -> None:
    assert time_left({"metadata": {"creationTimestamp": created}}, NOW) == left


@pytest.mark.parametrize("lag", [0, 3])
async def test_they_go(lag: int) -> None:
    world = World(lag)
    world.run(Descriptor(CONTROLLER.name, new))
    await world.client.create(POD_CERTIFICATE_REQUESTS, {"metadata": {"name": "r", "namespace": "default"}})
    await world.advance(LIFETIME - 1)
    assert len((await world.client.list(POD_CERTIFICATE_REQUESTS)).items) == 1
    await world.advance(1)
    assert list((await world.client.list(POD_CERTIFICATE_REQUESTS)).items) == []
    await world.stop()


@pytest.mark.parametrize("lag", LAGS)
async def test_older_versions_have_none(lag: int) -> None:
    async with api_world(lag) as world:
        world.run(CONTROLLER)
        await world.settle()
