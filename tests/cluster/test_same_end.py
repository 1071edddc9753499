"""Every controller at once, in clusters whose caches lag by seed: whatever happens in between, all come to one end."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.disruption.reconciler import BUDGETS
from minikube_py.controllers.resourceclaim.references import RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS
from minikube_py.controllers.resourcequota.reconciler import QUOTAS
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import controller_of, is_deleting, labels, name, namespace
from minikube_py.machinery.wellknown import (
    CONFIG_MAPS,
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    ENDPOINT_SLICES,
    ENDPOINTS,
    JOBS,
    NAMESPACES,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    SERVICE_ACCOUNTS,
    SERVICES,
    STATEFUL_SETS,
)
from tests.cluster.workloads import service

CRON_JOBS = GroupVersionResource("batch", "v1", "cronjobs")
STORAGE = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
DEVICES = {"devices": {"requests": [{"name": "r", "exactly": {"deviceClassName": "gpu.example.com"}}]}}


def made(called: str, spec: Object, namespace: str = "default") -> Object:
    return {"metadata": {"name": called, "namespace": namespace}, "spec": spec}


def template(app: str, image: str = "app:1", script: str = "", **pod_spec: Any) -> Object:
    container: Object = {"name": "c", "image": image, "ports": [{"containerPort": 80}]}
    if script:
        container["command"] = ["sh", "-c", script]
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container], **pod_spec}}


EVERYTHING = [{"operator": "Exists"}]
"""Tolerations of pods that nobody would replace, wherever they are."""


def workload(app: str, **spec: Any) -> Object:
    return made(app, {"selector": {"matchLabels": {"app": app}}, "template": template(app), **spec})


def job(called: str, script: str, **spec: Any) -> Object:
    return made(
        called, {"template": template(called, script=script, restartPolicy="Never", tolerations=EVERYTHING), **spec}
    )


async def begin(cluster: Cluster) -> None:
    """One of everything, all at once."""
    create = cluster.client.create
    await create(NAMESPACES, {"metadata": {"name": "other"}})
    await create(QUOTAS, made("all", {"hard": {"pods": "40", "count/jobs.batch": "20", "services": "9"}}))
    await create(SERVICES, service("web"))
    await create(SERVICES, service("db", clusterIP="None"))
    await create(BUDGETS, made("web", {"selector": {"matchLabels": {"app": "web"}}, "maxUnavailable": 1}))
    await create(DEPLOYMENTS, workload("web", replicas=4))
    await create(REPLICA_SETS, workload("bare", replicas=2))
    await create(
        REPLICATION_CONTROLLERS, made("old", {"replicas": 2, "template": template("old", tolerations=EVERYTHING)})
    )
    claims = [{"metadata": {"name": "data"}, "spec": STORAGE}]
    keep = {"whenScaled": "Delete", "whenDeleted": "Retain"}
    stateful = {"serviceName": "db", "volumeClaimTemplates": claims, "persistentVolumeClaimRetentionPolicy": keep}
    await create(STATEFUL_SETS, workload("db", replicas=3, **stateful))
    await create(DAEMON_SETS, workload("agent"))
    indexed = {"completionMode": "Indexed", "completions": 4, "parallelism": 2}
    await create(JOBS, job("works", "sleep 3", **indexed))
    await create(JOBS, job("fails", "exit 1", backoffLimit=1))
    await create(JOBS, job("brief", "exit 0", ttlSecondsAfterFinished=30))
    every_minute = {"schedule": "* * * * *", "successfulJobsHistoryLimit": 2, "jobTemplate": {}}
    every_minute["jobTemplate"] = {"spec": job("tick", "sleep 5")["spec"]}
    await create(CRON_JOBS, made("tick", every_minute))
    await create(RESOURCE_CLAIM_TEMPLATES, made("gpu", {"spec": DEVICES}))
    devices = [{"name": each, "resourceClaimTemplateName": "gpu"} for each in ("a", "b")]
    scratch = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": STORAGE}}}
    # Nobody makes it anew: it is kept from the nodes that will be lost.
    kept = {"resourceClaims": devices, "volumes": [scratch], "nodeSelector": {"kubernetes.io/hostname": "node-1"}}
    await create(PODS, made("alone", template("alone", **kept)["spec"]))
    await create(DEPLOYMENTS, {**workload("web", replicas=2), "metadata": {"name": "web", "namespace": "other"}})
    await create(SERVICES, {**service("web"), "metadata": {"name": "web", "namespace": "other"}})


async def live(cluster: Cluster) -> None:
    client = cluster.client
    await begin(cluster)
    await cluster.advance(40)
    new = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "app:2"}]}}}}
    for resource, app in ((DEPLOYMENTS, "web"), (STATEFUL_SETS, "db"), (DAEMON_SETS, "agent")):
        await client.patch(resource, "default", app, new)
    await cluster.advance(2)
    await client.patch(STATEFUL_SETS, "default", "db", {"spec": {"replicas": 2}})
    await client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 6}})
    await client.delete(NAMESPACES, "", "other")
    await client.delete(REPLICATION_CONTROLLERS, "default", "old", propagation="Orphan")
    await cluster.advance(30)
    taint = [{"key": "mine", "effect": "NoExecute"}]
    await client.patch(NODES, "", "node-2", {"spec": {"taints": taint}})
    await cluster.nodes.stop("node-3")
    await cluster.advance(200)
    await client.patch(NODES, "", "node-2", {"spec": {"taints": None}})
    await cluster.advance(300)
    await cluster.nodes.start("node-3")
    await client.delete(PODS, "default", "alone")
    await client.patch(CRON_JOBS, "default", "tick", {"spec": {"suspend": True}})
    await cluster.advance(200)


# The end


def plain(value: Any) -> Any:
    """Without what depends on the order of things or on a few milliseconds: times, revisions, addresses."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in sorted(value.items()) if not _CHANGING.search(key)}
    if isinstance(value, list):
        return sorted((plain(each) for each in value), key=repr)
    return value


