"""A pod's conditions: pkg/api/pod/util.go."""

from __future__ import annotations

from minikube_py.machinery.gvr import Object


def set_condition(status: Object, condition: Object, now: str) -> bool:
    """Add or replace the condition of this type in a draft's status; whether that changed anything.

    `condition` has type and status, perhaps reason and message; its transition time is kept while the status stays.
    """
    conditions: list[Object] = list(status.get("conditions") or ())
    index = next((i for i, old in enumerate(conditions) if old.get("type") == condition["type"]), -1)
    made = {"type": condition["type"], "status": condition["status"], "lastProbeTime": None, "lastTransitionTime": now}
    made.update((key, value) for key, value in condition.items() if value)
    if index < 0:
        conditions.append(made)
    else:
        old = conditions[index]
        if old.get("status") == made["status"]:
            made["lastTransitionTime"] = old.get("lastTransitionTime")
        if made == old:
            return False
        conditions[index] = made
    status["conditions"] = conditions
    return True


def condition_status(pod: Object, type: str) -> str:
    """ "True", "False", "Unknown", or "" where the pod has no such condition."""
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition.get("type") == type:
            return str(condition.get("status", ""))
    return ""
