"""A busy life of a cluster, and what is left of it."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from typing import Any

from minikube_py.cluster import Cluster
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import controller_of
from minikube_py.machinery.wellknown import DEPLOYMENTS, NODES, PODS, REPLICA_SETS, SERVICES


def deployment(name: str, replicas: int = 3, image: str = "app:1") -> Object:
    container = {"name": "c", "image": image, "ports": [{"containerPort": 80}]}
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


def service(name: str, **spec: Any) -> Object:
    spec = {"selector": {"app": name}, "ports": [{"port": 80}], **spec}
    return {"metadata": {"name": name, "namespace": "default"}, "spec": spec}


async def live(cluster: Cluster) -> None:
    """Roll out, fail, scale, delete, and let time pass."""
    client = cluster.client
    await client.create(SERVICES, service("web"))
    await client.create(DEPLOYMENTS, deployment("web"))
    await client.create(DEPLOYMENTS, deployment("db", 2))
    await cluster.settle()
    new = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "app:2"}]}}}}
    await client.patch(DEPLOYMENTS, "default", "web", new)
    await cluster.advance(20)
    await client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 5}})
    await client.delete(DEPLOYMENTS, "default", "db", propagation="Foreground")
    node = (await client.list(NODES)).items[0]["metadata"]["name"]
    await client.patch(NODES, "", node, {"spec": {"unschedulable": True}})
    await cluster.advance(60)
    await client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 7}})
    await cluster.advance(60)


def history(cluster: Cluster) -> list[tuple[Any, ...]]:
    """Every write and who made it."""
    return [
        (write.revision, write.type, *write.key, write.cause.actor if write.cause else "")
        for write in cluster.store.journal
    ]


def objects(cluster: Cluster) -> dict[tuple[str, str, str], bytes]:
    """Everything there is, as JSON."""
    store = cluster.store
    return {
        (resource, item.object["metadata"].get("namespace", ""), item.object["metadata"]["name"]): item.json
        for resource in store.resources()
        for item in store.list(resource)
    }


def digest(cluster: Cluster) -> str:
    return hashlib.sha256(repr((history(cluster), objects(cluster))).encode()).hexdigest()


async def end_state(cluster: Cluster) -> Any:
    """What there is, without names, times and numbers that depend on the order of things."""

    async def listed(resource: GroupVersionResource) -> list[Object]:
        return list((await cluster.client.list(resource)).items)

    owners = {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]["containers"][0]["image"]
        for each in await listed(REPLICA_SETS)
    }
    pods = [
        (
            owners[(controller_of(pod) or {})["name"]],
            pod["status"]["phase"],
            pod["spec"]["containers"][0]["image"],
            sorted((each["type"], each["status"]) for each in pod["status"]["conditions"]),
        )
        for pod in await listed(PODS)
    ]
    statuses = [
        (
            each["metadata"]["name"],
            each["spec"],
            {name: value for name, value in each["status"].items() if name != "conditions"},
            sorted((one["type"], one["status"], one["reason"]) for one in each["status"]["conditions"]),
        )
        for each in await listed(DEPLOYMENTS)
    ]
    sets = [(each["spec"], each["status"]) for each in await listed(REPLICA_SETS)]
    return sorted(map(repr, pods)), statuses, sorted(map(repr, sets))


async def _main(seed: int, lag: int) -> None:
    async with Cluster(port=None, seed=seed, lag=lag, clock="virtual") as cluster:
        await live(cluster)
        print(digest(cluster))


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2])))
