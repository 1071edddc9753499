"""PodTopologyLabels: a pod carries the zone and region of its node (plugin/pkg/admission/podtopologylabels)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

LABELS = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone")


class PodTopologyLabels:
    name = "PodTopologyLabels"
    handles = frozenset({("pods", ""), ("pods", "binding")})
    verbs = frozenset({"create"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        if ctx.subresource == "binding":
            target = obj.get("target") or {}
            name = target.get("name") if target.get("kind") == "Node" else ""
        else:
            name = obj["spec"].get("nodeName")
        stored = ctx.registry.store.get(Key("nodes", "", name)) if name else None
        if stored is None:
            return
        labels = stored.object["metadata"].get("labels") or {}
        copied = {label: labels[label] for label in LABELS if label in labels}
        if copied:
            metadata = obj["metadata"]
            metadata["labels"] = dict(sorted({**(metadata.get("labels") or {}), **copied}.items()))


PLUGIN = PodTopologyLabels()
