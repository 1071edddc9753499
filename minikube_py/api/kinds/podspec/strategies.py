"""Policies of pods and of their subresources that change them: pkg/registry/core/pod/strategy.go."""

from __future__ import annotations

from abc import ABC, abstractmethod

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec import resources
from minikube_py.api.kinds.podspec.apparmor import adopt_annotations
from minikube_py.api.kinds.podspec.conditions import set_condition
from minikube_py.api.kinds.podspec.defaults import default_pod
from minikube_py.api.kinds.podspec.features import drop_disabled_fields
from minikube_py.api.kinds.podspec.labelkeys import merge_label_keys
from minikube_py.api.kinds.podspec.podchecks import create_errors, ephemeral_container_update_errors, update_errors
from minikube_py.api.kinds.podspec.resizing import resize_errors, resized_spec
from minikube_py.api.kinds.podspec.statuschecks import status_errors, status_warnings
from minikube_py.api.kinds.podspec.warnings import pod_warnings
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy, UpdateStrategy
from minikube_py.machinery import objectmeta
from minikube_py.machinery.field import ErrorList, FieldError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label

_GATED = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "SchedulingGated",
    "message": "Scheduling is blocked due to non-empty scheduling gates",
}
_HOSTNAME_WARNING = (
    "this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended"
)
_KEPT_METADATA = ("deletionTimestamp", "generation", "labels", "annotations", "finalizers", "ownerReferences")
FINISHED = ("Succeeded", "Failed")


class PodStrategy(Strategy):
    """Pods themselves."""

    has_status = True
    has_generation = True
    returns_deleted_object = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        default_pod(obj)

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        super().prepare_for_create(ctx, obj)
        spec = obj["spec"]
        obj["status"] = {"phase": "Pending", "qosClass": resources.qos_class(spec)}
        drop_disabled_fields(spec)
        if spec.get("schedulingGates"):
            set_condition(obj["status"], _GATED, ctx.now)
        merge_label_keys(spec, obj["metadata"].get("labels") or {})
        ctx.warnings.extend(adopt_annotations(obj))

    def validate(self, ctx: Context, obj: Object) -> list[FieldError]:
        return self.validate_metadata(ctx, obj) + create_errors(obj)

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        warnings = []
        if problems := dns1123_label(obj["metadata"].get("name", "")):
            shown = " ".join(problems)
            warnings.append(f"metadata.name: {_HOSTNAME_WARNING}: [{shown}]")
        return warnings + pod_warnings(obj, None)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        drop_disabled_fields(obj["spec"])
        super().prepare_for_update(ctx, obj, old)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        return self.metadata_update_errors(ctx, obj, old) + update_errors(obj, old)

    def metadata_update_errors(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """Of a pod's metadata, changed and as it is."""
        errors = objectmeta.validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        return errors + self.validate_metadata(ctx, obj)

    def grace_period(self, ctx: Context, obj: Object, requested: int | None) -> int | None:
        """Seconds: what was asked or the pod's own; none for a pod that runs nowhere or has finished."""
        spec = obj["spec"]
        if not spec.get("nodeName") or (obj.get("status") or {}).get("phase") in FINISHED:
            return 0
        period = requested if requested is not None else spec.get("terminationGracePeriodSeconds", 0)
        return period if period >= 0 else 1


class PodStatusStrategy(StatusStrategy):
    """pods/status: not the spec, not owners, not the QoS class once it is set."""

    reset_fields = (("spec",), ("metadata", "deletionTimestamp"), ("metadata", "ownerReferences"))

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        metadata, old_metadata = obj["metadata"], old["metadata"]
        for name in ("deletionTimestamp", "ownerReferences"):
            if name in old_metadata:
                metadata[name] = old_metadata[name]
            else:
                metadata.pop(name, None)
        status, old_status = obj.setdefault("status", {}), old.get("status") or {}
        for name in ("qosClass", "observedGeneration"):
            if not status.get(name) and old_status.get(name):
                status[name] = old_status[name]
        _keep_observed_generations(status, old_status)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        errors = objectmeta.validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        return errors + status_errors(obj, old)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return status_warnings(obj)


def _keep_observed_generations(status: Object, old: Object) -> None:
    """Conditions told without observedGeneration keep the one they had; a type may stand more than once."""
    generations: dict[str, list[int]] = {}
    for condition in old.get("conditions") or ():
        generations.setdefault(condition.get("type", ""), []).append(condition.get("observedGeneration", 0))
    for condition in status.get("conditions") or ():
        former = generations.get(condition.get("type", ""))
        generation = former.pop(0) if former else 0
        if generation and not condition.get("observedGeneration"):
            condition["observedGeneration"] = generation


class _PartStrategy(UpdateStrategy, ABC):
    """Policy of a subresource that changes a part of the spec, and of the metadata nothing."""

    def __init__(self, main: PodStrategy) -> None:
        self.main = main

    def default(self, obj: Object) -> None:
        self.main.default(obj)

    @abstractmethod
    def changed_spec(self, spec: Object, old: Object) -> Object:
        """The old spec with the part of the new one that may change."""

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        drop_disabled_fields(obj["spec"])
        obj["spec"] = self.changed_spec(obj["spec"], old["spec"])
        obj["status"] = old.get("status") or {}
        metadata, old_metadata = obj["metadata"], old["metadata"]
        for name in _KEPT_METADATA:
            if name in old_metadata:
                metadata[name] = old_metadata[name]
            else:
                metadata.pop(name, None)
        if obj["spec"] != old["spec"] and "generation" in metadata:
            metadata["generation"] += 1


class EphemeralContainersStrategy(_PartStrategy):
    """pods/ephemeralcontainers."""

    def changed_spec(self, spec: Object, old: Object) -> Object:
        changed = {key: value for key, value in old.items() if key != "ephemeralContainers"}
        if "ephemeralContainers" in spec:
            changed["ephemeralContainers"] = spec["ephemeralContainers"]
        return changed

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        return self.main.metadata_update_errors(ctx, obj, old) + ephemeral_container_update_errors(obj, old)


class ResizeStrategy(_PartStrategy):
    """pods/resize."""

    def changed_spec(self, spec: Object, old: Object) -> Object:
        return resized_spec(spec, old)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> list[FieldError]:
        return self.main.metadata_update_errors(ctx, obj, old) + resize_errors(obj, old)
