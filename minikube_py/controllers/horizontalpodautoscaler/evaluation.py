"""What one metric asks for (pkg/controller/podautoscaler/horizontal.go computeReplicasForMetric).

Resource, ContainerResource   metrics.k8s.io, against a share of what pods request or an amount for each
Pods                          custom.metrics.k8s.io, an amount for each pod
Object, External              custom and external.metrics.k8s.io, an amount for all pods or for each
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from minikube_py.client.indexer import Lister, Objects
from minikube_py.controllers.horizontalpodautoscaler import replicas
from minikube_py.controllers.horizontalpodautoscaler.metricsclient import MetricsClient
from minikube_py.controllers.horizontalpodautoscaler.podgroups import MetricsMissing, PodGroups, PodMetrics, group_pods
from minikube_py.controllers.horizontalpodautoscaler.podgroups import requests_of as requests_of_pods
from minikube_py.controllers.horizontalpodautoscaler.replicas import Tolerances
from minikube_py.machinery import labelselector, quantity
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.meta import labels
from minikube_py.machinery.quantity import BINARY_SI, DECIMAL_SI


class ScaleTarget(NamedTuple):
    """What is to be scaled."""

    namespace: str
    selector: Selector
    wanted: int
    """Replicas by the spec of its Scale."""
    present: int
    """By the status."""
    tolerances: Tolerances


class Evaluated(NamedTuple):
    """What a metric asks for."""

    replicas: int
    metric: str
    """As messages name it."""
    status: Object
    """Its place in status.currentMetrics."""


class EvaluationFailure(Exception):
    """A metric asks for nothing. `reason` and `cause` are the event's, str() is what happened in full."""

    def __init__(self, reason: str, cause: str, error: str) -> None:
        super().__init__(error)
        self.reason = reason
        self.cause = cause


Evaluate = Callable[[Object, ScaleTarget], Awaitable[Evaluated]]


