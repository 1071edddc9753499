"""What a node's conditions mean as taints, and the labels that go in pairs
(node_lifecycle_controller.go doNoScheduleTaintingPass, processTaintBaseEviction, reconcileNodeLabels)."""

from __future__ import annotations

from minikube_py.machinery.gvr import Object

NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "NoExecute"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"

TAINTS = {
    ("Ready", "False"): NOT_READY,
    ("Ready", "Unknown"): UNREACHABLE,
    ("MemoryPressure", "True"): "node.kubernetes.io/memory-pressure",
    ("DiskPressure", "True"): "node.kubernetes.io/disk-pressure",
    ("NetworkUnavailable", "True"): "node.kubernetes.io/network-unavailable",
    ("PIDPressure", "True"): "node.kubernetes.io/pid-pressure",
}
"""(condition, status) -> the taint it means."""

EVICTING = {"False": NOT_READY, "Unknown": UNREACHABLE}
"""By status of Ready: the NoExecute taint."""

_OURS = frozenset({UNSCHEDULABLE, *TAINTS.values()})
_EVICTING = frozenset(EVICTING.values())

_LABELS = {"kubernetes.io/os": "beta.kubernetes.io/os", "kubernetes.io/arch": "beta.kubernetes.io/arch"}
"""Labels, and those that are to be the same."""


def plan(node: Object, now: str) -> list[Object] | None:
    """The node's taints as they should be, or None if they are; new ones are added as of `now` (RFC 3339).

    Only NoSchedule taints of the keys above are added and taken away; all others stay, in their order.
    """
    spec = node.get("spec") or {}
    conditions = (node.get("status") or {}).get("conditions") or []
    wanted = [TAINTS[each["type"], each["status"]] for each in conditions if (each["type"], each["status"]) in TAINTS]
    if spec.get("unschedulable"):
        wanted.append(UNSCHEDULABLE)
    taints: list[Object] = spec.get("taints") or []
    ours = {each["key"] for each in taints if each["effect"] == NO_SCHEDULE and each["key"] in _OURS}
    if ours == set(wanted):
        return None
    kept = [each for each in taints if each["effect"] != NO_SCHEDULE or each["key"] not in ours - set(wanted)]
    return [*kept, *(_taint(key, NO_SCHEDULE, now) for key in wanted if key not in ours)]


def _taint(key: str, effect: str, now: str) -> Object:
    return {"key": key, "effect": effect, "timeAdded": now}


def evicting(node: Object) -> set[str]:
    """Which of not-ready and unreachable it has with NoExecute."""
    taints = node["spec"].get("taints")
    return {each["key"] for each in taints if _is_evicting(each)} if taints else set()


def _is_evicting(taint: Object) -> bool:
    return taint["effect"] == NO_EXECUTE and taint["key"] in _EVICTING


def plan_evicting(node: Object, wanted: str | None, now: str) -> list[Object] | None:
    """The node's taints with `wanted`, and no other of the two, as its NoExecute taint; None if they are so."""
    if evicting(node) == ({wanted} if wanted else set()):
        return None
    taints: list[Object] = node["spec"].get("taints") or []
    kept = [each for each in taints if not _is_evicting(each) or each["key"] == wanted]
    if wanted and not any(_is_evicting(each) for each in kept):
        kept.append(_taint(wanted, NO_EXECUTE, now))
    return kept


def plan_labels(node: Object) -> dict[str, str]:
    """The labels that are to be set: the older names of those it has."""
    labels = node["metadata"].get("labels") or {}
    return {old: labels[new] for new, old in _LABELS.items() if new in labels and labels.get(old) != labels[new]}
