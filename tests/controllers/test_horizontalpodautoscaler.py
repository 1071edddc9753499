"""HorizontalPodAutoscalers through the API: what they scale, and what they tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from minikube_py.api import metrics
from minikube_py.api.admission.chain import Admission
from minikube_py.api.allocators import Allocators
from minikube_py.api.catalog import Catalog
from minikube_py.api.customresources.registrar import Registrar
from minikube_py.api.local import LocalClient
from minikube_py.api.registry import Registry
from minikube_py.controllers.horizontalpodautoscaler import CONTROLLER
from minikube_py.controllers.horizontalpodautoscaler.reconciler import AUTOSCALERS
from minikube_py.controllers.kubelet import KubeletConnection
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import (
    CUSTOM_RESOURCE_DEFINITIONS,
    DEPLOYMENTS,
    NAMESPACES,
    NODES,
    PODS,
)
from tests.controllers.apiworld import LAGS, ApiWorld, events, pod, schema

PREFIX = "the HPA was unable to compute the replica count: "


class MetricsWorld(ApiWorld):
    """With metrics.k8s.io, told by the pods' status and annotations."""

    def __init__(self, lag: int = 0, *, served: bool = True) -> None:
        super().__init__(lag)
        self.registry = Registry(
            store=self.store,
            catalog=Catalog(schema(), metrics.RESOURCES if served else ()),
            clock=self.clock,
            random=self.random.fork("api"),
            admission=Admission(),
            allocators=Allocators("10.96.0.0/12", "30000-32767", self.random),
            nodes=KubeletConnection(),
        )
        self.client = LocalClient(self.registry, lag=(lambda: lag) if lag else None)

    async def begin(self, *names: str) -> None:
        await super().begin(*names)
        conditions = [{"type": "Ready", "status": "True", "reason": "KubeletReady"}]
        await self.client.create(NODES, {"metadata": {"name": "node"}, "status": {"conditions": conditions}})
        self.run(CONTROLLER)


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[MetricsWorld]:
    world = MetricsWorld(request.param)
    await world.begin()
    yield world
    await world.stop()


async def workload(world: ApiWorld, replicas: int, *cpu: str, name: str = "web", request: str = "100m") -> None:
    """A deployment and its pods, which use so much each and have been ready for long."""
    labels = {"app": name}
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": request}} if request else {}}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
    }
    await world.client.create(DEPLOYMENTS, {"metadata": {"name": name, "namespace": "default"}, "spec": spec})
    await world.client.patch(DEPLOYMENTS, "default", name, {"status": {"replicas": replicas}}, subresource="status")
    for number, amount in enumerate(cpu):
        await run(world, f"{name}-{number}", amount, labels=labels, containers=[container])


async def run(world: ApiWorld, name: str, cpu: str, *, labels: dict[str, str] | None = None, **spec: Any) -> None:
    await world.client.create(PODS, pod(name, labels, **spec))
    await use(world, name, cpu)
    long_ago = rfc3339(world.clock.now() - 600)
    status = {
        "phase": "Running",
        "startTime": long_ago,
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": long_ago}],
        "containerStatuses": [
            {
                "name": each["name"],
                "image": "i",
                "imageID": "i",
                "ready": True,
                "restartCount": 0,
                "state": {"running": {"startedAt": long_ago}},
            }
            for each in spec["containers"]
        ],
    }
    await world.client.patch(PODS, "default", name, {"status": status}, subresource="status")


async def use(world: ApiWorld, name: str, cpu: str) -> None:
    await world.client.patch(PODS, "default", name, {"metadata": {"annotations": {"minikube-py/cpu": cpu}}})


def utilization(percent: int = 50, resource: str = "cpu") -> Object:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


async def autoscale(world: ApiWorld, *metrics: Object, name: str = "web", target: str = "web", **spec: Any) -> None:
    spec = {
        "minReplicas": 1,
        "maxReplicas": 10,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
        "metrics": list(metrics) or [utilization()],
        **spec,
    }
    await world.client.create(AUTOSCALERS, {"metadata": {"name": name, "namespace": "default"}, "spec": spec})


async def status(world: ApiWorld, name: str = "web") -> Object:
    found: Object = (await world.client.get(AUTOSCALERS, "default", name))["status"]
    return found


async def conditions(world: ApiWorld, name: str = "web") -> dict[str, tuple[str, str, str]]:
    """Status, reason and message by type."""
    found = (await status(world, name)).get("conditions") or ()
    return {each["type"]: (each["status"], each["reason"], each["message"]) for each in found}


