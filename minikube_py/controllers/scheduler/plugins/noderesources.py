"""NodeResourcesFit: room for what pods request, and by default the more the better (plugins/noderesources/fit.go)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from minikube_py.controllers.scheduler.framework import ASSIGNED_POD, NODE, Event, Filter, Plugin, Rejection, Score
from minikube_py.controllers.scheduler.nodeinfo import NodeInfo
from minikube_py.controllers.scheduler.podclass import PodClass
from minikube_py.controllers.scheduler.podrequests import amounts, pod_requests
from minikube_py.controllers.scheduler.resourcescores import LEAST_ALLOCATED_OF_BOTH, Strategy, strategy_score
from minikube_py.machinery.gvr import Object

TOO_MANY_PODS = "Too many pods"
_FULL = Rejection((TOO_MANY_PODS,), resolvable=True)


@dataclass(frozen=True)
class Arguments:
    """NodeResourcesFitArgs."""

    strategy: Strategy = LEAST_ALLOCATED_OF_BOTH
    ignored_resources: frozenset[str] = frozenset()
    ignored_groups: frozenset[str] = frozenset()
    """The part of a resource's name before "/"."""

    def ignores(self, name: str) -> bool:
        return name in self.ignored_resources or name.split("/")[0] in self.ignored_groups


def _fits(pod: PodClass, arguments: Arguments) -> Filter:
    requests = pod.requests
    cpu, memory, storage = requests.cpu, requests.memory, requests.ephemeral_storage
    scalars = [(name, number) for name, number in requests.scalars if not arguments.ignores(name)]
    if not (cpu or memory or storage or scalars):
        return _has_place

    def check(node: NodeInfo) -> Rejection | None:
        if (
            len(node.pods) < node.pods_allowed
            and cpu <= node.cpu - node.requested_cpu
            and memory <= node.memory - node.requested_memory
            and storage <= node.ephemeral_storage - node.requested_ephemeral_storage
            and not scalars
        ):
            return None
        return _insufficient(pod, node, scalars)

    return check


def _has_place(node: NodeInfo) -> Rejection | None:
    return None if len(node.pods) < node.pods_allowed else _FULL


def _insufficient(pod: PodClass, node: NodeInfo, scalars: list[tuple[str, int]]) -> Rejection | None:
    """All that is missing; hopeless where even the empty node is too small."""
    requests = pod.requests
    reasons = [TOO_MANY_PODS] if len(node.pods) >= node.pods_allowed else []
    hopeless = False
    wanted = [
        ("cpu", requests.cpu, node.cpu, node.requested_cpu),
        ("memory", requests.memory, node.memory, node.requested_memory),
        ("ephemeral-storage", requests.ephemeral_storage, node.ephemeral_storage, node.requested_ephemeral_storage),
    ]
    for name, number in scalars:
        wanted.append((name, number, node.scalars.get(name, 0), node.requested_scalars.get(name, 0)))
    for name, request, allocatable, requested in wanted:
        if request > 0 and request > allocatable - requested:
            reasons.append(f"Insufficient {name}")
            hopeless = hopeless or request > allocatable
    return Rejection(tuple(reasons), not hopeless) if reasons else None


def node_resources_fit(arguments: Arguments) -> Plugin:
    def fits(pod: PodClass) -> Filter:
        return _fits(pod, arguments)

    def score(pod: PodClass) -> Score:
        return strategy_score(arguments.strategy, pod.requests)

    def hint(pod: Object, event: Event) -> bool:
        return may_help(pod, event, arguments)

    return Plugin("NodeResourcesFit", filter=fits, score=score, hint=hint, arguments=arguments)


def ignoring(plugin: Plugin, resources: frozenset[str]) -> Plugin:
    """The same plugin, but that these are the resources which it ignores."""
    made = node_resources_fit(replace(plugin.arguments, ignored_resources=resources))
    return replace(
        made,
        filter=made.filter if plugin.filter is not None else None,
        score=made.score if plugin.score is not None else None,
        weight=plugin.weight,
    )


def may_help(pod: Object, event: Event, arguments: Arguments) -> bool:
    """A pod that goes or asks for less; a node that the pod would fit if it were empty, if it is new or grew."""
    if event.resource == ASSIGNED_POD:
        return event.old is not None and (event.new is None or _shrank(event.old, event.new))
    if event.resource != NODE or event.new is None:
        return False
    empty = NodeInfo(event.new["metadata"]["name"], 0)
    empty.set_node(event.new)
    if _fits(PodClass(pod["spec"]), arguments)(empty) is not None:
        return False
    return event.old is None or _grew(event.old, event.new, pod)


def _shrank(old: Object, new: Object) -> bool:
    before, after = pod_requests(old["spec"]), pod_requests(new["spec"])
    left = dict(after.scalars)
    return (
        before.cpu > after.cpu
        or before.memory > after.memory
        or before.ephemeral_storage > after.ephemeral_storage
        or any(number > left.get(name, 0) for name, number in before.scalars)
    )


def _grew(old: Object, new: Object, pod: Object) -> bool:
    before, after = (amounts((each.get("status") or {}).get("allocatable")) for each in (old, new))
    requests = pod_requests(pod["spec"])
    wanted = {"pods": 1, "cpu": requests.cpu, "memory": requests.memory}
    wanted |= {"ephemeral-storage": requests.ephemeral_storage, **dict(requests.scalars)}
    return any(number and after.get(name, 0) > before.get(name, 0) for name, number in wanted.items())


NODE_RESOURCES_FIT = node_resources_fit(Arguments())
