"""The publisher of the cluster's CA, with fresh and lagging informers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers.rootcacertpublisher import (
    CONTROLLER,
    DESCRIPTION,
    DESCRIPTION_ANNOTATION,
    NAME,
    desired,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, NAMESPACES
from tests.controllers.apiworld import LAGS, ApiWorld, api_world

SOURCE = {"name": "extension-apiserver-authentication", "namespace": "kube-system"}


def config_map(ca: str, **annotations: str) -> Object:
    return {"metadata": {"name": NAME, "annotations": annotations}, "data": {"ca.crt": ca}}


@pytest.mark.parametrize(
    ("current", "changes"),
    [
        pytest.param(None, True, id="missing"),
        pytest.param(config_map("CA", **{DESCRIPTION_ANNOTATION: "mine"}), False, id="any-description-will-do"),
        pytest.param(config_map("CA"), True, id="no-description"),
        pytest.param(config_map("old", **{DESCRIPTION_ANNOTATION: DESCRIPTION}), True, id="other-ca"),
    ],
)
def test_desired(current: Object | None, changes: bool) -> None:
    made = desired(current, "CA")
    assert (made is not None) == changes
    if made is not None:
        assert made["data"] == {"ca.crt": "CA"}
        assert made["metadata"]["annotations"] == {DESCRIPTION_ANNOTATION: DESCRIPTION}
        assert desired(made, "CA") is None


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.run(CONTROLLER)
        await world.settle()
        yield world


async def get(world: ApiWorld, namespace: str = "default") -> Object:
    return await world.client.get(CONFIG_MAPS, namespace, NAME)


async def test_every_namespace_has_it(world: ApiWorld) -> None:
    await world.client.create(NAMESPACES, {"metadata": {"name": "team"}})
    await world.settle()
    assert (await get(world, "team"))["data"] == {"ca.crt": ""}
    await world.client.delete(CONFIG_MAPS, "default", NAME)
    await world.settle()
    assert (await get(world))["metadata"]["annotations"] == {DESCRIPTION_ANNOTATION: DESCRIPTION}


async def test_changes_are_undone(world: ApiWorld) -> None:
    await world.client.patch(CONFIG_MAPS, "default", NAME, {"data": {"ca.crt": "forged", "more": "x"}})
    await world.settle()
    assert (await get(world))["data"] == {"ca.crt": ""}


async def test_the_clusters_ca_is_published(world: ApiWorld) -> None:
    await world.begin("kube-system")
    await world.client.create(CONFIG_MAPS, {"metadata": SOURCE, "data": {"client-ca-file": "PEM"}})
    await world.settle()
    assert (await get(world))["data"] == {"ca.crt": "PEM"}
    assert (await get(world, "kube-system"))["data"] == {"ca.crt": "PEM"}


async def test_a_terminating_namespace_gets_none(world: ApiWorld) -> None:
    await world.client.create(NAMESPACES, {"metadata": {"name": "team"}})
    await world.settle()
    await world.client.delete(NAMESPACES, "", "team")
    await world.client.delete(CONFIG_MAPS, "team", NAME)
    await world.settle()
    assert list((await world.client.list(CONFIG_MAPS, "team")).items) == []
