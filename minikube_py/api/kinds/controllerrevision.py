"""ControllerRevision: a snapshot of what a controller was told (pkg/registry/apps/controllerrevision)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.workload.counts import NEGATIVE
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery import meta
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, required
from minikube_py.machinery.gvr import GroupResource, GroupVersionKind, Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

_DATA = Path("data")
_REVISION = Path("revision")


class ControllerRevisionStrategy(Strategy):
    """Immutable but for its revision and metadata."""

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        """pkg/apis/apps/validation ValidateControllerRevisionCreate."""
        errors = self._validate_both(ctx, obj)
        data = obj.get("data")
        if data is None:
            errors.append(required(_DATA, "data is mandatory"))
        elif not isinstance(data, dict):
            errors.append(required(_DATA, "data must be a valid JSON object"))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        errors += self._validate_both(ctx, obj)
        data = obj.get("data")
        if data != old.get("data"):
            errors.append(invalid(_DATA, as_json(data), FIELD_IMMUTABLE))
        return errors

    def _validate_both(self, ctx: Context, obj: Object) -> ErrorList:
        """What holds for new and for changed ones."""
        errors = self.validate_metadata(ctx, obj)
        revision = obj.get("revision") or 0
        if revision < 0:
            errors.append(invalid(_REVISION, revision, NEGATIVE, "minimum"))
        return errors


def cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], _controller(obj), obj.get("revision", 0), age(obj)]


def _controller(obj: Object) -> str:
    """ "statefulset.apps/web"."""
    reference = meta.controller_of(obj)
    if reference is None:
        return "<none>"
    group = GroupVersionKind.of(reference).group
    return f"{str(GroupResource(group, reference['kind'])).lower()}/{reference['name']}"


RESOURCES = (
    Resource(
        group="apps",
        version="v1",
        plural="controllerrevisions",
        kind="ControllerRevision",
        strategy=ControllerRevisionStrategy(),
        columns=(
            NAME,
            Column("Controller", description="Controller of the object"),
            Column("Revision", doc="io.k8s.api.apps.v1.ControllerRevision#revision"),
            AGE,
        ),
        cells=cells,
    ),
)