async def replicas(world: ApiWorld, name: str = "web") -> int:
    return int((await world.client.get(DEPLOYMENTS, "default", name))["spec"]["replicas"])


async def test_scales_up_at_the_first_look(world: MetricsWorld) -> None:
    await workload(world, 2, "90m", "110m")
    await autoscale(world)
    await world.advance(14)
    assert await replicas(world) == 2
    assert (await status(world))["desiredReplicas"] == 0
    await world.advance(1)
    assert await replicas(world) == 4
    now = rfc3339(world.clock.now())
    reason = "cpu resource utilization (percentage of request) above target"
    assert await events(world) == [f"Normal SuccessfulRescale: New size: 4; reason: {reason}"]
    found = await status(world)
    assert found["conditions"][0]["lastTransitionTime"] == now
    assert await conditions(world) == {
        "AbleToScale": (
            "True",
            "SucceededRescale",
            "the HPA controller was able to update the target scale to 4",
        ),
        "ScalingActive": (
            "True",
            "ValidMetricFound",
            "the HPA was able to successfully calculate a replica count from cpu resource utilization "
            "(percentage of request)",
        ),
        "ScalingLimited": (
            "False",
            "DesiredWithinRange",
            "the desired count is within the acceptable range",
        ),
    }
    current = {"averageUtilization": 100, "averageValue": "100m"}
    assert {name: each for name, each in found.items() if name != "conditions"} == {
        "currentReplicas": 2,
        "desiredReplicas": 4,
        "lastScaleTime": now,
        "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu", "current": current}}],
    }


async def test_what_stays_as_it_is_is_written_once(world: MetricsWorld) -> None:
    await workload(world, 2, "50m", "52m")
    await autoscale(world)
    await world.advance(15)
    written = (await world.client.get(AUTOSCALERS, "default", "web"))["metadata"]["resourceVersion"]
    await world.advance(300)
    assert (await world.client.get(AUTOSCALERS, "default", "web"))["metadata"]["resourceVersion"] == written
    assert (await conditions(world))["AbleToScale"][1] == "ReadyForNewScale"
    assert "lastScaleTime" not in await status(world)
    assert await events(world) == []


async def test_scales_down_after_five_minutes(world: MetricsWorld) -> None:
    await workload(world, 2, "50m", "50m")
    await autoscale(world)
    await world.advance(30)
    await use(world, "web-0", "1m")
    await use(world, "web-1", "1m")
    await world.advance(300)
    assert await replicas(world) == 2
    assert (await conditions(world))["AbleToScale"] == (
        "True",
        "ScaleDownStabilized",
        "recent recommendations were higher than current one, applying the highest recent recommendation",
    )
    await world.advance(15)
    assert await replicas(world) == 1
    assert await events(world) == ["Normal SuccessfulRescale: New size: 1; reason: All metrics below target"]


@pytest.mark.parametrize(
    ("wanted", "spec", "expected", "event"),
    [
        pytest.param(12, {}, 10, "10; reason: Current number of replicas above Spec.MaxReplicas", id="above"),
        pytest.param(
            2,
            {"minReplicas": 3},
            3,
            "3; reason: Current number of replicas below Spec.MinReplicas",
            id="below",
        ),
    ],
)
async def test_it_is_brought_inside_without_metrics(
    world: MetricsWorld, wanted: int, spec: Any, expected: int, event: str
) -> None:
    await workload(world, wanted)
    await autoscale(world, **spec)
    await world.advance(15)
    assert await replicas(world) == expected
    assert await events(world) == [f"Normal SuccessfulRescale: New size: {event}"]
    assert list(await conditions(world)) == ["AbleToScale"]
    assert (await status(world))["currentMetrics"] is None


async def test_zero_replicas_are_off(world: MetricsWorld) -> None:
    await workload(world, 0)
    await autoscale(world)
    await world.advance(30)
    assert await replicas(world) == 0
    text = "scaling is disabled since the replica count of the target is zero"
    assert (await conditions(world))["ScalingActive"] == ("False", "ScalingDisabled", text)
    assert await events(world) == []
    await world.client.patch(DEPLOYMENTS, "default", "web", {"spec": {"replicas": 1}})
    await run(world, "web-0", "400m", containers=[{"name": "c", "image": "i", "resources": {"requests": {"cpu": "1"}}}])
    await world.advance(15)
    assert (await conditions(world))["ScalingActive"][:2] == ("True", "ValidMetricFound")


