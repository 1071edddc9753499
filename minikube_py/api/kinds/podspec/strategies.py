"""Policies of pods and of their subresources that change them: pkg/registry/core/pod/strategy.go."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec import resources
from minikube_py.api.kinds.podspec.conditions import set_condition
from minikube_py.api.kinds.podspec.defaults import default_pod
from minikube_py.api.kinds.podspec.labelkeys import merge_label_keys
from minikube_py.api.strategy import StatusStrategy, Strategy
from minikube_py.machinery.gvr import Object

_GATED = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "SchedulingGated",
    "message": "Scheduling is blocked due to non-empty scheduling gates",
}
FINISHED = ("Succeeded", "Failed")


class PodStrategy(Strategy):
    """Pods themselves."""

    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        default_pod(obj)

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        spec = obj["spec"]
        obj["status"] = {"phase": "Pending", "qosClass": resources.qos_class(spec)}
        if spec.get("schedulingGates"):
            set_condition(obj["status"], _GATED, ctx.now)
        merge_label_keys(spec, obj["metadata"].get("labels") or {})

    def grace_period(self, ctx: Context, obj: Object, requested: int | None) -> int | None:
        """Seconds: what was asked or the pod's own; none for a pod that runs nowhere or has finished."""
        spec = obj["spec"]
        if not spec.get("nodeName") or (obj.get("status") or {}).get("phase") in FINISHED:
            return 0
        period = requested if requested is not None else spec.get("terminationGracePeriodSeconds", 0)
        return period if period >= 0 else 1


class PodStatusStrategy(StatusStrategy):
    """pods/status: not the spec, not owners, not the QoS class once it is set."""

    reset_fields = (("spec",), ("metadata", "deletionTimestamp"), ("metadata", "ownerReferences"))

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        metadata, old_metadata = obj["metadata"], old["metadata"]
        for name in ("deletionTimestamp", "ownerReferences"):
            if name in old_metadata:
                metadata[name] = old_metadata[name]
            else:
                metadata.pop(name, None)
        status, old_status = obj.setdefault("status", {}), old.get("status") or {}
        for name in ("qosClass", "observedGeneration"):
            if not status.get(name) and old_status.get(name):
                status[name] = old_status[name]
        _keep_observed_generations(status, old_status)


def _keep_observed_generations(status: Object, old: Object) -> None:
    """Conditions told without observedGeneration keep the one they had; a type may stand more than once."""
    generations: dict[str, list[int]] = {}
    for condition in old.get("conditions") or ():
        generations.setdefault(condition.get("type", ""), []).append(condition.get("observedGeneration", 0))
    for condition in status.get("conditions") or ():
        former = generations.get(condition.get("type", ""))
        generation = former.pop(0) if former else 0
        if generation and not condition.get("observedGeneration"):
            condition["observedGeneration"] = generation
