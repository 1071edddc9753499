"""Plugins with arguments of the user's: the args of a profile's pluginConfig, by plugin
(apis/config/types_pluginargs.go, validation_pluginargs.go, defaults.go)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minikube_py.controllers.scheduler.framework import Plugin
from minikube_py.controllers.scheduler.plugins import (
    interpodaffinity,
    nodeaffinity,
    noderesources,
    podtopologyspread,
    volumebinding,
)
from minikube_py.controllers.scheduler.plugins.balancedallocation import balanced_allocation
from minikube_py.controllers.scheduler.plugins.defaultpreemption import default_preemption
from minikube_py.controllers.scheduler.preemption import Limits
from minikube_py.controllers.scheduler.resourcescores import (
    DEFAULT_RESOURCES,
    LEAST_ALLOCATED,
    MAX_CUSTOM_SCORE,
    MOST_ALLOCATED,
    REQUESTED_TO_CAPACITY_RATIO,
    Resources,
    Strategy,
)
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    type_invalid,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_label_name

STRATEGIES = (LEAST_ALLOCATED, MOST_ALLOCATED, REQUESTED_TO_CAPACITY_RATIO)
ACTIONS = (podtopologyspread.DO_NOT_SCHEDULE, podtopologyspread.SCHEDULE_ANYWAY)
TYPE_FIELDS = ("apiVersion", "kind")

Make = Callable[["Reader"], Plugin]


class Reader:
    """Reads one object's fields; notes what is wrong."""

    def __init__(self, given: Object, path: Path, errors: ErrorList) -> None:
        self.given, self.path, self.errors = given, path, errors

    def known(self, *fields: str) -> None:
        for field in self.given:
            if field not in fields:
                self.errors.append(forbidden(self.path.child(field), "unknown field"))

    def integer(self, field: str, default: int, least: int, most: int | None = None) -> int:
        value = self.given.get(field)
        if value is None:
            return default
        path = self.path.child(field)
        if not isinstance(value, int) or isinstance(value, bool):
            self.errors.append(type_invalid(path, value, "must be an integer"))
            return default
        if value < least or (most is not None and value > most):
            bounds = f"[{least}, {most}]" if most is not None else f"[{least}, inf)"
            self.errors.append(invalid(path, value, f"not in valid range {bounds}"))
        return value

    def flag(self, field: str) -> bool:
        value = self.given.get(field)
        if value is not None and not isinstance(value, bool):
            self.errors.append(type_invalid(self.path.child(field), value, "must be a boolean"))
        return value is True

    def text(self, field: str, default: str = "") -> str:
        value = self.given.get(field)
        if value is not None and not isinstance(value, str):
            self.errors.append(type_invalid(self.path.child(field), value, "must be a string"))
            return default
        return value or default

    def readers(self, field: str) -> list[Reader]:
        """One for each object of a list."""
        found = []
        for index, each in enumerate(self._list(field)):
            path = self.path.child(field).index(index)
            if isinstance(each, dict):
                found.append(Reader(each, path, self.errors))
            else:
                self.errors.append(type_invalid(path, each, "must be an object"))
        return found

    def texts(self, field: str) -> list[str]:
        return [each for each in self._list(field) if isinstance(each, str)]

    def reader(self, field: str) -> Reader | None:
        """Of an object, None if it is not given."""
        value = self.given.get(field)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.errors.append(type_invalid(self.path.child(field), value, "must be an object"))
            return None
        return Reader(value, self.path.child(field), self.errors)

    def _list(self, field: str) -> Sequence[object]:
        value = self.given.get(field)
        if value is not None and not isinstance(value, list):
            self.errors.append(type_invalid(self.path.child(field), value, "must be a list"))
            return ()
        return value or ()


def _node_resources_fit(args: Reader) -> Plugin:
    args.known(*TYPE_FIELDS, "ignoredResources", "ignoredResourceGroups", "scoringStrategy")
    resources, groups = args.texts("ignoredResources"), args.texts("ignoredResourceGroups")
    for index, each in enumerate(resources):
        args.errors += validate_label_name(each, args.path.child("ignoredResources").index(index))
    for index, each in enumerate(groups):
        path = args.path.child("ignoredResourceGroups").index(index)
        if "/" in each:
            args.errors.append(invalid(path, each, "resource group name can't contain '/'"))
        args.errors += validate_label_name(each, path)
    given = args.reader("scoringStrategy")
    strategy = _strategy(given) if given is not None else Strategy()
    return noderesources.node_resources_fit(noderesources.Arguments(strategy, frozenset(resources), frozenset(groups)))


def _strategy(given: Reader) -> Strategy:
    given.known("type", "resources", "requestedToCapacityRatio")
    type = given.text("type")
    if type not in STRATEGIES:
        given.errors.append(not_supported(given.path.child("type"), as_json(type), STRATEGIES))
    resources = _resources(given)
    for index, (name, weight) in enumerate(resources):
        if not 0 < weight <= 100:
            detail = f"resource weight of {name} not in valid range (0, 100]"
            given.errors.append(invalid(given.path.child("resources").index(index).child("weight"), weight, detail))
    ratio, path = given.reader("requestedToCapacityRatio"), given.path.child("requestedToCapacityRatio")
    if type != REQUESTED_TO_CAPACITY_RATIO:
        if ratio is not None:
            given.errors.append(forbidden(path, "must be nil when type is not RequestedToCapacityRatio"))
        return Strategy(type or LEAST_ALLOCATED, resources)
    if ratio is None:
        given.errors.append(required(path, "must be specified when type is RequestedToCapacityRatio"))
        return Strategy()
    return Strategy(type, resources, _shape(ratio))


