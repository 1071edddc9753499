"""RuntimeClass: what a pod's runtime class costs on top, and where it runs (plugin/pkg/admission/runtimeclass)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

CLASSES = "runtimeclasses.node.k8s.io"


class RuntimeClass:
    name = "RuntimeClass"
    handles = frozenset({("pods", "")})
    verbs = frozenset({"create"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        found = _class(ctx, obj)
        if found is None:
            return
        spec = obj["spec"]
        overhead = _overhead(found)
        if overhead is not None:
            if spec.get("overhead") and spec["overhead"] != overhead:
                why = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
                raise forbidden(ctx, obj, why)
            if overhead:
                spec["overhead"] = dict(overhead)
        if scheduling := found.get("scheduling"):
            _schedule(ctx, obj, scheduling)

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        found = _class(ctx, obj)
        overhead = None if found is None else _overhead(found)
        given = obj["spec"].get("overhead")
        if overhead is not None and overhead != (given or {}):
            raise forbidden(ctx, obj, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
        if overhead is None and given:
            why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
            raise forbidden(ctx, obj, why)


def _class(ctx: Context, pod: Object) -> Object | None:
    """Raises StatusError 403 for one that is not there."""
    name = pod["spec"].get("runtimeClassName")
    if name is None:
        return None
    stored = ctx.registry.store.get(Key(CLASSES, "", name))
    if stored is None:
        raise forbidden(ctx, pod, f"pod rejected: RuntimeClass {quote(name)} not found")
    return stored.object


def _overhead(found: Object) -> Object | None:
    overhead = found.get("overhead")
    return None if overhead is None else overhead.get("podFixed") or {}


def _schedule(ctx: Context, pod: Object, scheduling: Object) -> None:
    """The pod's node selector and tolerations, with the class's."""
    spec = pod["spec"]
    selector = dict(spec.get("nodeSelector") or {})
    for key, value in (scheduling.get("nodeSelector") or {}).items():
        if selector.get(key, value) != value:
            why = (
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {selector[key]}"
            )
            raise forbidden(ctx, pod, why)
        selector[key] = value
    if selector:
        spec["nodeSelector"] = dict(sorted(selector.items()))
    tolerations: list[Object] = spec.get("tolerations") or []
    if added := [one for one in scheduling.get("tolerations") or () if one not in tolerations]:
        spec["tolerations"] = [*tolerations, *added]


PLUGIN = RuntimeClass()
