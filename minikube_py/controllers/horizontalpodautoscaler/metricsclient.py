"""Where metrics come from: metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io, read as any client does
(pkg/controller/podautoscaler/metrics/client.go).

The first is served by the cluster itself. The others are there if somebody serves them: external metrics may as well be
objects of a CRD of that group, whose resource is named as the metric and whose objects have a `value`. A metric's own
selector is asked for of external metrics alone: a Client has no query for that of custom ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minikube_py.client.protocol import Client
from minikube_py.controllers.horizontalpodautoscaler.discovery import Discovery, Unmapped
from minikube_py.controllers.horizontalpodautoscaler.podgroups import MetricsMissing, PodMetric
from minikube_py.machinery import duration, errors, quantity
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object

POD_METRICS = GroupVersionResource("metrics.k8s.io", "v1beta1", "pods")
CUSTOM, CUSTOM_VERSIONS = "custom.metrics.k8s.io", ("v1beta2", "v1beta1")
EXTERNAL, EXTERNAL_VERSION = "external.metrics.k8s.io", "v1beta1"

_UNKNOWN = (str(errors.unknown_resource()), "404 page not found")
"""What servers say of groups and resources that they do not know."""

DEFAULT_WINDOW = 60
"""Seconds, of custom metrics that do not tell."""


class MetricsClient:
    """All values are in thousandths. Raises MetricsMissing."""

    def __init__(self, client: Client, discovery: Discovery) -> None:
        self._client = client
        self._discovery = discovery

    async def resource(self, resource: str, namespace: str, selector: str, container: str) -> dict[str, PodMetric]:
        """What pods use of a resource, by their names; `container` narrows it to one of theirs, "" is all."""
        try:
            items = await self._listed(POD_METRICS, namespace, selector)
        except StatusError as error:
            raise MetricsMissing(f"unable to fetch metrics from resource metrics API: {error}") from None
        if not items:
            raise MetricsMissing("no metrics returned from resource metrics API")
        found = {}
        for each in items:
            value = _used(each["containers"], resource, container)
            if value is not None:
                window = duration.parse(each["window"])
                found[each["metadata"]["name"]] = PodMetric(value, parse_rfc3339(each["timestamp"]), window)
        return found

    async def of_pods(self, metric: str, namespace: str, selector: str) -> dict[str, PodMetric]:
        """A custom metric of pods, by their names."""
        items = await self._custom(f"pods/*/{metric}", namespace, selector)
        if not items:
            raise MetricsMissing("no metrics returned from custom metrics API")
        return {each["describedObject"]["name"]: _custom_metric(each) for each in items}

    async def of_object(self, metric: str, namespace: str, described: Object) -> int:
        """A custom metric of one object."""
        group, kind = described.get("apiVersion", "").rpartition("/")[0], described["kind"]
        if (group, kind) == ("", "Namespace"):
            path = f"metrics/{metric}"
        else:
            try:
                resource = await self._discovery.resource(group, kind)
            except Unmapped as error:
                text = f"unable to map kind {kind}{f'.{group}' if group else ''} to resource: {error}"
                raise MetricsMissing(f"unable to fetch metrics from custom metrics API: {text}") from None
            path = f"{resource.group_resource}/{described['name']}/{metric}"
        items = await self._custom(path, namespace, "")
        if len(items) != 1:
            text = f"the custom metrics API server returned {len(items)} results when we asked for exactly one"
            raise MetricsMissing(f"unable to fetch metrics from custom metrics API: {text}")
        return quantity.milli_value(items[0]["value"])

    async def external(self, metric: str, namespace: str, selector: str) -> list[int]:
        """The values of an external metric."""
        try:
            items = await self._listed(GroupVersionResource(EXTERNAL, EXTERNAL_VERSION, metric), namespace, selector)
        except StatusError as error:
            raise MetricsMissing(f"unable to fetch metrics from external metrics API: {error}") from None
        if not items:
            raise MetricsMissing("no metrics returned from external metrics API")
        return [quantity.milli_value(each["value"]) for each in items]

    async def _custom(self, path: str, namespace: str, selector: str) -> Sequence[Object]:
        """The values at a path of custom.metrics.k8s.io, which are lists below a resource's name."""
        said = "unable to fetch metrics from custom metrics API: "
        version = await self._discovery.version(CUSTOM, CUSTOM_VERSIONS)
        if not version:
            raise MetricsMissing(f"{said}no custom metrics API ({CUSTOM}) registered")
        try:
            return await self._listed(GroupVersionResource(CUSTOM, version, path), namespace, selector)
        except StatusError as error:
            raise MetricsMissing(f"{said}{error}") from None

    async def _listed(self, resource: GroupVersionResource, namespace: str, selector: str) -> Sequence[Object]:
        """Raises StatusError, which names the resource as client-go's does if the server knows nothing of it."""
        try:
            return (await self._client.list(resource, namespace, label_selector=selector)).items
        except StatusError as error:
            if str(error) not in _UNKNOWN:
                raise
            text = f"{_UNKNOWN[0]} (get {resource.resource}.{resource.group})"
            raise StatusError(error.code, error.reason, text) from None


def _used(containers: Sequence[Object], resource: str, container: str) -> int | None:
    """By a pod's containers, or by one; None if that is not known of one of them."""
    wanted = [each for each in containers if not container or each["name"] == container]
    values = [each["usage"].get(resource) for each in wanted]
    if not values or None in values:
        return None
    return sum(quantity.milli_value(value) for value in values)


def _custom_metric(item: Mapping[str, Any]) -> PodMetric:
    window = item.get("windowSeconds")
    return PodMetric(
        quantity.milli_value(item["value"]),
        parse_rfc3339(item["timestamp"]),
        float(DEFAULT_WINDOW if window is None else window),
    )
