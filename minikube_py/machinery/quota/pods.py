"""What pods use: their number, and what they request and may use at most (pkg/quota/v1/evaluator/core/pods.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from minikube_py.machinery import podresources
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.quantity import parse
from minikube_py.machinery.quota import scopes
from minikube_py.machinery.quota.amounts import Amounts, parsed
from minikube_py.machinery.quota.evaluator import ONE, Evaluator, Verb

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_HUGE_PAGES = "hugepages-"
_REQUESTS, _LIMITS = "requests.", "limits."
_DEVICE_CLASS = "deviceclass.resource.kubernetes.io/"
_TO_BE_SAID = frozenset({"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"})
"""Where one of these is limited, each container must say how much it wants."""

_NAMES = (
    "pods",
    *_COMPUTE,
    *(_REQUESTS + name for name in _COMPUTE),
    *(_LIMITS + name for name in _COMPUTE),
)


class PodEvaluator(Evaluator):
    def __init__(self) -> None:
        super().__init__(GroupResource("", "pods"), *_NAMES)

    def counts(self, name: str) -> bool:
        if name in self.names or name.startswith((_HUGE_PAGES, _REQUESTS + _HUGE_PAGES)):
            return True
        return name.startswith(_REQUESTS) and (_is_extended(name) or name.startswith(_REQUESTS + _DEVICE_CLASS))

    def handles(self, verb: Verb, subresource: str, obj: Object, old: Object | None) -> bool:
        if subresource:
            return subresource == "resize" and verb == "update"
        return old is None or is_terminating(obj) != is_terminating(old)

    def replenishes(self, old: Object, new: Object) -> bool:
        if is_terminating(old) != is_terminating(new) or _running_resources(old) != _running_resources(new):
            return True
        return _has_ended(old) != _has_ended(new)

    def in_scope(self, requirement: Object, obj: Object) -> bool:
        name = requirement["scopeName"]
        if name == "PriorityClass":
            given = obj["spec"].get("priorityClassName")
            return scopes.holds(requirement, [given] if given else [])
        decide = _SCOPES.get(name)
        return decide is not None and decide(obj)

    def missing(self, required: Sequence[str], obj: Object) -> str:
        spec = obj["spec"]
        if _is_pod_level(spec):
            return ""
        lacking: dict[str, set[str]] = {}
        for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
            resources = container.get("resources") or {}
            said = _named(parsed(resources.get("requests")), parsed(resources.get("limits")))
            for name in _TO_BE_SAID.intersection(required):
                if name not in said:
                    lacking.setdefault(name, set()).add(container["name"])
        parts = (f"{name} for: {','.join(sorted(lacking[name]))}" for name in sorted(lacking))
        return f"must specify {'; '.join(parts)}" if lacking else ""

    def usage(self, obj: Object, now: float) -> Amounts:
        """A pod that has ended is an object still, but uses nothing."""
        counted: Amounts = {f"count/{self.resource}": ONE}
        if _has_ended(obj) or _is_overdue(obj, now):
            return counted
        return {**counted, **_named(_requests(obj), _limits(obj))}


def _is_extended(name: str) -> bool:
    return "/" in name and "kubernetes.io/" not in name


def _named(requests: Amounts, limits: Amounts) -> Amounts:
    """By the names that quotas give them."""
    named: Amounts = {"pods": ONE}
    for name, amount in requests.items():
        if name in _COMPUTE or name.startswith(_HUGE_PAGES):
            named[name] = named[_REQUESTS + name] = amount
        elif _is_extended(name) or name.startswith(_DEVICE_CLASS):
            named[_REQUESTS + name] = amount
    for name in _COMPUTE:
        if name in limits:
            named[_LIMITS + name] = limits[name]
    return named


# Of its life


def _has_ended(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _is_overdue(pod: Object, now: float) -> bool:
    """Whether it should have been gone by now, twice over: nobody stops it."""
    metadata = pod["metadata"]
    deleted, grace = metadata.get("deletionTimestamp"), metadata.get("deletionGracePeriodSeconds")
    return bool(deleted and grace is not None and now > parse_rfc3339(deleted) + grace)


def _statuses(pod: Object) -> list[Object]:
    """Of all its containers."""
    status = pod.get("status") or {}
    return [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]


def _running_resources(pod: Object) -> list[tuple[str, Object | None]]:
    return [(each["name"], each.get("resources")) for each in _statuses(pod)]


# Of its resources


def _is_pod_level(spec: Object) -> bool:
    resources = spec.get("resources") or {}
    return bool(resources.get("requests") or resources.get("limits"))


def _requests(pod: Object) -> Amounts:
    totals = podresources.aggregate(pod["spec"], _asked(pod, "requests"))
    _take_pod_level(totals, pod["spec"], "requests")
    podresources.add(totals, parsed(pod["spec"].get("overhead")))
    return totals


def _limits(pod: Object) -> Amounts:
    spec = pod["spec"]
    totals = podresources.aggregate(spec, _asked(pod, "limits"))
    _take_pod_level(totals, spec, "limits")
    for name, text in (spec.get("overhead") or {}).items():
        if totals.get(name):
            totals[name] = totals[name] + parse(text)
    return totals


def _asked(pod: Object, side: str) -> Callable[[Object], Amounts]:
    """What a container has or is granted or wants, whichever is more, while it is being resized; what it wants does not
    count once it cannot be had (determineEffectiveRequests and its like)."""
    running = {each["name"]: each for each in _statuses(pod) if each.get("resources") is not None}
    conditions = (pod.get("status") or {}).get("conditions") or ()
    infeasible = any(each["type"] == "PodResizePending" and each.get("reason") == "Infeasible" for each in conditions)
    one_shot = {each["name"] for each in pod["spec"].get("initContainers") or () if not podresources.is_sidecar(each)}

    def asked(container: Object) -> Amounts:
        wanted = parsed((container.get("resources") or {}).get(side))
        state = running.get(container["name"])
        if state is None or container["name"] in one_shot:
            return wanted
        amounts = parsed(state["resources"].get(side))
        if side == "requests":
            podresources.raise_to(amounts, parsed(state.get("allocatedResources")))
        if not infeasible:
            podresources.raise_to(amounts, wanted)
        return amounts

    return asked


def _take_pod_level(totals: Amounts, spec: Object, side: str) -> None:
    for name, text in ((spec.get("resources") or {}).get(side) or {}).items():
        if name in ("cpu", "memory") or name.startswith(_HUGE_PAGES):
            totals[name] = parse(text)


# Of its scopes


def is_terminating(pod: Object) -> bool:
    """Whether it has a deadline."""
    deadline = pod["spec"].get("activeDeadlineSeconds")
    return deadline is not None and deadline >= 0


def is_best_effort(pod: Object) -> bool:
    """By its status where that says, else by its requests and limits."""
    said = (pod.get("status") or {}).get("qosClass")
    if said:
        return bool(said == "BestEffort")
    spec = pod["spec"]
    parts = [spec] if spec.get("resources") is not None else _containers(spec)
    return not any(_asks_for_compute(part.get("resources") or {}) for part in parts)


def _containers(spec: Object) -> list[Object]:
    return [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]


def _asks_for_compute(resources: Object) -> bool:
    sides = (resources.get("requests") or {}, resources.get("limits") or {})
    return any(parse(side[name]).sign() > 0 for side in sides for name in ("cpu", "memory") if name in side)


def _crosses_namespaces(pod: Object) -> bool:
    """Whether its affinity looks into other namespaces."""
    return any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in _affinity_terms(pod))


def _affinity_terms(pod: Object) -> Iterator[Object]:
    affinity = pod["spec"].get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        yield from rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        for weighted in rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
            yield weighted["podAffinityTerm"]


_SCOPES: dict[str, Callable[[Object], bool]] = {
    "Terminating": is_terminating,
    "NotTerminating": lambda pod: not is_terminating(pod),
    "BestEffort": is_best_effort,
    "NotBestEffort": lambda pod: not is_best_effort(pod),
    "CrossNamespacePodAffinity": _crosses_namespaces,
}
