"""metrics.k8s.io: what pods and nodes use, as the kubelets tell it when they are asked (kubernetes-sigs/metrics-server,
pkg/api and pkg/storage).

A sample is that of the moment: nothing is scraped, so that a pod has metrics from when its containers run, and what
changes shows at once. Nodes that are not heard of have none, nor have their pods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.nodes import Usage
from minikube_py.api.resource import Column, Resource
from minikube_py.machinery import conditions, errors, quantity
from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.quantity import ZERO, Quantity
from minikube_py.machinery.wellknown import NODES, PODS
from minikube_py.store import Key

GROUP, VERSION = "metrics.k8s.io", "v1beta1"
WINDOW = "15s"
"""That a sample is of: the resolution that metrics-server is deployed with."""

_POD_METRICS, _NODE_METRICS = GroupResource(GROUP, "podmetrics"), GroupResource(GROUP, "nodemetrics")
_PODS, _NODES = str(PODS.group_resource), str(NODES.group_resource)

Matches = Callable[[Object], bool] | None


class PodMetrics:
    """Computed."""

    async def get(self, ctx: Context) -> Object:
        stored = ctx.registry.store.get(Key(_PODS, ctx.namespace, ctx.name))
        if stored is None:
            raise errors.not_found(PODS.group_resource, ctx.name)
        found = await self._of(ctx, stored.object)
        if found is None:
            raise errors.not_found(_POD_METRICS, f"{ctx.namespace}/{ctx.name}")
        return found

    async def list(self, ctx: Context, matches: Matches) -> Sequence[Object]:
        found = []
        for pod in _selected(ctx, _PODS, ctx.namespace or None, matches):
            metrics = await self._of(ctx, pod)
            if metrics is not None:
                found.append(metrics)
        return found

    async def _of(self, ctx: Context, pod: Object) -> Object | None:
        node = ctx.registry.store.get(Key(_NODES, "", pod["spec"].get("nodeName") or ""))
        if node is None or not is_heard_of(node.object):
            return None
        usages = await ctx.registry.nodes.pod_usage(pod)
        if not usages:
            return None
        containers = [{"name": name, "usage": _written(usage)} for name, usage in usages.items()]
        return {**_sample(ctx, pod), "containers": containers}


class NodeMetrics:
    """Computed."""

    async def get(self, ctx: Context) -> Object:
        stored = ctx.registry.store.get(Key(_NODES, "", ctx.name))
        if stored is None:
            raise errors.not_found(NODES.group_resource, ctx.name)
        found = await self._of(ctx, [stored.object])
        if not found:
            raise errors.not_found(_NODE_METRICS, ctx.name)
        return found[0]

    async def list(self, ctx: Context, matches: Matches) -> Sequence[Object]:
        return await self._of(ctx, _selected(ctx, _NODES, None, matches))

    async def _of(self, ctx: Context, nodes: Sequence[Object]) -> Sequence[Object]:
        pods: dict[str, list[Object]] = {node["metadata"]["name"]: [] for node in nodes if is_heard_of(node)}
        for pod in ctx.registry.store.list(_PODS, None):
            place = pods.get(pod.object["spec"].get("nodeName") or "")
            if place is not None:
                place.append(pod.object)
        found = []
        for node in nodes:
            if node["metadata"]["name"] in pods:
                usage = await ctx.registry.nodes.node_usage(node, pods[node["metadata"]["name"]])
                if usage:
                    found.append({**_sample(ctx, node), "usage": _written(usage)})
        return found


def is_heard_of(node: Object) -> bool:
    """Whether its kubelet answers, ready or not."""
    ready = conditions.find((node.get("status") or {}).get("conditions"), "Ready")
    return ready is not None and ready["status"] != conditions.UNKNOWN


def _selected(ctx: Context, resource: str, namespace: str | None, matches: Matches) -> list[Object]:
    """Metrics have the names and labels of what they are of."""
    objects = (stored.object for stored in ctx.registry.store.list(resource, namespace))
    return list(objects) if matches is None else [each for each in objects if matches(each)]


def _sample(ctx: Context, of: Object) -> Object:
    """What all metrics have."""
    metadata: Object = {"name": of["metadata"]["name"]}
    if "namespace" in of["metadata"]:
        metadata["namespace"] = of["metadata"]["namespace"]
    metadata["creationTimestamp"] = ctx.now
    if of["metadata"].get("labels"):
        metadata["labels"] = of["metadata"]["labels"]
    head = {"kind": ctx.resource.kind, "apiVersion": ctx.resource.api_version}
    return {**head, "metadata": metadata, "timestamp": ctx.now, "window": WINDOW}


def _written(usage: Usage) -> dict[str, str]:
    return {name: str(usage[name]) for name in sorted(usage)}


# Tables


def pod_cells(obj: Object) -> list[Any]:
    return _cells(obj, [container["usage"] for container in obj["containers"]])


def node_cells(obj: Object) -> list[Any]:
    return _cells(obj, [obj["usage"]])


def _cells(obj: Object, usages: Iterable[Mapping[str, str]]) -> list[Any]:
    total: dict[str, Quantity] = {"cpu": ZERO, "memory": ZERO}
    for usage in usages:
        for name in total:
            total[name] += quantity.parse(usage[name])
    return [obj["metadata"]["name"], str(total["cpu"]), str(total["memory"]), obj["window"]]


_COLUMNS = (
    Column("Name", format="name", description="Name of the resource"),
    Column("cpu", format="quantity"),
    Column("memory", format="quantity"),
    Column("Window", format="duration"),
)

RESOURCES = (
    Resource(
        group=GROUP,
        version=VERSION,
        plural="nodes",
        kind="NodeMetrics",
        namespaced=False,
        singular="",
        verbs=("get", "list"),
        columns=_COLUMNS,
        cells=node_cells,
        computed=NodeMetrics(),
    ),
    Resource(
        group=GROUP,
        version=VERSION,
        plural="pods",
        kind="PodMetrics",
        singular="",
        verbs=("get", "list"),
        columns=_COLUMNS,
        cells=pod_cells,
        computed=PodMetrics(),
    ),
)
