"""CSINode: the storage drivers on a node (pkg/registry/storage/csinode)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.api.kinds.podspec.volumeplugins import driver_name_errors
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import Strategy
from minikube_py.machinery.field import ErrorList, Path, duplicate, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, qualified_name
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE

_DRIVERS = Path("spec", "drivers")
_NODE_ID_MAXIMUM = 256
_MUTABLE_COUNTS_SINCE = 35
"""The minor version from which on a driver's allocatable count may change (MutableCSINodeAllocatableCount)."""


class CSINodeStrategy(Strategy):
    returns_deleted_object = True
    allow_unconditional_update = False

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        """No drivers are null, as after a round through storage."""
        obj["spec"]["drivers"] = drivers(obj) or None

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        self.prepare_for_create(ctx, obj)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        errors = self.validate_metadata(ctx, obj)
        names: set[str] = set()
        for index, driver in enumerate(drivers(obj)):
            errors += _driver_errors(driver, names, _DRIVERS.index(index))
            names.add(driver.get("name") or "")
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """A driver that stays must stay as it is, but for how much it can allocate."""
        errors = self.validate(ctx, obj)
        ignored = {"allocatable"} if minor(ctx) >= _MUTABLE_COUNTS_SINCE else set()
        for before in drivers(old):
            for driver in drivers(obj):
                if driver.get("name") == before.get("name") and _without(driver, ignored) != _without(before, ignored):
                    shown = _internal(driver) if not ignored else {**_internal(driver), "Allocatable": None}
                    errors.append(invalid(_DRIVERS, shown, FIELD_IMMUTABLE))
        return errors


def drivers(obj: Object) -> list[Object]:
    return (obj.get("spec") or {}).get("drivers") or []


def _without(driver: Object, names: set[str]) -> Object:
    return {name: value for name, value in driver.items() if name not in names and value}


def _internal(driver: Object) -> Object:
    """As upstream's internal type prints it."""
    allocatable = driver.get("allocatable")
    return {
        "Name": driver.get("name") or "",
        "NodeID": driver.get("nodeID") or "",
        "TopologyKeys": driver.get("topologyKeys"),
        "Allocatable": None if allocatable is None else {"Count": allocatable.get("count")},
    }


def _driver_errors(driver: Object, names: set[str], path: Path) -> ErrorList:
    """`names` are those of the drivers before."""
    name, node_id = driver.get("name") or "", driver.get("nodeID") or ""
    errors = driver_name_errors(name, path.child("name"))
    if not node_id:
        errors.append(required(path.child("nodeID")))
    if byte_length(node_id) > _NODE_ID_MAXIMUM:
        detail = f"must be {_NODE_ID_MAXIMUM} characters or less"
        errors.append(invalid(path.child("nodeID"), node_id, detail))
    count = (driver.get("allocatable") or {}).get("count")
    if count is not None and count < 0:
        at = path.child("allocatable", "count")
        errors.append(invalid(at, count, "must be greater than or equal to 0", "minimum"))
    if name in names:
        errors.append(duplicate(path.child("name"), name))
    keys = driver.get("topologyKeys") or []
    for index, key in enumerate(keys):
        if not key:
            errors.append(required(path))
        if key in keys[:index]:
            errors.append(duplicate(path, key))
        errors += invalid_each(path, key, qualified_name(key))
    return errors


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], len(drivers(obj)), age(obj)]


RESOURCES = (
    Resource(
        group="storage.k8s.io",
        version="v1",
        plural="csinodes",
        kind="CSINode",
        namespaced=False,
        strategy=CSINodeStrategy(),
        columns=(
            NAME,
            Column(
                "Drivers",
                type="integer",
                description="Drivers indicates the number of CSI drivers registered on the node",
            ),
            AGE,
        ),
        cells=cells,
    ),
)
