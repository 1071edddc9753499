"""Pods that are changed in a way that their node's kubelet may not know."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.machinery.declaredfeatures import (
    ALL,
    INIT_RESIZE,
    POD_LEVEL_RESIZE,
    declared,
    needed_to_change,
)
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES, PODS
from tests.controllers.apiworld import api_world


def container(cpu: str, **fields: Any) -> Object:
    amounts = {"cpu": cpu, "memory": "1Gi"}
    return {"name": "a", "image": "a", "resources": {"requests": amounts, "limits": amounts}, **fields}


def pod(cpu: str = "1", init: str = "1", **spec: Any) -> Object:
    containers = {"containers": [container(cpu)], "initContainers": [container(init, name="i")]}
    return {"spec": {**containers, **spec}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(pod(), pod(), [], id="nothing"),
        pytest.param(pod(), pod("2"), [], id="a-container"),
        pytest.param(pod(), pod(init="2"), [INIT_RESIZE], id="init-container"),
        pytest.param(pod(), pod("2", "2", resources={}), [POD_LEVEL_RESIZE, INIT_RESIZE], id="all"),
        pytest.param(
            pod(initContainers=[container("1", restartPolicy="Always")]),
            pod(initContainers=[container("2", restartPolicy="Always")]),
            [],
            id="a-sidecar",
        ),
    ],
)
def test_what_a_change_needs(old: Object, new: Object, expected: list[str]) -> None:
    assert needed_to_change(old, new) == expected


def test_who_declares_what() -> None:
    assert declared(35) == [] and declared(36) == sorted(ALL)


@pytest.mark.parametrize("declared", [[], [INIT_RESIZE]])
async def test_a_resize_of_an_init_container(declared: list[str]) -> None:
    async with api_world() as world:
        allocatable = {"cpu": "8", "memory": "8Gi", "pods": "10"}
        status = {"allocatable": allocatable, "declaredFeatures": declared}
        await world.client.create(NODES, {"metadata": {"name": "node-1"}, "status": status})
        spec = {**pod()["spec"], "nodeName": "node-1"}
        await world.client.create(PODS, {"metadata": {"name": "a", "namespace": "default"}, "spec": spec})
        asked = {"spec": {"initContainers": [container("2", name="i")]}}
        resize = world.client.patch(PODS, "default", "a", asked, patch_type=STRATEGIC_MERGE_PATCH, subresource="resize")
        if declared:
            assert (await resize)["spec"]["initContainers"][0]["resources"]["requests"]["cpu"] == "2"
            return
        why = f'pod update requires features {INIT_RESIZE} which are not available on node "node-1"'
        with pytest.raises(StatusError) as raised:
            await resize
        assert str(raised.value) == f'pods "a" is forbidden: {why}'