async def test_limits_are_told(world: MetricsWorld) -> None:
    await workload(world, 1, "900m")
    await autoscale(world, maxReplicas=3)
    await world.advance(15)
    assert await replicas(world) == 3
    message = "the desired replica count is more than the maximum replica count"
    assert (await conditions(world))["ScalingLimited"] == ("True", "TooManyReplicas", message)


async def test_behavior(world: MetricsWorld) -> None:
    """One more a minute, and down by one at once."""
    await workload(world, 2, "200m", "200m")
    up = {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}
    down = {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 15}], "stabilizationWindowSeconds": 0}
    await autoscale(world, behavior={"scaleUp": up, "scaleDown": down})
    sizes = []
    for _ in range(6):
        await world.advance(15)
        sizes.append(await replicas(world))
    assert sizes == [3, 3, 3, 3, 4, 4]
    assert (await conditions(world))["ScalingLimited"][:2] == ("True", "ScaleUpLimit")
    for number in range(2):
        await use(world, f"web-{number}", "1m")
    sizes = []
    for _ in range(4):
        await world.advance(15)
        sizes.append(await replicas(world))
    assert sizes == [3, 2, 1, 1]


async def test_scaling_in_a_direction_is_disabled(world: MetricsWorld) -> None:
    await workload(world, 3, "1m", "1m", "1m")
    await autoscale(world, behavior={"scaleDown": {"selectPolicy": "Disabled", "stabilizationWindowSeconds": 0}})
    await world.advance(600)
    assert await replicas(world) == 3
    assert (await conditions(world))["ScalingLimited"][:2] == ("True", "ScaleDownLimit")


@pytest.mark.parametrize(
    ("tolerance", "expected"), [pytest.param(None, 2, id="by default"), pytest.param("10m", 3, id="said")]
)
async def test_tolerance(world: MetricsWorld, tolerance: str | None, expected: int) -> None:
    await workload(world, 2, "53m", "53m")
    rules = {"scaleUp": {"tolerance": tolerance}} if tolerance else {}
    await autoscale(world, behavior=rules)
    await world.advance(15)
    assert await replicas(world) == expected


# Metrics


async def test_an_amount_for_each_pod(world: MetricsWorld) -> None:
    await workload(world, 2, "300m", "500m", request="")
    target = {"type": "AverageValue", "averageValue": "200m"}
    await autoscale(world, {"type": "Resource", "resource": {"name": "cpu", "target": target}})
    await world.advance(15)
    assert await replicas(world) == 4
    assert (await status(world))["currentMetrics"][0]["resource"]["current"] == {"averageValue": "400m"}
    assert (await events(world))[0].endswith("New size: 4; reason: cpu resource above target")


async def test_one_container_of_several(world: MetricsWorld) -> None:
    await workload(world, 2)
    asked = {"requests": {"cpu": "100m"}}
    both = [{"name": "c", "image": "i", "resources": asked}, {"name": "proxy", "image": "i", "resources": asked}]
    for name in ("a", "b"):
        await run(world, name, "100m", labels={"app": "web"}, containers=both)
        quiet = {"metadata": {"annotations": {"minikube-py/cpu.proxy": "1m"}}}
        await world.client.patch(PODS, "default", name, quiet)
    target = {"type": "Utilization", "averageUtilization": 50}
    source = {"name": "cpu", "container": "c", "target": target}
    await autoscale(world, {"type": "ContainerResource", "containerResource": source})
    await world.advance(15)
    assert await replicas(world) == 4
    found = (await status(world))["currentMetrics"][0]
    assert found["containerResource"]["container"] == "c"
    assert found["containerResource"]["current"] == {"averageUtilization": 100, "averageValue": "100m"}
    assert "cpu container resource utilization" in (await events(world))[0]


async def test_the_metric_that_asks_for_most_counts(world: MetricsWorld) -> None:
    await workload(world, 2, "60m", "60m")
    target = {"type": "AverageValue", "averageValue": "4Mi"}
    await autoscale(world, utilization(), {"type": "Resource", "resource": {"name": "memory", "target": target}})
    await world.advance(15)
    assert await replicas(world) == 4
    assert (await status(world))["currentMetrics"][1]["resource"]["current"] == {"averageValue": "16Mi"}
    assert (await events(world))[0].endswith("reason: memory resource above target")


