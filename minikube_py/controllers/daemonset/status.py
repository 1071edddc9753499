"""A DaemonSet's status, counted by node (pkg/controller/daemon updateDaemonSetStatus)."""

from __future__ import annotations

from typing import Any

from minikube_py.controllers.daemonset.placement import Placement, min_ready_seconds, oldest_first
from minikube_py.controllers.daemonset.podtemplate import is_updated, template_generation
from minikube_py.controllers.runtime.pods import is_available, is_ready
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import generation

Status = dict[str, Any]

_ALWAYS_KEPT = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")


def count(placement: Placement) -> dict[str, int]:
    """The numbers; of several pods on a node the oldest counts."""
    daemon_set = placement.daemon_set
    template, min_ready = template_generation(daemon_set), min_ready_seconds(daemon_set)
    desired = current = misscheduled = ready = updated = available = 0
    for node, eligibility in placement.eligible.items():
        pods = placement.pods.get(node)
        if not eligibility.run:
            misscheduled += bool(pods)
            continue
        desired += 1
        if not pods:
            continue
        current += 1
        pod = oldest_first(pods)[0]
        if is_ready(pod):
            ready += 1
            available += is_available(pod, min_ready, placement.now)
        updated += is_updated(pod, placement.hash, template)
    return {
        "currentNumberScheduled": current,
        "numberMisscheduled": misscheduled,
        "desiredNumberScheduled": desired,
        "numberReady": ready,
        "updatedNumberScheduled": updated,
        "numberAvailable": available,
        "numberUnavailable": desired - available,
    }


def new_status(daemon_set: Object, counts: dict[str, int], observed: int | None) -> Status | None:
    """The status with these counts, None if it says nothing new. `observed`: the generation that was acted upon, which
    may be past when this is written over another's change; without one what was observed stays."""
    known: Status = daemon_set.get("status") or {}
    same = all((known.get(each) or 0) == number for each, number in counts.items())
    if same and (known.get("observedGeneration") or 0) >= generation(daemon_set):
        return None
    status = {each: value for each, value in known.items() if each not in counts}
    status |= {each: number for each, number in counts.items() if number or each in _ALWAYS_KEPT}
    if observed is not None:
        status["observedGeneration"] = observed
    return status