def _resources(given: Reader) -> Resources:
    found = [(each.text("name"), each.given.get("weight") or 1) for each in given.readers("resources")]
    return tuple(found) or DEFAULT_RESOURCES


def _shape(given: Reader) -> tuple[tuple[int, int], ...]:
    given.known("shape")
    path = given.path.child("shape")
    points = [
        (each.integer("utilization", 0, 0, 100), each.integer("score", 0, 0, MAX_CUSTOM_SCORE))
        for each in given.readers("shape")
    ]
    if not points:
        given.errors.append(required(path, "at least one point must be specified"))
    for index in range(1, len(points)):
        if points[index - 1][0] >= points[index][0]:
            detail = "values must be sorted in increasing order"
            given.errors.append(invalid(path.index(index).child("utilization"), points[index][0], detail))
            break
    return tuple(points)


def _balanced_allocation(args: Reader) -> Plugin:
    args.known(*TYPE_FIELDS, "resources")
    resources = _resources(args)
    seen: set[str] = set()
    for index, (name, weight) in enumerate(resources):
        path = args.path.child("resources").index(index)
        if name in seen:
            args.errors.append(duplicate(path.child("name"), name))
        seen.add(name)
        if weight != 1:
            args.errors.append(invalid(path.child("weight"), weight, "must be 1"))
    return balanced_allocation(resources)


def _inter_pod_affinity(args: Reader) -> Plugin:
    args.known(*TYPE_FIELDS, "hardPodAffinityWeight", "ignorePreferredTermsOfExistingPods")
    weight = args.integer("hardPodAffinityWeight", 1, 0, 100)
    ignored = args.flag("ignorePreferredTermsOfExistingPods")
    return interpodaffinity.inter_pod_affinity(interpodaffinity.Arguments(weight, ignored))


def _pod_topology_spread(args: Reader) -> Plugin:
    args.known(*TYPE_FIELDS, "defaultConstraints", "defaultingType")
    constraints = args.readers("defaultConstraints")
    defaulting, path = args.text("defaultingType", "System"), args.path.child("defaultingType")
    if defaulting not in ("System", "List"):
        args.errors.append(not_supported(path, as_json(defaulting), ("System", "List")))
    if defaulting == "System" and constraints:
        args.errors.append(invalid(path, as_json(defaulting), "when .defaultConstraints are not empty"))
    seen: set[tuple[str, str]] = set()
    for each in constraints:
        _check_constraint(each, seen)
    given = tuple(each.given for each in constraints)
    system = podtopologyspread.Arguments()
    return podtopologyspread.pod_topology_spread(
        system if defaulting == "System" else podtopologyspread.Arguments(given, system=False)
    )


def _check_constraint(each: Reader, seen: set[tuple[str, str]]) -> None:
    skew, key, action = each.given.get("maxSkew") or 0, each.text("topologyKey"), each.text("whenUnsatisfiable")
    if skew <= 0:
        each.errors.append(invalid(each.path.child("maxSkew"), skew, "not in valid range (0, inf)"))
    if not key:
        each.errors.append(required(each.path.child("topologyKey"), "can not be empty"))
    else:
        each.errors += validate_label_name(key, each.path.child("topologyKey"))
    if not action:
        each.errors.append(required(each.path.child("whenUnsatisfiable"), "can not be empty"))
    elif action not in ACTIONS:
        each.errors.append(not_supported(each.path.child("whenUnsatisfiable"), as_json(action), ACTIONS))
    if each.given.get("labelSelector") is not None:
        detail = "constraint must not define a selector, as they deduced for each pod"
        each.errors.append(forbidden(each.path.child("labelSelector"), detail))
    if (key, action) in seen:
        each.errors.append(duplicate(each.path, f"{{{key}, {action}}}"))
    seen.add((key, action))


def _default_preemption(args: Reader) -> Plugin:
    args.known(*TYPE_FIELDS, "minCandidateNodesPercentage", "minCandidateNodesAbsolute")
    percentage = args.integer("minCandidateNodesPercentage", 10, 0, 100)
    absolute = args.integer("minCandidateNodesAbsolute", 100, 0)
    if percentage == absolute == 0:
        both = ("minCandidateNodesPercentage", "minCandidateNodesAbsolute")
        for field, other in (both, both[::-1]):
            detail = f"cannot be zero at the same time as {other}"
            args.errors.append(invalid(args.path.child(field), 0, detail))
    return default_preemption(Limits(percentage, absolute))


def _volume_binding(args: Reader) -> Plugin:
    args.known(*TYPE_FIELDS, "bindTimeoutSeconds", "shape")
    timeout, path = args.given.get("bindTimeoutSeconds", 600), args.path.child("bindTimeoutSeconds")
    if not isinstance(timeout, int) or timeout < 0:
        args.errors.append(invalid(path, timeout, "invalid BindTimeoutSeconds, should not be a negative value"))
        timeout = 0
    if args.given.get("shape") is not None:
        detail = "unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring"
        args.errors.append(invalid(args.path.child("shape"), args.given["shape"], detail))
    return volumebinding.volume_binding(volumebinding.Arguments(float(timeout)))


def _node_affinity(args: Reader) -> Plugin:
    args.known(*TYPE_FIELDS, "addedAffinity")
    added = args.reader("addedAffinity")
    return nodeaffinity.node_affinity(nodeaffinity.Arguments(added.given if added is not None else None))


WITH_ARGUMENTS: dict[str, Make] = {
    "DefaultPreemption": _default_preemption,
    "InterPodAffinity": _inter_pod_affinity,
    "NodeAffinity": _node_affinity,
    "NodeResourcesBalancedAllocation": _balanced_allocation,
    "NodeResourcesFit": _node_resources_fit,
    "PodTopologySpread": _pod_topology_spread,
    "VolumeBinding": _volume_binding,
}