async def test_a_pod_that_starts_is_not_believed(world: MetricsWorld) -> None:
    await workload(world, 2, "60m", "5")
    now = rfc3339(world.clock.now())
    young = {
        "startTime": now,
        "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": now}],
    }
    await world.client.patch(PODS, "default", "web-1", {"status": young}, subresource="status")
    await autoscale(world)
    await world.advance(15)
    assert await replicas(world) == 2
    assert (await status(world))["currentMetrics"][0]["resource"]["current"]["averageUtilization"] == 60


UNSERVED = (
    "unable to fetch metrics from resource metrics API: the server could not find the requested resource "
    "(get pods.metrics.k8s.io)"
)


async def test_without_metrics_server() -> None:
    world = MetricsWorld(served=False)
    await world.begin()
    await workload(world, 2, "90m", "110m")
    await autoscale(world)
    await world.advance(15)
    cause = f"failed to get cpu utilization: unable to get metrics for resource cpu: {UNSERVED}"
    assert await events(world) == [
        f"Warning FailedGetResourceMetric: {cause}",
        "Warning FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: "
        f"failed to get cpu resource metric value: {cause}",
    ]
    assert (await conditions(world))["ScalingActive"] == ("False", "FailedGetResourceMetric", PREFIX + cause)
    assert (await conditions(world))["AbleToScale"][1] == "SucceededGetScale"
    assert (await status(world))["currentMetrics"] == [{"type": ""}]
    assert await replicas(world) == 2
    await world.stop()


@pytest.mark.parametrize(
    ("pods", "request_cpu", "expected"),
    [
        pytest.param(
            (),
            "100m",
            "unable to get metrics for resource cpu: no metrics returned from resource metrics API",
            id="no pods",
        ),
        pytest.param(("1m",), "", "missing request for cpu in container c of Pod web-0", id="no requests"),
    ],
)
async def test_why_resources_tell_nothing(
    world: MetricsWorld, pods: tuple[str, ...], request_cpu: str, expected: str
) -> None:
    await workload(world, 1, *pods, request=request_cpu)
    await autoscale(world)
    await world.advance(15)
    text = f"{PREFIX}failed to get cpu utilization: {expected}"
    assert (await conditions(world))["ScalingActive"] == ("False", "FailedGetResourceMetric", text)


REQUESTS = {"name": "requests"}
NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"
NO_EXTERNAL = (
    "unable to fetch metrics from external metrics API: the server could not find the requested resource "
    "(get requests.external.metrics.k8s.io)"
)
SELECTED = {**REQUESTS, "selector": {"matchLabels": {"queue": "q"}}}
GO_SELECTOR = "&LabelSelector{MatchLabels:map[string]string{queue: q,},MatchExpressions:[]LabelSelectorRequirement{},}"


@pytest.mark.parametrize(
    ("metric", "reason", "cause", "error"),
    [
        pytest.param(
            {"type": "Pods", "pods": {"metric": REQUESTS, "target": {"type": "AverageValue", "averageValue": "10"}}},
            "FailedGetPodsMetric",
            f"unable to get metric requests: {NO_CUSTOM}",
            "failed to get pods metric value: {}",
            id="pods",
        ),
        pytest.param(
            {
                "type": "Object",
                "object": {
                    "describedObject": {"kind": "Service", "name": "s", "apiVersion": "v1"},
                    "metric": REQUESTS,
                    "target": {"type": "Value", "value": "10"},
                },
            },
            "FailedGetObjectMetric",
            f"unable to get metric requests: {NO_CUSTOM} on Service default/s",
            "failed to get object metric value: {}",
            id="object",
        ),
        pytest.param(
            {"type": "External", "external": {"metric": SELECTED, "target": {"type": "Value", "value": "10"}}},
            "FailedGetExternalMetric",
            f"unable to get external metric default/requests/{GO_SELECTOR}: {NO_EXTERNAL}",
            "failed to get requests external metric value: failed to get external metric requests: {}",
            id="external",
        ),
        pytest.param(
            {
                "type": "External",
                "external": {"metric": REQUESTS, "target": {"type": "AverageValue", "averageValue": "10"}},
            },
            "FailedGetExternalMetric",
            f"unable to get external metric default/requests/nil: {NO_EXTERNAL}",
            "failed to get requests external metric value: failed to get requests external metric: {}",
            id="external for each pod",
        ),
    ],
)
async def test_metrics_that_nobody_serves(
    world: MetricsWorld, metric: Object, reason: str, cause: str, error: str
) -> None:
    await workload(world, 2, "50m", "50m")
    await autoscale(world, metric)
    await world.advance(15)
    assert await events(world) == [
        f"Warning {reason}: {cause}",
        "Warning FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: "
        + error.format(cause),
    ]
    assert (await conditions(world))["ScalingActive"] == ("False", reason, PREFIX + cause)