_CHANGING = re.compile(r"Time$|^uid$|resourceVersion|IPs?$|^message$|observedGeneration")
WITH_STATUS = (
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    DAEMON_SETS,
    JOBS,
    BUDGETS,
    QUOTAS,
    NAMESPACES,
    PERSISTENT_VOLUME_CLAIMS,
)
BY_NAME = (SERVICES, SERVICE_ACCOUNTS, CONFIG_MAPS, ENDPOINTS)


def told_of_pod(pod: Object) -> Any:
    owner = controller_of(pod)
    # Which node does not matter, but for daemons.
    node = pod["spec"].get("nodeName") if owner is not None and owner["kind"] == "DaemonSet" else ""
    conditions = sorted((each["type"], each["status"]) for each in pod["status"].get("conditions") or ())
    image = pod["spec"]["containers"][0]["image"]
    return (owner or {}).get("name") or labels(pod)["app"], node, image, pod["status"]["phase"], conditions


async def end(cluster: Cluster) -> dict[str, Any]:
    async def items(resource: GroupVersionResource) -> list[Object]:
        return list((await cluster.client.list(resource)).items)

    found: dict[str, Any] = {}
    for resource in WITH_STATUS:
        found[str(resource)] = sorted(
            (namespace(each), name(each), repr(plain(each.get("status")))) for each in await items(resource)
        )
    for resource in BY_NAME:
        found[str(resource)] = sorted((namespace(each), name(each)) for each in await items(resource))
    found["pods"] = sorted(map(repr, map(told_of_pod, await items(PODS))))
    assert not any(is_deleting(each) for each in await items(PODS))
    found["endpoints by service"] = sorted(
        (labels(each)["kubernetes.io/service-name"], len(each.get("endpoints") or ()))
        for each in await items(ENDPOINT_SLICES)
    )
    found["volumes"] = sorted(
        (each["spec"]["claimRef"]["name"], each["status"]["phase"]) for each in await items(PERSISTENT_VOLUMES)
    )
    found["history"] = sorted((name(each), each["revision"]) for each in await items(CONTROLLER_REVISIONS))
    found["claims of devices"] = len(await items(RESOURCE_CLAIMS))
    cron = [each["status"] for each in await items(CRON_JOBS)]
    found["cron"] = [(len(each.get("active") or ()), each["lastScheduleTime"]) for each in cron]
    found["taints"] = [(name(each), each["spec"].get("taints")) for each in await items(NODES)]
    return found


async def lived(seed: int, lag: int) -> dict[str, Any]:
    async with Cluster(port=None, clock="virtual", seed=seed, lag=lag, nodes=4) as cluster:
        await live(cluster)
        assert cluster.busy() == []
        return await end(cluster)


@pytest.fixture(scope="module")
def fresh() -> dict[str, Any]:
    return asyncio.run(lived(0, 0))


@pytest.mark.parametrize(("seed", "lag"), [(1, 3), (2, 6), (3, 12), (4, 50)])
async def test_all_come_to_the_same_end(fresh: dict[str, Any], seed: int, lag: int) -> None:
    assert await lived(seed, lag) == fresh
