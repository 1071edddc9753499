"""DefaultTolerationSeconds: pods stay five minutes on a node that is not ready or cannot be reached
(plugin/pkg/admission/defaulttolerationseconds)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.machinery.gvr import Object

SECONDS = 300
TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


class DefaultTolerationSeconds:
    name = "DefaultTolerationSeconds"
    handles = frozenset({("pods", "")})
    verbs = frozenset({"create", "update"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        spec = obj["spec"]
        tolerations: list[Object] = spec.get("tolerations") or []
        tolerated = {
            toleration.get("key") or ""
            for toleration in tolerations
            if (toleration.get("effect") or "NoExecute") == "NoExecute"
        }
        if "" in tolerated:
            return
        missing = [taint for taint in TAINTS if taint not in tolerated]
        if missing:
            spec["tolerations"] = [*tolerations, *map(_toleration, missing)]


def _toleration(taint: str) -> Object:
    return {"key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS}


PLUGIN = DefaultTolerationSeconds()