@pytest.mark.parametrize(
    ("cpu", "expected"), [pytest.param("100m", 4, id="up nevertheless"), pytest.param("1m", 2, id="not down")]
)
async def test_one_metric_of_two_fails(world: MetricsWorld, cpu: str, expected: int) -> None:
    await workload(world, 2, cpu, cpu)
    target = {"type": "Value", "value": "10"}
    await autoscale(world, utilization(), {"type": "External", "external": {"metric": REQUESTS, "target": target}})
    await world.advance(330)
    assert await replicas(world) >= expected
    active = (await conditions(world))["ScalingActive"]
    assert active[:2] == (("True", "ValidMetricFound") if expected > 2 else ("False", "FailedGetExternalMetric"))
    assert [each["type"] for each in (await status(world))["currentMetrics"]] == ["Resource", ""]


# Targets


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(
            {"apiVersion": "apps/v1", "kind": "Deployment", "name": "gone"},
            'deployments.apps "gone" not found',
            id="not there",
        ),
        pytest.param(
            {"apiVersion": "example.com/v1", "kind": "Thing", "name": "t"},
            'no matches for kind "Thing" in group "example.com"',
            id="unknown kind",
        ),
        pytest.param(
            {"apiVersion": "batch/v1", "kind": "Job", "name": "j"},
            "the server could not find the requested resource",
            id="without a scale",
        ),
    ],
)
async def test_targets_that_cannot_be_scaled(world: MetricsWorld, reference: Object, expected: str) -> None:
    await autoscale(world, scaleTargetRef=reference)
    await world.advance(15)
    assert await events(world) == [f"Warning FailedGetScale: {expected}"]
    text = f"the HPA controller was unable to get the target's current scale: {expected}"
    assert (await conditions(world)) == {"AbleToScale": ("False", "FailedGetScale", text)}


