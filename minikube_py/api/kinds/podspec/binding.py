"""Binding: giving a pod its node (pkg/registry/core/pod/storage/storage.go BindingREST)."""

from __future__ import annotations

import dataclasses
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.conditions import set_condition
from minikube_py.api.registry import metadata as system
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.field import ErrorList, Path, aggregate, not_supported, required
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.wellknown import PODS

CREATED: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
"""What an action that succeeds answers."""
_TARGET = Path("target")
_RESOURCE = GroupResource("", "pods/binding")


async def bind(ctx: Context, binding: Object) -> Object:
    """POST pods/NAME/binding."""
    system.ensure_namespace(ctx, binding["metadata"])
    await ctx.registry.admission.admit(ctx, binding, None)
    if binding["metadata"].get("name", "") != ctx.name:
        raise errors.bad_request("name in URL does not match name in Binding object")
    if found := _binding_errors(binding):
        raise errors.unknown(aggregate(found))
    await ctx.registry.admission.validate(ctx, binding, None)
    await _assign(ctx, binding)
    return dict(CREATED)


async def bind_named(ctx: Context, binding: Object) -> Object:
    """POST bindings: the pod's name is the binding's."""
    pods = ctx.registry.catalog.find(PODS)
    if pods is None:
        raise errors.unknown_resource()
    name = binding["metadata"].get("name", "")
    return await bind(dataclasses.replace(ctx, resource=pods, subresource="binding", name=name), binding)


def _binding_errors(binding: Object) -> ErrorList:
    target = binding.get("target") or {}
    found: ErrorList = []
    if (kind := target.get("kind") or "") and kind != "Node":
        found.append(not_supported(_TARGET.child("kind"), kind, ("Node", "<empty>")))
    if not target.get("name"):
        found.append(required(_TARGET.child("name")))
    return found


async def _assign(ctx: Context, binding: Object) -> None:
    """Raises StatusError 404, and 409 for a pod that cannot be bound."""
    node, wanted = binding["target"]["name"], binding["metadata"]
    now = ctx.now

    def assigned(pod: Object) -> Object:
        _check_preconditions(ctx, pod, wanted)
        if problem := _problem(pod):
            raise errors.conflict(_RESOURCE, ctx.name, problem)
        return _bound(pod, node, wanted, now)

    await ctx.registry.guaranteed_update(ctx, assigned)


def _problem(pod: Object) -> str:
    name, spec = pod["metadata"]["name"], pod["spec"]
    if pod["metadata"].get("deletionTimestamp"):
        return f"pod {name} is being deleted, cannot be assigned to a host"
    if spec.get("nodeName"):
        return f"pod {name} is already assigned to node {quote(spec['nodeName'])}"
    if spec.get("schedulingGates"):
        return f"pod {name} has non-empty .spec.schedulingGates"
    return ""


def _bound(pod: Object, node: str, binding: Object, now: str) -> Object:
    """The pod on its node, with the binding's labels and annotations over its own."""
    metadata: dict[str, Any] = dict(pod["metadata"])
    for field in ("annotations", "labels"):
        if binding.get(field):
            metadata[field] = dict(sorted({**(metadata.get(field) or {}), **binding[field]}.items()))
    status = dict(pod.get("status") or {})
    status.pop("nominatedNodeName", None)
    set_condition(status, {"type": "PodScheduled", "status": "True"}, now)
    return {**pod, "metadata": metadata, "spec": {**pod["spec"], "nodeName": node}, "status": status}


def _check_preconditions(ctx: Context, pod: Object, wanted: Object) -> None:
    """The binding's uid and resourceVersion, where it has such, are the pod's."""
    for field, shown in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        given, there = wanted.get(field), pod["metadata"][field]
        if given and given != there:
            raise _mismatch(ctx, f"{shown} in precondition: {given}, {shown} in object meta: {there}")


def _mismatch(ctx: Context, text: str) -> StatusError:
    key = f"/registry/pods/{ctx.namespace}/{ctx.name}"
    why = f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
    return errors.conflict(GroupResource("", "pods"), ctx.name, f"{why}Precondition failed: {text}")
