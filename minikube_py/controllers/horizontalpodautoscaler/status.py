"""An autoscaler's status while it is worked out (pkg/controller/podautoscaler/horizontal.go)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery import conditions
from minikube_py.machinery.gvr import Object

ABLE_TO_SCALE, SCALING_ACTIVE, SCALING_LIMITED = "AbleToScale", "ScalingActive", "ScalingLimited"


class Status:
    """Begins as what is written; `now` is RFC 3339."""

    def __init__(self, autoscaler: Object, now: str) -> None:
        self._written: Object = autoscaler.get("status") or {}
        self._now = now
        self._tree = dict(self._written)
        self._conditions: list[Object] = list(self._written.get("conditions") or ())

    def set_condition(self, type: str, holds: bool, reason: str, message: str) -> None:
        condition = {"type": type, "status": str(holds), "reason": reason, "message": message}
        self._conditions = conditions.set_condition(self._conditions, condition, self._now)

    def set_replicas(
        self, current: int, desired: int | None, metrics: Sequence[Object] | None, *, rescaled: bool = False
    ) -> None:
        """`desired` is None where nothing new is desired. Nothing else of the former status stays but the conditions
        and when it was last scaled."""
        tree: Object = {"currentReplicas": current} if current else {}
        tree["desiredReplicas"] = self._written.get("desiredReplicas", 0) if desired is None else desired
        tree["currentMetrics"] = list(metrics) if metrics else None
        if rescaled:
            tree["lastScaleTime"] = self._now
        elif self._written.get("lastScaleTime"):
            tree["lastScaleTime"] = self._written["lastScaleTime"]
        self._tree = tree

    @property
    def tree(self) -> Object:
        return {**self._tree, **({"conditions": self._conditions} if self._conditions else {})}

    @property
    def changed(self) -> bool:
        return self.tree != self._written
