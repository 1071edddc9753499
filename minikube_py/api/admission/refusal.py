"""How plugins refuse (apiserver/pkg/admission/errors.go)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.machinery import errors
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object


def forbidden(ctx: Context, obj: Object | None, why: str) -> StatusError:
    """The request's object is forbidden; one whose name is still to be generated goes by its generateName."""
    metadata = (obj or {}).get("metadata") or {}
    name = ctx.name or metadata.get("name") or metadata.get("generateName") or "Unknown"
    return errors.forbidden(ctx.resource.group_resource, name, why)
