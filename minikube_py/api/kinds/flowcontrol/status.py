"""What flow schemas and priority levels have in common: conditions, and who may change what."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.strategy import StatusStrategy
from minikube_py.machinery.field import ErrorList, FieldError, Path, as_json, required
from minikube_py.machinery.gvr import Object

_CONDITIONS = Path("status", "conditions")


class FlowStatusStrategy(StatusStrategy):
    """Metadata stays as it is, but for its managers."""

    reset_fields = (("metadata",), ("spec",))

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        managed = obj["metadata"].get("managedFields")
        obj["metadata"] = {
            **{name: value for name, value in old["metadata"].items() if name != "managedFields"},
            "resourceVersion": obj["metadata"].get("resourceVersion", old["metadata"]["resourceVersion"]),
        }
        if managed is not None:
            obj["metadata"]["managedFields"] = managed

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return validate_conditions(obj)


def validate_conditions(obj: Object) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for index, condition in enumerate((obj.get("status") or {}).get("conditions") or ()):
        at, kind = _CONDITIONS.index(index).child("type"), condition.get("type") or ""
        if kind in seen:
            errors.append(FieldError("FieldValueDuplicate", at, as_json(kind), ""))
        seen.add(kind)
        if not kind:
            errors.append(required(at))
    return errors
