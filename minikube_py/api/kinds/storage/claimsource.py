"""What a claim is filled from: dataSource and its younger twin dataSourceRef (pkg/api/persistentvolumeclaim)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.machinery.gvr import Object

_ATTRIBUTES_CLASSES_SINCE = 34
_SOURCES = (("PersistentVolumeClaim", ""), ("VolumeSnapshot", "snapshot.storage.k8s.io"))
"""Kinds and groups that the older field may name."""


def attributes_classes(ctx: Context) -> bool:
    """VolumeAttributesClass: claims and volumes may name one."""
    return minor(ctx) >= _ATTRIBUTES_CLASSES_SINCE


def prepare_source(spec: Object, old_spec: Object | None) -> None:
    """Drop what may not be named, and make the two fields say the same."""
    reference = spec.get("dataSourceRef")
    if reference is not None and reference.get("namespace") and "dataSourceRef" not in (old_spec or {}):
        # CrossNamespaceVolumeDataSource is off by default
        del spec["dataSourceRef"]
    in_use = old_spec is not None and ("dataSource" in old_spec or "dataSourceRef" in old_spec)
    source = spec.get("dataSource") or {}
    replaceable = not in_use and "dataSourceRef" not in spec and "dataSource" in spec
    if replaceable and (source.get("kind") or "", source.get("apiGroup") or "") not in _SOURCES:
        del spec["dataSource"]
    _copy_source(spec)


def _copy_source(spec: Object) -> None:
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and reference is None:
        spec["dataSourceRef"] = _local(source)
    elif reference is not None and source is None and not reference.get("namespace"):
        spec["dataSource"] = _local(reference)


def _local(reference: Object) -> Object:
    """Without a namespace, in Go's order."""
    names = {"kind": reference.get("kind") or "", "name": reference.get("name") or ""}
    return {"apiGroup": reference.get("apiGroup"), **names}
