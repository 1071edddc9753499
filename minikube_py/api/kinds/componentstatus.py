"""ComponentStatus: how the parts of the control plane are (pkg/registry/core/componentstatus).

Deprecated, and nobody fills it here: the list is empty.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.resource import NAME, Column, Deprecation, Resource
from minikube_py.machinery.gvr import Object


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
        deprecation=Deprecation(19, "v1 ComponentStatus is deprecated in v1.19+"),
    ),
)
