"""Checks of objects whose failures say what was there instead."""

from __future__ import annotations

from minikube_py.machinery import conditions
from minikube_py.machinery.gvr import Object


def assert_condition(obj: Object, type: str, status: str = "True", *, reason: str | None = None) -> Object:
    """The object has a condition of this type with this status (and reason); returns it. Raises AssertionError."""
    present = (obj.get("status") or {}).get("conditions") or []
    found = conditions.find(present, type)
    wanted = f"{type}={status}" + (f" ({reason})" if reason else "")
    if found is None:
        raise AssertionError(f"{_name(obj)}: no condition {wanted}, but {_shown(present) or 'none at all'}")
    if found.get("status") != status or reason not in (None, found.get("reason")):
        raise AssertionError(f"{_name(obj)}: not {wanted}, but {_shown([found])}")
    return found


def assert_rolled_out(workload: Object) -> None:
    """The Deployment or ReplicaSet runs what its spec says: seen by its controller, all replicas updated and available.
    Raises AssertionError."""
    meta, status = workload["metadata"], workload.get("status") or {}
    observed = status.get("observedGeneration", 0)
    if observed < meta.get("generation", 0):
        raise AssertionError(f"{_name(workload)}: generation {meta['generation']} is not seen yet, only {observed}")
    wanted = workload["spec"].get("replicas", 1)
    counts = ["replicas", "availableReplicas"]
    if workload.get("kind") == "Deployment":
        counts.append("updatedReplicas")
    wrong = [f"{count} {status.get(count, 0)}" for count in counts if status.get(count, 0) != wanted]
    if wrong:
        more = _shown(status.get("conditions") or [])
        text = f"{_name(workload)}: wants {wanted}, has {', '.join(wrong)}"
        raise AssertionError(f"{text}; {more}" if more else text)


def _name(obj: Object) -> str:
    meta = obj.get("metadata") or {}
    where = f"{meta['namespace']}/" if meta.get("namespace") else ""
    return f"{obj.get('kind', 'object')} {where}{meta.get('name', '')}"


def _shown(present: list[Object]) -> str:
    return "; ".join(
        f"{each.get('type')}={each.get('status')} ({each.get('reason', '')}: {each.get('message', '')})"
        for each in present
    )