class Evaluator:
    def __init__(self, metrics: MetricsClient, pods: Lister, clock: Clock) -> None:
        self._metrics = metrics
        self._pods = pods
        self._clock = clock
        self._by_type: Mapping[str, tuple[str, str, Evaluate]] = {
            "ContainerResource": ("containerResource", "FailedGetContainerResourceMetric", self._container_resource),
            "External": ("external", "FailedGetExternalMetric", self._external),
            "Object": ("object", "FailedGetObjectMetric", self._object),
            "Pods": ("pods", "FailedGetPodsMetric", self._of_pods),
            "Resource": ("resource", "FailedGetResourceMetric", self._resource),
        }

    async def evaluate(self, spec: Object, target: ScaleTarget) -> Evaluated:
        """Raises EvaluationFailure."""
        known = self._by_type.get(spec["type"])
        if known is None:
            text = f'unknown metric source type "{spec["type"]}"'
            raise EvaluationFailure("InvalidMetricSourceType", text, text)
        name, reason, evaluate = known
        source = spec[name]
        try:
            found = await evaluate(source, target)
        except (MetricsMissing, ValueError) as error:
            raise EvaluationFailure(reason, str(error), _in_full(name, source, str(error))) from None
        return found._replace(status={"type": spec["type"], name: found.status})

    # Of resources

    async def _resource(self, source: Object, target: ScaleTarget) -> Evaluated:
        found = await self._used(source, target, "")
        return found._replace(status={"name": source["name"], "current": found.status})

    async def _container_resource(self, source: Object, target: ScaleTarget) -> Evaluated:
        found = await self._used(source, target, source["container"])
        status = {"name": source["name"], "container": source["container"], "current": found.status}
        return found._replace(status=status)

    async def _used(self, source: Object, target: ScaleTarget, container: str) -> Evaluated:
        resource, wanted = source["name"], source["target"]
        if wanted.get("averageValue") is not None:
            try:
                return await self._by_amount(resource, wanted["averageValue"], target, container)
            except MetricsMissing as error:
                raise MetricsMissing(f"failed to get {resource} usage: {error}") from None
        if wanted.get("averageUtilization") is None:
            text = "neither an average utilization target nor an average value (usage) target was set"
            raise MetricsMissing(f"invalid resource metric source: {text}")
        try:
            return await self._by_utilization(resource, wanted["averageUtilization"], target, container)
        except MetricsMissing as error:
            raise MetricsMissing(f"failed to get {resource} utilization: {error}") from None

    async def _by_amount(self, resource: str, amount: str, target: ScaleTarget, container: str) -> Evaluated:
        metrics = await self._resource_metrics(resource, target, container)
        groups = self._groups(self._selected(target), metrics, resource)
        metrics = replicas.believed(metrics, groups)
        found = replicas.by_usage(target.wanted, quantity.milli_value(amount), metrics, groups, target.tolerances)
        current = {"averageValue": amount_text(resource, found.usage)}
        return Evaluated(found.replicas, f"{resource} resource", current)

    async def _by_utilization(self, resource: str, percent: int, target: ScaleTarget, container: str) -> Evaluated:
        metrics = await self._resource_metrics(resource, target, container)
        pods = self._selected(target)
        groups = self._groups(pods, metrics, resource)
        metrics = replicas.believed(metrics, groups)
        requests = requests_of_pods(pods, container, resource)
        found = replicas.by_utilization(target.wanted, percent, metrics, requests, groups, target.tolerances)
        what = "container resource" if container else "resource"
        current = {"averageUtilization": found.utilization, "averageValue": amount_text(resource, found.usage)}
        return Evaluated(found.replicas, f"{resource} {what} utilization (percentage of request)", current)

    async def _resource_metrics(self, resource: str, target: ScaleTarget, container: str) -> PodMetrics:
        try:
            return await self._metrics.resource(resource, target.namespace, str(target.selector), container)
        except MetricsMissing as error:
            raise MetricsMissing(f"unable to get metrics for resource {resource}: {error}") from None

    # Of other things

    async def _of_pods(self, source: Object, target: ScaleTarget) -> Evaluated:
        metric, wanted = source["metric"]["name"], quantity.milli_value(source["target"]["averageValue"])
        _selector_text(source["metric"])
        try:
            metrics: PodMetrics = await self._metrics.of_pods(metric, target.namespace, str(target.selector))
        except MetricsMissing as error:
            raise MetricsMissing(f"unable to get metric {metric}: {error}") from None
        groups = self._groups(self._selected(target), metrics, "")
        metrics = replicas.believed(metrics, groups)
        found = replicas.by_usage(target.wanted, wanted, metrics, groups, target.tolerances)
        status = {"metric": _identifier(source["metric"]), "current": {"averageValue": _milli(found.usage)}}
        return Evaluated(found.replicas, f"pods metric {metric}", status)

    async def _object(self, source: Object, target: ScaleTarget) -> Evaluated:
        metric, described, wanted = source["metric"]["name"], source["describedObject"], source["target"]
        _selector_text(source["metric"])
        average = wanted["type"] == "AverageValue" and wanted.get("averageValue") is not None
        if not average and (wanted["type"] != "Value" or wanted.get("value") is None):
            raise MetricsMissing(_NO_TARGET.format("object"))
        try:
            usage = await self._metrics.of_object(metric, target.namespace, described)
        except MetricsMissing as error:
            where = f"{described['kind']} {target.namespace}/{described['name']}"
            raise MetricsMissing(f"unable to get metric {metric}: {error} on {where}") from None
        count, current = self._of_value(usage, wanted if average else {"value": wanted["value"]}, target)
        status = {"describedObject": described, "metric": _identifier(source["metric"]), "current": current}
        # Upstream calls it external where it is divided among pods.
        named = _external_name(source["metric"]) if average else f"{described['kind']} metric {metric}"
        return Evaluated(count, named, status)

    async def _external(self, source: Object, target: ScaleTarget) -> Evaluated:
        metric, wanted = source["metric"], source["target"]
        if wanted.get("averageValue") is None and wanted.get("value") is None:
            raise MetricsMissing(_NO_TARGET.format("external"))
        selector = _selector_text(metric)
        try:
            usage = replicas.total(await self._metrics.external(metric["name"], target.namespace, selector))
        except MetricsMissing as error:
            where = f"{target.namespace}/{metric['name']}/{labelselector.go_text(metric.get('selector'))}"
            raise MetricsMissing(f"unable to get external metric {where}: {error}") from None
        count, current = self._of_value(usage, wanted, target)
        return Evaluated(count, _external_name(metric), {"metric": _identifier(metric), "current": current})

    def _of_value(self, usage: int, wanted: Object, target: ScaleTarget) -> tuple[int, Object]:
        """Replicas, and the current value as status tells it."""
        if wanted.get("averageValue") is not None:
            amount = quantity.milli_value(wanted["averageValue"])
            found = replicas.by_average_value(target.present, usage, amount, target.tolerances)
            return found.replicas, {"averageValue": _milli(found.usage)}
        pods, amount = self._listed(target), quantity.milli_value(wanted["value"])
        found = replicas.by_value(target.wanted, usage, amount, pods, target.tolerances)
        return found.replicas, {"value": _milli(found.usage)}

    # Pods

    def _listed(self, target: ScaleTarget) -> Objects:
        matches = target.selector.matches
        return self._pods.list(target.namespace, lambda pod: matches(labels(pod)))

    def _selected(self, target: ScaleTarget) -> Objects:
        """Raises MetricsMissing where there is none."""
        if not (found := self._listed(target)):
            raise MetricsMissing(replicas.NO_PODS)
        return found

    def _groups(self, pods: Objects, metrics: PodMetrics, resource: str) -> PodGroups:
        return group_pods(pods, metrics, resource, self._clock.now())


_NO_TARGET = "invalid {} metric source: neither a value target nor an average value target was set"


def _in_full(name: str, source: Object, cause: str) -> str:
    """As the failure of all metrics together tells it."""
    if name == "resource":
        return f"failed to get {source['name']} resource metric value: {cause}"
    if name == "containerResource":
        return f"failed to get {source['container']} container metric value: {cause}"
    metric, wanted = source["metric"]["name"], source["target"]
    average = wanted.get("averageValue") is not None
    if name == "external":
        if average:
            cause = f"failed to get {metric} external metric: {cause}"
        elif wanted.get("value") is not None:
            cause = f"failed to get external metric {metric}: {cause}"
        return f"failed to get {metric} external metric value: {cause}"
    if name == "object" and average and wanted["type"] == "AverageValue":
        cause = f"failed to get {metric} object metric: {cause}"
    return f"failed to get {name} metric value: {cause}"


def amount_text(resource: str, milli: int) -> str:
    """A resource's amount as metrics-server writes it."""
    return str(quantity.of_milli(milli, BINARY_SI if resource == "memory" else DECIMAL_SI))


def _milli(number: int) -> str:
    return str(quantity.of_milli(number))


def _selector_text(metric: Object) -> str:
    """As a query has it. Raises ValueError."""
    selector = metric.get("selector")
    return "" if selector is None else str(labelselector.as_selector(selector))


def _identifier(metric: Object) -> Object:
    selector = metric.get("selector")
    return {"name": metric["name"], **({"selector": selector} if selector is not None else {})}


def _external_name(metric: Object) -> str:
    return f"external metric {metric['name']}({labelselector.go_text(metric.get('selector'))})"