async def test_a_target_that_refuses(world: MetricsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    update = LocalClient.update

    async def refuse(self: LocalClient, resource: GroupVersionResource, obj: Object, **more: Any) -> Object:
        if more.get("subresource") == "scale":
            raise StatusError(403, "Forbidden", "not you")
        return await update(self, resource, obj, **more)

    monkeypatch.setattr(LocalClient, "update", refuse)
    await workload(world, 12)
    await autoscale(world)
    await world.advance(15)
    reason = "Current number of replicas above Spec.MaxReplicas"
    assert await events(world) == [f"Warning FailedRescale: New size: 10; reason: {reason}; error: not you"]
    text = "the HPA controller was unable to update the target scale: not you"
    assert (await conditions(world))["AbleToScale"] == ("False", "FailedUpdateScale", text)
    found = await status(world)
    assert (found["currentReplicas"], found["desiredReplicas"]) == (12, 0)


async def test_a_conflict_is_tried_again(world: MetricsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    update = LocalClient.update
    meanwhile = [1, 2]

    async def late(self: LocalClient, resource: GroupVersionResource, obj: Object, **more: Any) -> Object:
        if more.get("subresource") == "scale" and meanwhile:
            labels = {"metadata": {"labels": {"touched": str(meanwhile.pop())}}}
            await self.patch(resource, "default", "web", labels)
        return await update(self, resource, obj, **more)

    monkeypatch.setattr(LocalClient, "update", late)
    await workload(world, 12)
    await autoscale(world)
    await world.advance(15)
    assert await replicas(world) == 10
    assert len(await events(world)) == 1


async def test_pods_of_two_autoscalers(world: MetricsWorld) -> None:
    await workload(world, 1, "90m")
    await autoscale(world)
    await world.advance(15)
    await autoscale(world, name="other")
    await world.advance(15)
    text = "pods by selector app=web are controlled by multiple HPAs: [default/other default/web]"
    assert (await conditions(world, "other"))["ScalingActive"] == ("False", "AmbiguousSelector", text)
    assert f"Warning AmbiguousSelector: {text}" in await events(world)
    assert f"Warning FailedComputeMetricsReplicas: {text}" in await events(world)
    await world.client.delete(AUTOSCALERS, "default", "web")
    await world.advance(15)
    assert (await conditions(world, "other"))["ScalingActive"][1] == "ValidMetricFound"


async def test_an_autoscaler_that_is_deleted_does_nothing(world: MetricsWorld) -> None:
    await workload(world, 1, "90m")
    await autoscale(world)
    await world.settle()
    await world.client.delete(AUTOSCALERS, "default", "web")
    await world.advance(60)
    assert await replicas(world) == 1
    assert await events(world) == []


# What others serve


def crd(group: str, plural: str, **version: Any) -> Object:
    whatever = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {
        "name": "v1beta1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": whatever},
        **version,
    }
    names = {"plural": plural, "kind": plural.title()}
    metadata: Object = {"name": f"{plural}.{group}"}
    if group.endswith(".k8s.io"):
        metadata["annotations"] = {"api-approved.kubernetes.io": "unapproved, for tests"}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": [served]}
    return {"metadata": metadata, "spec": spec}


@pytest.fixture
async def registrar(world: MetricsWorld) -> AsyncIterator[Registrar]:
    registrar = Registrar(world.registry)
    registrar.start()
    yield registrar
    await registrar.stop()


async def define(world: MetricsWorld, registrar: Registrar, definition: Object) -> GroupVersionResource:
    await world.client.create(CUSTOM_RESOURCE_DEFINITIONS, definition)
    while registrar.busy():
        await world.settle()
    spec = definition["spec"]
    return GroupVersionResource(spec["group"], "v1beta1", spec["names"]["plural"])


async def test_external_metrics_as_custom_objects(world: MetricsWorld, registrar: Registrar) -> None:
    lengths = await define(world, registrar, crd("external.metrics.k8s.io", "lengths"))
    for number, queue in enumerate(("q", "q", "other")):
        metadata = {"name": f"l{number}", "namespace": "default", "labels": {"queue": queue}}
        await world.client.create(lengths, {"metadata": metadata, "value": "15"})
    await workload(world, 2, "1m", "1m")
    metric = {"name": "lengths", "selector": {"matchLabels": {"queue": "q"}}}
    target = {"type": "AverageValue", "averageValue": "10"}
    await autoscale(world, {"type": "External", "external": {"metric": metric, "target": target}})
    await world.advance(15)
    assert await replicas(world) == 3
    found = (await status(world))["currentMetrics"][0]
    assert found == {"type": "External", "external": {"metric": metric, "current": {"averageValue": "15"}}}
    assert (await events(world))[0].endswith(f"reason: external metric lengths({GO_SELECTOR}) above target")


async def test_custom_objects_are_scaled(world: MetricsWorld, registrar: Registrar) -> None:
    paths = {
        "specReplicasPath": ".spec.size",
        "statusReplicasPath": ".status.size",
        "labelSelectorPath": ".status.selector",
    }
    definition = crd("example.com", "flocks", subresources={"status": {}, "scale": paths})
    flocks = await define(world, registrar, definition)
    flock = {"metadata": {"name": "f", "namespace": "default"}, "spec": {"size": 2}}
    await world.client.create(flocks, flock)
    seen = {"status": {"size": 2, "selector": "app=web"}}
    await world.client.patch(flocks, "default", "f", seen, subresource="status")
    await workload(world, 2, "100m", "100m")
    reference = {"apiVersion": "example.com/v1beta1", "kind": "Flocks", "name": "f"}
    await autoscale(world, scaleTargetRef=reference)
    await world.advance(15)
    assert (await world.client.get(flocks, "default", "f"))["spec"] == {"size": 4}
    seen = {"status": {"selector": None}}
    await world.client.patch(flocks, "default", "f", seen, subresource="status")
    await world.advance(15)
    text = "the HPA target's scale is missing a selector"
    assert (await conditions(world))["ScalingActive"] == ("False", "InvalidSelector", text)
    assert "Warning SelectorRequired: selector is required" in await events(world)


async def test_each_namespace_is_by_itself(world: MetricsWorld) -> None:
    await world.client.create(NAMESPACES, {"metadata": {"name": "far"}})
    await workload(world, 1, "50m")
    await autoscale(world)
    spec = (await world.client.get(AUTOSCALERS, "default", "web"))["spec"]
    await world.client.create(AUTOSCALERS, {"metadata": {"name": "web", "namespace": "far"}, "spec": spec})
    await world.advance(30)
    assert (await conditions(world))["ScalingActive"][1] == "ValidMetricFound"
    there = (await world.client.get(AUTOSCALERS, "far", "web"))["status"]["conditions"]
    assert [each["reason"] for each in there] == ["FailedGetScale"]
