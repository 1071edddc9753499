"""priority-and-fairness-config-consumer: tells of each flow schema whether its priority level exists.

Upstream: apiserver/pkg/util/flowcontrol/apf_controller.go. Nothing else is made of them: every request is served at
once.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.client.protocol import APPLY_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.conditions import find
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object

_GROUP = "flowcontrol.apiserver.k8s.io"
_MANAGER = "api-priority-and-fairness-config-consumer-v1"
_VERSIONS = {29: "v1", 26: "v1beta3", 25: "v1beta2"}
"""What is served since a minor version."""


def flow_schemas_descriptor(kubernetes_version: str) -> Descriptor:
    minor = int(kubernetes_version.split(".")[1])
    version = next(version for since, version in _VERSIONS.items() if minor >= since)

    def new(context: Context) -> Controller:
        return _new(context, version)

    return Descriptor("priority-and-fairness-config-consumer", new)


def level_of(schema: Object) -> str:
    """The name of its priority level."""
    return str(((schema.get("spec") or {}).get("priorityLevelConfiguration") or {}).get("name", ""))


def dangling(schema: Object, exists: bool) -> Object | None:
    """The condition, without its time, that tells whether the level exists; None if the schema has it."""
    text = f"This FlowSchema references the PriorityLevelConfiguration object named {quote(level_of(schema))}"
    condition = {
        "type": "Dangling",
        "status": str(not exists),
        "reason": "Found" if exists else "NotFound",
        "message": f"{text} and it exists" if exists else f"{text} but there is no such object",
    }
    present = find((schema.get("status") or {}).get("conditions"), "Dangling") or {}
    return None if all(present.get(name) == value for name, value in condition.items()) else condition


class FlowSchemaReconciler:
    def __init__(self, context: Context, schemas: GroupVersionResource, levels: GroupVersionResource) -> None:
        self._client = context.client
        self._clock = context.clock
        self._resource = schemas
        self._schemas = context.lister(schemas)
        self._levels = context.lister(levels)

    async def reconcile(self, key: NamespacedName) -> None:
        schema = self._schemas.get("", key.name)
        if schema is None:
            return
        condition = dangling(schema, self._levels.get("", level_of(schema)) is not None)
        if condition is None:
            return
        patch = {
            "apiVersion": self._resource.api_version,
            "kind": "FlowSchema",
            "metadata": {"name": key.name, "uid": meta.uid(schema)},
            "status": {"conditions": [{**condition, "lastTransitionTime": rfc3339(self._clock.now())}]},
        }
        await self._client.patch(
            self._resource,
            "",
            key.name,
            patch,
            patch_type=APPLY_PATCH,
            subresource="status",
            field_manager=_MANAGER,
            force=True,
        )


def _new(context: Context, version: str) -> Controller:
    schemas = GroupVersionResource(_GROUP, version, "flowschemas")
    levels = GroupVersionResource(_GROUP, version, "prioritylevelconfigurations")
    controller = Controller(context, "FlowSchema", FlowSchemaReconciler(context, schemas, levels), workers=1)
    lister = context.lister(schemas)

    def changed_by(level: Object, exists: bool) -> Iterable[NamespacedName]:
        name = meta.name(level)
        return [
            NamespacedName("", meta.name(schema))
            for schema in lister.list()
            if level_of(schema) == name and dangling(schema, exists) is not None
        ]

    controller.watches(
        schemas,
        lambda schema: (NamespacedName("", meta.name(schema)),),
        # Those that are there from the start know already.
        when=lambda old, new: new is not None and dangling(new, True) is not None,
    )
    controller.watches(levels, lambda level: changed_by(level, True), when=lambda old, new: old is None)
    controller.watches(levels, lambda level: changed_by(level, False), when=lambda old, new: new is None)
    return controller
