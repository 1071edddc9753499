"""LimitRanges: the defaults that pods get, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.api.admission.limitranger import ANNOTATION
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PODS
from tests.controllers.apiworld import ApiWorld, api_world

LIMIT_RANGES = GroupVersionResource("", "v1", "limitranges")


@pytest.fixture
async def world() -> AsyncIterator[ApiWorld]:
    async with api_world() as world:
        yield world


async def limit(world: ApiWorld, *limits: Object, name: str = "r") -> None:
    made = {"metadata": {"name": name, "namespace": "default"}, "spec": {"limits": list(limits)}}
    await world.client.create(LIMIT_RANGES, made)


def container(name: str = "c", requests: Object | None = None, limits: Object | None = None, **more: Any) -> Object:
    return {"name": name, "image": "i", "resources": {"requests": requests or {}, "limits": limits or {}}, **more}


def pod(*containers: Object, **spec: Any) -> Object:
    return {"metadata": {"name": "p", "namespace": "default"}, "spec": {"containers": list(containers), **spec}}


def of_containers(**amounts: Object) -> Object:
    return {"type": "Container", **amounts}


async def test_defaults(world: ApiWorld) -> None:
    await limit(world, of_containers(default={"cpu": "500m", "memory": "1Gi"}, defaultRequest={"cpu": "100m"}))
    made = await world.client.create(PODS, pod(container(limits={"cpu": "200m"}), initContainers=[container("i")]))
    spec = made["spec"]
    assert spec["containers"][0]["resources"] == {
        "limits": {"cpu": "200m", "memory": "1Gi"},
        "requests": {"cpu": "200m", "memory": "1Gi"},
    }
    assert spec["initContainers"][0]["resources"] == {
        "limits": {"cpu": "500m", "memory": "1Gi"},
        "requests": {"cpu": "100m", "memory": "1Gi"},
    }
    assert made["metadata"]["annotations"][ANNOTATION] == (
        "LimitRanger plugin set: memory request for container c; memory limit for container c; "
        "cpu, memory request for init container i; cpu, memory limit for init container i"
    )


async def test_of_several_ranges_the_first_fills(world: ApiWorld) -> None:
    await limit(world, of_containers(defaultRequest={"cpu": "1"}), name="a")
    await limit(world, of_containers(defaultRequest={"cpu": "2", "memory": "1Gi"}), name="b")
    made = await world.client.create(PODS, pod(container()))
    assert made["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "1", "memory": "1Gi"}}


@pytest.mark.parametrize(
    ("limits", "made", "message"),
    [
        pytest.param(
            of_containers(min={"memory": "2Gi"}),
            pod(container(requests={"memory": "1Gi"})),
            "minimum memory usage per Container is 2Gi, but request is 1Gi",
            id="request below minimum",
        ),
        pytest.param(
            of_containers(max={"cpu": "1"}),
            pod(container(limits={"cpu": "2"})),
            "maximum cpu usage per Container is 1, but limit is 2",
            id="limit above maximum",
        ),
        pytest.param(
            {"type": "Pod", "max": {"cpu": "1"}},
            pod(container()),
            "maximum cpu usage per Pod is 1.  No limit is specified",
            id="no limit",
        ),
        pytest.param(
            {"type": "Pod", "min": {"cpu": "1"}},
            pod(container()),
            "minimum cpu usage per Pod is 1.  No request is specified",
            id="no request",
        ),
        pytest.param(
            {"type": "Pod", "max": {"cpu": "1500m"}},
            pod(container("a", limits={"cpu": "1"}), container("b", limits={"cpu": "1"})),
            "maximum cpu usage per Pod is 1500m, but limit is 2",
            id="containers add up",
        ),
        pytest.param(
            {"type": "Pod", "max": {"cpu": "1"}},
            pod(container(), resources={"limits": {"cpu": "2"}}),
            "maximum cpu usage per Pod is 1, but limit is 2",
            id="of the pod",
        ),
        pytest.param(
            of_containers(maxLimitRequestRatio={"cpu": "2"}),
            pod(container(requests={"cpu": "100m"}, limits={"cpu": "250m"})),
            "cpu max limit to request ratio per Container is 2, but provided ratio is 2.500000",
            id="ratio",
        ),
        pytest.param(
            of_containers(maxLimitRequestRatio={"cpu": "2"}),
            pod(container(requests={"cpu": "1"})),
            "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0",
            id="ratio without limit",
        ),
        pytest.param(
            {"type": "Pod", "max": {"cpu": "1"}, "min": {"cpu": "1"}},
            pod(container()),
            "[minimum cpu usage per Pod is 1.  No request is specified, "
            "maximum cpu usage per Pod is 1.  No limit is specified]",
            id="two problems",
        ),
    ],
)
async def test_refused_pods(world: ApiWorld, limits: Object, made: Object, message: str) -> None:
    await limit(world, limits)
    with pytest.raises(StatusError) as refused:
        await world.client.create(PODS, made)
    assert (refused.value.code, refused.value.message) == (403, f'pods "p" is forbidden: {message}')


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        pytest.param("1Mi", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi", id="little"),
        pytest.param("9Gi", "maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 9Gi", id="much"),
        pytest.param("2Gi", "", id="right"),
    ],
)
async def test_claims(world: ApiWorld, storage: str, message: str) -> None:
    await limit(world, {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}, "max": {"storage": "5Gi"}})
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage}}}
    claim: Object = {"metadata": {"name": "c", "namespace": "default"}, "spec": spec}
    if not message:
        await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim)
        return
    with pytest.raises(StatusError) as refused:
        await world.client.create(PERSISTENT_VOLUME_CLAIMS, claim)
    assert refused.value.message == f'persistentvolumeclaims "c" is forbidden: {message}'


async def test_updates_of_pods_are_free(world: ApiWorld) -> None:
    await world.client.create(PODS, pod(container()))
    await limit(world, {"type": "Pod", "max": {"cpu": "1"}})
    changed = await world.client.patch(PODS, "default", "p", {"metadata": {"labels": {"a": "b"}}})
    assert changed["metadata"]["labels"] == {"a": "b"}
    assert ANNOTATION not in (changed["metadata"].get("annotations") or {})
