"""ComponentStatus: how the parts of the control plane are (pkg/registry/core/componentstatus). Deprecated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.resource import NAME, Column, Deprecation, Resource
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import GroupResource, Object

COMPONENTS = {"controller-manager": 10257, "etcd-0": 0, "scheduler": 10259}
"""Each one's port that upstream asks for its health; etcd is asked otherwise, and is this process here."""


class ComponentStatuses:
    """Computed: healthy is what runs."""

    async def get(self, ctx: Context) -> Object:
        if ctx.name not in COMPONENTS:
            raise errors.not_found(GroupResource("", "componentstatus"), ctx.name)
        return status_of(ctx.name, ctx.name not in ctx.registry.absent)

    async def list(self, ctx: Context, matches: Callable[[Object], bool] | None) -> Sequence[Object]:
        found = [status_of(name, name not in ctx.registry.absent) for name in COMPONENTS]
        return [each for each in found if matches is None or matches(each)]


def status_of(name: str, runs: bool) -> Object:
    address = f"127.0.0.1:{COMPONENTS[name]}"
    refused = f'Get "https://{address}/healthz": dial tcp {address}: connect: connection refused'
    condition = {"type": "Healthy", "status": "True" if runs else "False", "message": "ok" if runs else refused}
    head = {"kind": "ComponentStatus", "apiVersion": "v1"}
    return {**head, "metadata": {"name": name}, "conditions": [condition]}


def cells(obj: Object) -> list[Any]:
    for condition in obj.get("conditions") or ():
        if condition.get("type") == "Healthy":
            status = "Healthy" if condition.get("status") == "True" else "Unhealthy"
            return [obj["metadata"]["name"], status, condition.get("message") or "", condition.get("error") or ""]
    return [obj["metadata"]["name"], "Unknown", "", ""]


RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="componentstatuses",
        kind="ComponentStatus",
        singular="componentstatus",
        namespaced=False,
        short_names=("cs",),
        verbs=("get", "list"),
        columns=(
            NAME,
            Column("Status", description="Status of the component conditions"),
            Column("Message", description="Message of the component conditions"),
            Column("Error", description="Error of the component conditions"),
        ),
        cells=cells,
        computed=ComponentStatuses(),
        deprecation=Deprecation(19, "v1 ComponentStatus is deprecated in v1.19+"),
    ),
)
