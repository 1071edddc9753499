"""Tolerations of nodes' taints."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, invalid_each, not_supported
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import label_value, qualified_name

TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_OPERATORS = ("Equal", "Exists")
_COMPARING_OPERATORS = ("Equal", "Exists", "Lt", "Gt")


def toleration_errors(tolerations: Sequence[Object], path: Path) -> ErrorList:
    """`tolerations`."""
    errors: ErrorList = []
    for index, toleration in enumerate(tolerations):
        key, operator = toleration.get("key") or "", toleration.get("operator") or ""
        effect = toleration.get("effect") or ""
        if key:
            if problems := qualified_name(key):
                errors += invalid_each(path.index(index).child("key"), key, problems)
        elif operator != "Exists":
            detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            errors.append(invalid(path.index(index).child("operator"), as_json(operator), detail))
        if effect != "NoExecute" and toleration.get("tolerationSeconds") is not None:
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            errors.append(invalid(path.index(index).child("effect"), as_json(effect), detail))
        errors += _operator_errors(operator, toleration.get("value") or "", path, index)
        if effect and effect not in TAINT_EFFECTS:
            errors.append(not_supported(path.index(index).child("effect"), effect, TAINT_EFFECTS))
    return errors


def _operator_errors(operator: str, value: str, path: Path, index: int) -> ErrorList:
    if operator in ("Equal", ""):
        problems = label_value(value) if value else []
        return [invalid(path.index(index).child("operator"), value, ";".join(problems))] if problems else []
    if operator == "Exists" and not value:
        return []
    at = path.index(index).child("operator")
    if operator == "Exists":
        return [invalid(at, value, "value must be empty when `operator` is 'Exists'")]
    return [not_supported(at, operator, _COMPARING_OPERATORS if operator in ("Lt", "Gt") else _OPERATORS)]


def added_toleration_errors(new: Sequence[Object], old: Sequence[Object], path: Path) -> ErrorList:
    """An update may add tolerations and change how many seconds they hold, no more."""
    kept = [_without_seconds(toleration) for toleration in new]
    if any(_without_seconds(toleration) not in kept for toleration in old):
        return [forbidden(path, "existing toleration can not be modified except its tolerationSeconds")]
    return toleration_errors(new, path)


def _without_seconds(toleration: Object) -> Object:
    return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}
