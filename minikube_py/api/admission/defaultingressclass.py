"""DefaultIngressClass: an Ingress that names no class gets the default one
(plugin/pkg/admission/network/defaultingressclass)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object

CLASSES = "ingressclasses.networking.k8s.io"
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"


class DefaultIngressClass:
    name = "DefaultIngressClass"
    handles = frozenset({("ingresses.networking.k8s.io", "")})
    verbs = frozenset({"create"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        spec = obj["spec"]
        if spec.get("ingressClassName") is None and CLASS_ANNOTATION not in meta.annotations(obj):
            default = default_class(ctx)
            if default is not None:
                spec["ingressClassName"] = meta.name(default)


def default_class(ctx: Context) -> Object | None:
    """The youngest of the classes marked so; of equally old ones the first by name."""
    stored = (each.object for each in ctx.registry.store.list(CLASSES))
    marked = [each for each in stored if meta.annotations(each).get(DEFAULT_ANNOTATION) == "true"]
    marked.sort(key=meta.name)
    marked.sort(key=lambda each: each["metadata"].get("creationTimestamp") or "", reverse=True)
    return marked[0] if marked else None


PLUGIN = DefaultIngressClass()
