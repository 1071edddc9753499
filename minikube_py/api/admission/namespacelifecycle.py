"""NamespaceLifecycle: nothing is created in a namespace that is missing or ends, and some namespaces never end
(apiserver/pkg/admission/plugin/namespace/lifecycle)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.store import Key

NAMESPACES = GroupResource("", "namespaces")
IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
_ACCESS_REVIEWS = frozenset({GroupResource("authorization.k8s.io", "localsubjectaccessreviews")})
"""Asking must not tell whether a namespace exists."""


class NamespaceLifecycle:
    name = "NamespaceLifecycle"
    handles = None
    verbs = frozenset({"create", "update", "delete"})

    async def admit(self, ctx: Context, obj: Object | None, old: Object | None) -> None:
        resource = ctx.resource.group_resource
        deleting = obj is None
        if resource == NAMESPACES:
            if deleting and ctx.name in IMMORTAL:
                raise errors.forbidden(NAMESPACES, ctx.name, "this namespace may not be deleted")
            return
        if deleting or not ctx.namespace or resource in _ACCESS_REVIEWS:
            return
        found = ctx.registry.store.get(Key("namespaces", "", ctx.namespace))
        if found is None:
            raise errors.not_found(NAMESPACES, ctx.namespace)
        if old is None and found.object["status"].get("phase") == "Terminating":
            raise _terminating(ctx, obj)


def _terminating(ctx: Context, obj: Object | None) -> errors.StatusError:
    why = f"unable to create new content in namespace {ctx.namespace} because it is being terminated"
    error = forbidden(ctx, obj, why)
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {ctx.namespace} is being terminated",
        "field": "metadata.namespace",
    }
    error.details = {**(error.details or {}), "causes": [cause]}
    return error


PLUGIN = NamespaceLifecycle()
