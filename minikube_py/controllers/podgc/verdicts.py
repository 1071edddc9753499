"""Which pods nobody else will ever remove (pkg/controller/podgc/gc_controller.go)."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.controllers.runtime.pods import condition, node_name, phase
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.conditions import is_true
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation, is_deleting, name, uid

TERMINATED_THRESHOLD = 12500
"""So many pods that have ended may stay (--terminated-pod-gc-threshold)."""

OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
TARGET = "DisruptionTarget"
_LIVE = frozenset({"Pending", "Running", "Unknown"})
_ENDED = frozenset({"Succeeded", "Failed"})


def has_ended(pod: Object) -> bool:
    return phase(pod) not in _LIVE


def is_unscheduled_terminating(pod: Object) -> bool:
    """It waits to be stopped, and no kubelet will do it."""
    return is_deleting(pod) and not node_name(pod)


def is_out_of_service(node: Object) -> bool:
    """Somebody says that it is shut down for good, and it is not ready either."""
    tainted = any(taint["key"] == OUT_OF_SERVICE for taint in node["spec"].get("taints") or ())
    return tainted and not is_true((node.get("status") or {}).get("conditions"), "Ready")


def surplus(ended: Iterable[Object], threshold: int) -> list[Object]:
    """Of pods that have ended those above the threshold: the evicted first, then the oldest."""
    pods = sorted(ended, key=_age)
    return pods[: max(0, len(pods) - threshold)]


def _age(pod: Object) -> tuple[bool, str, str]:
    evicted = phase(pod) == "Failed" and pod["status"].get("reason") == "Evicted"
    return not evicted, pod["metadata"].get("creationTimestamp", ""), name(pod)


def failing_patch(pod: Object, orphaned: bool, now: float) -> Object | None:
    """Strategic, of the status: it has failed, and why. None if it has ended anyway."""
    if phase(pod) in _ENDED:
        return None
    status: Object = {"phase": "Failed"}
    if generation(pod):
        status["observedGeneration"] = generation(pod)
    if orphaned:
        types = [each["type"] for each in (pod.get("status") or {}).get("conditions") or ()]
        order = types if TARGET in types else [*types, TARGET]
        status["$setElementOrder/conditions"] = [{"type": type} for type in order]
        status["conditions"] = [_target(pod, now)]
    return {"metadata": {"uid": uid(pod)}, "status": status}


def _target(pod: Object, now: float) -> Object:
    old = condition(pod, TARGET)
    since = old["lastTransitionTime"] if old is not None and old["status"] == "True" else rfc3339(now)
    made: Object = {"type": TARGET}
    if generation(pod):
        made["observedGeneration"] = generation(pod)
    why = {"reason": "DeletionByPodGC", "message": "PodGC: node no longer exists"}
    return {**made, "status": "True", "lastProbeTime": None, "lastTransitionTime": since, **why}
