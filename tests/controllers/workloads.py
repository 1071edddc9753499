"""Objects as the server would have defaulted them, and a kubelet in miniature."""

from __future__ import annotations

from typing import Any

from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import DEPLOYMENTS, EVENTS, PODS, REPLICA_SETS
from tests.controllers.conftest import World

LABELS = {"app": "web"}


def template(image: str = "web:1", labels: dict[str, str] | None = None) -> Object:
    return {"metadata": {"labels": labels or LABELS}, "spec": {"containers": [{"name": "web", "image": image}]}}


def replica_set(replicas: int = 1, name: str = "web", **spec: Any) -> Object:
    base: Object = {"replicas": replicas, "selector": {"matchLabels": LABELS}, "template": template()}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {**base, **spec},
    }


def deployment(
    replicas: int = 3, *, surge: int | str = "25%", unavailable: int | str = "25%", name: str = "web", **spec: Any
) -> Object:
    base: Object = {
        "replicas": replicas,
        "selector": {"matchLabels": LABELS},
        "template": template(),
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {**base, **spec},
    }


async def make_ready(world: World, *names: str) -> None:
    """Let the pods (all without names) run and be ready, as of now."""
    for pod in (await world.client.list(PODS)).items:
        if names and pod["metadata"]["name"] not in names:
            continue
        if (pod.get("status") or {}).get("phase") != "Running" and not pod["metadata"].get("deletionTimestamp"):
            when = rfc3339(world.clock.now())
            ready = {"type": "Ready", "status": "True", "lastTransitionTime": when}
            status = {"phase": "Running", "conditions": [ready]}
            await world.client.update(PODS, {**pod, "status": status}, subresource="status")


async def pods(world: World) -> list[Object]:
    return list((await world.client.list(PODS, "default")).items)


async def replica_sets(world: World) -> dict[str, Object]:
    """By the image of their template."""
    items = (await world.client.list(REPLICA_SETS, "default")).items
    return {each["spec"]["template"]["spec"]["containers"][0]["image"]: each for each in items}


async def sizes(world: World) -> dict[str, int]:
    return {image: each["spec"]["replicas"] for image, each in (await replica_sets(world)).items()}


async def get_deployment(world: World, name: str = "web") -> Object:
    return await world.client.get(DEPLOYMENTS, "default", name)


async def patch_deployment(world: World, **spec: Any) -> None:
    await world.client.patch(DEPLOYMENTS, "default", "web", {"spec": spec})


async def set_image(world: World, image: str) -> None:
    await patch_deployment(world, template={"spec": {"containers": [{"name": "web", "image": image}]}})


async def finish(world: World, rounds: int = 50) -> None:
    """Make pods ready, round by round, until nothing changes any more."""
    for _ in range(rounds):
        await world.settle()
        before = world.store.revision
        await make_ready(world)
        await world.settle()
        if world.store.revision == before:
            return
    raise AssertionError("the rollout does not end")


async def events(world: World) -> list[str]:
    """Type, reason and message of events, in the order they were made."""
    items = sorted((await world.client.list(EVENTS)).items, key=lambda each: int(each["metadata"]["resourceVersion"]))
    return [f"{each['type']} {each['reason']}: {each['message']}" for each in items]


def condition(obj: Object, type: str) -> Object:
    return next(each for each in obj["status"]["conditions"] if each["type"] == type)
