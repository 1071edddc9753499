"""NodeDeclaredFeatureValidator: a running pod is changed only as its node's kubelet can (plugin/pkg/admission/
nodedeclaredfeatures). Of what can be changed, that is its resources."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.machinery.declaredfeatures import SINCE, needed_to_change
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key


class NodeDeclaredFeatureValidator:
    name = "NodeDeclaredFeatureValidator"
    handles = frozenset({("pods", "resize")})
    verbs = frozenset({"update"})

    async def validate(self, ctx: Context, obj: Object, old: Object) -> None:
        node_name = obj["spec"].get("nodeName")
        if minor(ctx) < SINCE or not node_name:
            return
        needed = needed_to_change(old, obj)
        if not needed:
            return
        stored = ctx.registry.store.get(Key("nodes", "", node_name))
        if stored is None:
            raise forbidden(ctx, obj, f"node {quote(node_name)} not found")
        declared = (stored.object.get("status") or {}).get("declaredFeatures") or ()
        missing = [each for each in needed if each not in declared]
        if missing:
            which = f"pod update requires features {', '.join(missing)}"
            raise forbidden(ctx, obj, f"{which} which are not available on node {quote(node_name)}")


PLUGIN = NodeDeclaredFeatureValidator()
