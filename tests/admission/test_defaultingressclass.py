"""The default IngressClass."""

from __future__ import annotations

import pytest

from minikube_py.api.admission.defaultingressclass import CLASS_ANNOTATION, DEFAULT_ANNOTATION
from minikube_py.machinery.gvr import GroupVersionResource, Object
from tests.controllers.apiworld import ApiWorld, api_world

CLASSES = GroupVersionResource("networking.k8s.io", "v1", "ingressclasses")
INGRESSES = CLASSES._replace(resource="ingresses")


async def add_class(world: ApiWorld, name: str, default: str = "true") -> None:
    metadata = {"name": name, "annotations": {DEFAULT_ANNOTATION: default}}
    await world.client.create(CLASSES, {"metadata": metadata, "spec": {"controller": "example.com/c"}})


def ingress(annotations: dict[str, str] | None = None, **spec: str) -> Object:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    metadata = {"name": "i", "namespace": "default", "annotations": annotations or {}}
    return {"metadata": metadata, "spec": {"defaultBackend": backend, **spec}}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(ingress(), "new-a", id="the youngest, by name"),
        pytest.param(ingress(ingressClassName="old"), "old", id="named"),
        pytest.param(ingress({CLASS_ANNOTATION: "legacy"}), None, id="named by annotation"),
    ],
)
async def test_the_class_of_an_ingress(asked: Object, expected: str | None) -> None:
    async with api_world() as world:
        await add_class(world, "old")
        world.clock.advance_to(world.clock.now() + 1)
        for name in ("new-b", "new-a"):
            await add_class(world, name)
        await add_class(world, "new-0", "false")
        made = await world.client.create(INGRESSES, asked)
        assert made["spec"].get("ingressClassName") == expected


async def test_without_a_default_class() -> None:
    async with api_world() as world:
        made = await world.client.create(INGRESSES, ingress())
        assert "ingressClassName" not in made["spec"]
