"""PodResizeValidator: a running pod grows no larger than its node (plugin/pkg/admission/podresize)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.api.kinds.podspec.resources import pod_requests
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import ZERO, Quantity, parse
from minikube_py.store import Key

_OS = "kubernetes.io/os"
_SINCE = 36
"""The minor version from which on the API knows; kubelets tell of it before."""


class PodResizeValidator:
    name = "PodResizeValidator"
    handles = frozenset({("pods", "resize")})
    verbs = frozenset({"update"})

    async def validate(self, ctx: Context, obj: Object, old: Object) -> None:
        node_name = obj["spec"].get("nodeName")
        if minor(ctx) < _SINCE:
            return
        if not node_name or obj["metadata"].get("generation") == old["metadata"].get("generation"):
            return
        stored = ctx.registry.store.get(Key("nodes", "", node_name))
        if stored is None:
            raise forbidden(ctx, obj, f"node {quote(node_name)} not found")
        os = (stored.object["metadata"].get("labels") or {}).get(_OS, "linux")
        if os != "linux":
            why = f"pod resize is only supported on linux nodes, node {quote(node_name)} is {quote(os)}"
            raise _because(forbidden(ctx, obj, why), "UnsupportedPlatform")
        if missing := _missing(obj, (stored.object.get("status") or {}).get("allocatable") or {}):
            why = f"node didn't have enough allocatable resources: {missing}"
            raise _because(forbidden(ctx, obj, why), "NodeCapacity")


def _because(error: StatusError, reason: str) -> StatusError:
    error.details = {**(error.details or {}), "causes": [{"reason": reason}]}
    return error


def _missing(pod: Object, allocatable: dict[str, str]) -> str:
    """Which of the pod's requests do not fit, in words."""
    requests = pod_requests(pod["spec"])
    parts = []
    for resource, units in (("cpu", Quantity.milli_value), ("memory", Quantity.value)):
        wanted, there = requests.get(resource, ZERO), parse(allocatable.get(resource, "0"))
        if wanted > there:
            parts.append(f"{resource}, requested: {units(wanted)}, allocatable: {units(there)}")
    return "; ".join(parts)


PLUGIN = PodResizeValidator()
