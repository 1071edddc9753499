"""Jobs and their pods for tests: values for plans, and a world in which they run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from minikube_py.controllers.garbagecollector import CONTROLLER as GARBAGE_COLLECTOR
from minikube_py.controllers.job import CONTROLLER
from minikube_py.controllers.job.backoff import Record
from minikube_py.controllers.job.survey import TRACKING, Survey
from minikube_py.controllers.kubelet import kubelet_descriptor
from minikube_py.controllers.nodelifecycle import CONTROLLER as NODE_LIFECYCLE
from minikube_py.controllers.runtime import Descriptor
from minikube_py.controllers.scheduler import SCHEDULER
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import JOBS, PODS
from tests.controllers.apiworld import ApiWorld, api_world

NOW = parse_rfc3339("2026-01-01T01:00:00Z")


# Values


def job(status: Object | None = None, **spec: Any) -> Object:
    template = {"spec": {"containers": [{"name": "c", "image": "i"}], "restartPolicy": "Never"}}
    base = {"parallelism": 1, "completions": 1, "backoffLimit": 6, "template": template}
    return {
        "metadata": {"name": "j", "namespace": "default", "uid": "u"},
        "spec": {key: value for key, value in {**base, **spec}.items() if value is not None},
        "status": status or {},
    }


def indexed(status: Object | None = None, **spec: Any) -> Object:
    return job(status, **{"completionMode": "Indexed", "completions": 3, "parallelism": 3, **spec})


def pod(
    name: str,
    phase: str = "Running",
    *,
    index: int | None = None,
    tracked: bool = True,
    deleting: bool = False,
    ended: float = 0,
    code: int = 1,
    failures: int | None = None,
    **status: Any,
) -> Object:
    """`ended` is how many seconds ago, of a pod that has."""
    metadata: Object = {"name": name, "namespace": "default", "uid": name, "creationTimestamp": rfc3339(NOW - 600)}
    annotations = {}
    if index is not None:
        annotations["batch.kubernetes.io/job-completion-index"] = str(index)
    if failures is not None:
        annotations["batch.kubernetes.io/job-index-failure-count"] = str(failures)
    if annotations:
        metadata["annotations"] = annotations
    if tracked:
        metadata["finalizers"] = [TRACKING]
    if deleting:
        metadata |= {"deletionTimestamp": rfc3339(NOW), "deletionGracePeriodSeconds": 30}
    made: Object = {"phase": phase, **status}
    if phase in ("Succeeded", "Failed"):
        exit = {"exitCode": code if phase == "Failed" else 0, "finishedAt": rfc3339(NOW - ended)}
        made["containerStatuses"] = [{"name": "c", "state": {"terminated": exit}}]
    return {"metadata": metadata, "spec": {"containers": [], "nodeName": "n"}, "status": made}


def survey(job: Object, *pods: Object, record: Record | None = None, released: tuple[str, ...] = ()) -> Survey:
    return Survey(job, pods, released, record or Record(), NOW)


def on_exit(action: str, operator: str, *values: int, container: str | None = None) -> Object:
    """A rule of a podFailurePolicy."""
    wanted: Object = {"operator": operator, "values": list(values)}
    return {"action": action, "onExitCodes": {**wanted, "containerName": container} if container else wanted}


# A world


def job_descriptors() -> list[Descriptor]:
    """The Job controller and what it takes for pods to run and to go."""
    return [CONTROLLER, GARBAGE_COLLECTOR, NODE_LIFECYCLE, SCHEDULER, kubelet_descriptor(1)]


@asynccontextmanager
async def job_world(lag: int = 0) -> AsyncIterator[ApiWorld]:
    """With a node on which pods run."""
    async with api_world(lag) as world:
        await world.begin("kube-node-lease")
        world.run(*job_descriptors())
        yield world


def manifest(script: str = "exit 0", *, annotations: dict[str, str] | None = None, **spec: Any) -> Object:
    container = {"name": "c", "image": "busybox", "command": ["sh", "-c", script]}
    restart = spec.pop("restart", "Never")
    template: Object = {"spec": {"containers": [container], "restartPolicy": restart}}
    if annotations:
        template["metadata"] = {"annotations": annotations}
    return {"metadata": {"name": "j", "namespace": "default"}, "spec": {"template": template, **spec}}


async def create(world: ApiWorld, obj: Object) -> Object:
    made = await world.client.create(JOBS, obj)
    await world.settle()
    return made


async def get(world: ApiWorld, name: str = "j") -> Object:
    return await world.client.get(JOBS, "default", name)


async def counters(world: ApiWorld, name: str = "j") -> Object:
    """The status' numbers and indexes that are not 0."""
    status = (await get(world, name))["status"]
    fields = ("active", "ready", "terminating", "succeeded", "failed", "completedIndexes", "failedIndexes")
    return {field: status[field] for field in fields if status.get(field)}


async def conditions(world: ApiWorld, name: str = "j") -> list[str]:
    """Type (with "!" if not true) and reason."""
    found = (await get(world, name))["status"].get("conditions") or ()
    return [f"{'' if each['status'] == 'True' else '!'}{each['type']} {each['reason']}" for each in found]


async def pods(world: ApiWorld) -> list[Object]:
    return list((await world.client.list(PODS, "default")).items)
