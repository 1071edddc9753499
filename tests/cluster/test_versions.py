"""What kube-controller-manager writes in older versions, by workloads that show it."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import (
    DEPLOYMENTS,
    ENDPOINTS,
    JOBS,
    NAMESPACES,
    PODS,
    REPLICA_SETS,
    SERVICES,
    STATEFUL_SETS,
)
from tests.cluster.workloads import deployment

CRON_JOBS = GroupVersionResource("batch", "v1", "cronjobs")

STAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp"
INDEX = "batch.kubernetes.io/job-completion-index"


def job(name: str, command: str, **spec: Any) -> Object:
    container = {"name": "c", "image": "busybox", "command": ["sh", "-c", command]}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {"template": template, **spec}}


async def live(cluster: Cluster) -> None:
    client = cluster.client
    await client.create(JOBS, job("done", "exit 0", completionMode="Indexed", completions=1))
    await client.create(JOBS, job("failed", "exit 1", backoffLimit=0))
    await client.create(JOBS, job("stopped", "sleep 9999"))
    cron_job = {"schedule": "* * * * *", "jobTemplate": {"spec": job("c", "exit 0")["spec"]}}
    await client.create(CRON_JOBS, {"metadata": {"name": "c", "namespace": "default"}, "spec": cron_job})
    await client.create(DEPLOYMENTS, deployment("web", 1))
    stateful_set = {**deployment("db", 1), "kind": "StatefulSet"}
    stateful_set["spec"] |= {"serviceName": "db"}
    await client.create(STATEFUL_SETS, stateful_set)
    await cluster.settle()
    await client.patch(JOBS, "default", "stopped", {"spec": {"suspend": True}})
    await cluster.advance(61)


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        pytest.param("1.27", {"start"}, id="1.27"),
        pytest.param("1.30", {"start", "index", "stamp", "terminating pods of jobs"}, id="1.30"),
        pytest.param("1.34", {"start", "index", "stamp", "terminating pods of jobs", "interim"}, id="1.34"),
        pytest.param(
            "1.37", {"index", "stamp", "terminating pods of jobs", "interim", "terminating pods of sets"}, id="1.37"
        ),
    ],
)
async def test_controllers_follow_the_version(version: str, shown: set[str]) -> None:
    async with Cluster(port=None, clock="virtual", seed=1, kubernetes_version=version) as cluster:
        await live(cluster)
        jobs = {each["metadata"]["name"]: each for each in (await cluster.client.list(JOBS)).items}
        pods = {each["metadata"]["name"]: each for each in (await cluster.client.list(PODS)).items}
        (replica_set,) = (await cluster.client.list(REPLICA_SETS)).items
        web = await cluster.client.get(DEPLOYMENTS, "default", "web")
    (indexed,) = (pod for name, pod in pods.items() if name.startswith("done-"))
    (made,) = (each for name, each in jobs.items() if name.startswith("c-"))
    told = {name: [each["type"] for each in jobs[name]["status"]["conditions"]] for name in ("done", "failed")}
    announced = told == {"done": ["SuccessCriteriaMet", "Complete"], "failed": ["FailureTarget", "Failed"]}
    assert announced == ("interim" in shown)
    assert announced or told == {"done": ["Complete"], "failed": ["Failed"]}
    assert ("startTime" in jobs["stopped"]["status"]) == ("start" in shown)
    assert ("terminating" in jobs["done"]["status"]) == ("terminating pods of jobs" in shown)
    assert (INDEX in indexed["metadata"]["labels"]) == ("index" in shown)
    assert ("apps.kubernetes.io/pod-index" in pods["db-0"]["metadata"]["labels"]) == ("index" in shown)
    assert (STAMP in made["metadata"].get("annotations", {})) == ("stamp" in shown)
    for each in (replica_set, web):
        assert ("terminatingReplicas" in each["status"]) == ("terminating pods of sets" in shown)
    field = "labels" if "index" in shown else "annotations"
    (variable,) = indexed["spec"]["containers"][0]["env"]
    assert variable["valueFrom"]["fieldRef"]["fieldPath"] == f"metadata.{field}['{INDEX}']"


@pytest.mark.parametrize(
    ("version", "since"), [pytest.param("1.32", False, id="1.32"), pytest.param("1.33", True, id="1.33")]
)
async def test_namespaces_and_endpoints_follow_the_version(version: str, since: bool) -> None:
    async with Cluster(port=None, clock="virtual", seed=1, nodes=0, kubernetes_version=version) as cluster:
        client = cluster.client
        await client.create(NAMESPACES, {"metadata": {"name": "team"}})
        await cluster.settle()
        held = {"name": "held", "namespace": "team", "finalizers": ["example.com/mine"]}
        await client.create(PODS, {"metadata": held, "spec": {"containers": [{"name": "c", "image": "i"}]}})
        spec = {"ports": [{"port": 80}], "selector": {"app": "web"}}
        await client.create(SERVICES, {"metadata": {"name": "web", "namespace": "team"}, "spec": spec})
        await cluster.settle()
        marks = (await client.get(ENDPOINTS, "team", "web"))["metadata"].get("labels", {})
        await client.delete(NAMESPACES, "", "team")
        await cluster.advance(6)
        conditions = (await client.get(NAMESPACES, "", "team"))["status"]["conditions"]
        (remaining,) = (each["status"] for each in conditions if each["type"] == "NamespaceContentRemaining")
        left = len((await client.list(SERVICES, "team")).items)
    assert ("endpoints.kubernetes.io/managed-by" in marks) is since
    assert (left, remaining) == ((1, "False") if since else (0, "True"))
