"""Priority: a pod's priority is that of its PriorityClass (plugin/pkg/admission/priority)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

CLASSES = "priorityclasses.scheduling.k8s.io"
_COMPUTED = "must not be provided in pod spec; priority admission controller computed"


class Priority:
    name = "Priority"
    handles = frozenset({("pods", ""), (CLASSES, "")})
    verbs = frozenset({"create", "update"})

    async def admit(self, ctx: Context, obj: Object, old: Object | None) -> None:
        if ctx.resource.key != "pods":
            return
        if old is None:
            _set_priority(ctx, obj)
            return
        for field in ("priority", "preemptionPolicy"):
            if field not in obj["spec"] and field in old["spec"]:
                obj["spec"][field] = old["spec"][field]

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        if ctx.resource.key != CLASSES or not obj.get("globalDefault"):
            return
        present = default_class(ctx)
        if present is None:
            return
        name = present["metadata"]["name"]
        if old is None or name != obj["metadata"]["name"]:
            raise forbidden(ctx, obj, f"PriorityClass {name} is already marked as default. Only one default can exist")


def default_class(ctx: Context) -> Object | None:
    """The class of pods that name none; of several, which a race can make, the lowest."""
    marked = [stored.object for stored in ctx.registry.store.list(CLASSES) if stored.object.get("globalDefault")]
    return min(marked, key=lambda one: int(one["value"])) if marked else None


def _set_priority(ctx: Context, pod: Object) -> None:
    """Raises StatusError 403 for a class that is not there, and for a priority that is not the class's."""
    spec = pod["spec"]
    value, policy = 0, "PreemptLowerPriority"
    if name := spec.get("priorityClassName"):
        stored = ctx.registry.store.get(Key(CLASSES, "", name))
        if stored is None:
            raise forbidden(ctx, pod, f"no PriorityClass with name {name} was found")
        found: Object | None = stored.object
    else:
        found = default_class(ctx)
    if found is not None:
        spec["priorityClassName"] = found["metadata"]["name"]
        value, policy = found.get("value") or 0, found.get("preemptionPolicy") or ""
    given = spec.get("priority")
    if given is not None and given != value:
        why = f"the integer value of priority ({given}) {_COMPUTED} {value} from the given PriorityClass name"
        raise forbidden(ctx, pod, why)
    spec["priority"] = value
    if not policy:
        return
    given = spec.get("preemptionPolicy")
    if given is not None and given != policy:
        why = f"the string value of PreemptionPolicy ({given}) {_COMPUTED} {policy} from the given PriorityClass name"
        raise forbidden(ctx, pod, why)
    spec["preemptionPolicy"] = policy


PLUGIN = Priority()
