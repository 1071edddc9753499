"""TaintNodesByCondition: a new node takes no pods until it is ready (plugin/pkg/admission/nodetaint)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.machinery.gvr import Object

NOT_READY = "node.kubernetes.io/not-ready"


class TaintNodesByCondition:
    name = "TaintNodesByCondition"
    handles = frozenset({("nodes", "")})
    verbs = frozenset({"create"})

    async def admit(self, ctx: Context, obj: Object | None, old: Object | None) -> None:
        assert obj is not None
        taint = {"key": NOT_READY, "effect": "NoSchedule"}
        taints = obj["spec"].get("taints") or []
        if not any(each["key"] == NOT_READY and each["effect"] == "NoSchedule" for each in taints):
            obj["spec"] = {**obj["spec"], "taints": [*taints, taint]}


PLUGIN = TaintNodesByCondition()
