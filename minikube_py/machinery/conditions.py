"""Status conditions: apimachinery's api/meta conditions.go over JSON trees. Nothing given is changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from minikube_py.machinery.field import ErrorList, Path, as_json, duplicate, invalid, not_supported, required, too_long
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, regex_error
from minikube_py.machinery.objectmeta import validate_label_name

TRUE, FALSE, UNKNOWN = "True", "False", "Unknown"

_REASON_MAXIMUM = 1024
_MESSAGE_MAXIMUM = 32 * 1024
_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_is_reason = re.compile(_REASON).fullmatch


def find(conditions: Sequence[Object] | None, type: str) -> Object | None:
    for condition in conditions or ():
        if condition.get("type") == type:
            return condition
    return None


def has_status(conditions: Sequence[Object] | None, type: str, status: str) -> bool:
    condition = find(conditions, type)
    return condition is not None and condition.get("status") == status


def is_true(conditions: Sequence[Object] | None, type: str) -> bool:
    return has_status(conditions, type, TRUE)


def is_false(conditions: Sequence[Object] | None, type: str) -> bool:
    return has_status(conditions, type, FALSE)


def set_condition(conditions: Sequence[Object] | None, new: Object, now: str) -> list[Object]:
    """The conditions with `new` in its type's place, or at the end.

    lastTransitionTime moves to `new`'s own or to `now` (RFC 3339) only if the status changes; reason, message and
    observedGeneration are taken over anyway.
    """
    current = list(conditions or ())
    when = new.get("lastTransitionTime") or now
    for index, existing in enumerate(current):
        if existing.get("type") == new["type"]:
            current[index] = _merged(existing, new, when)
            return current
    return [*current, {**new, "lastTransitionTime": when}]


def _merged(existing: Object, new: Object, when: str) -> Object:
    merged = dict(existing)
    if existing.get("status") != new.get("status"):
        merged["status"] = new.get("status")
        merged["lastTransitionTime"] = when
    for name in ("observedGeneration", "reason", "message"):
        if name in new:
            merged[name] = new[name]
        else:
            merged.pop(name, None)
    return merged


def remove_condition(conditions: Sequence[Object] | None, type: str) -> list[Object]:
    return [condition for condition in conditions or () if condition.get("type") != type]


def validate_conditions(conditions: Sequence[Object], path: Path) -> ErrorList:
    """metav1.Condition lists (meta/v1/validation ValidateConditions)."""
    errors: ErrorList = []
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        type = condition.get("type") or ""
        if type in seen:
            errors.append(duplicate(path.index(index).child("type"), type))
        seen.add(type)
        errors += _condition_errors(condition, path.index(index))
    return errors


def _condition_errors(condition: Object, path: Path) -> ErrorList:
    errors = validate_label_name(condition.get("type") or "", path.child("type"))
    status, generation = condition.get("status") or "", condition.get("observedGeneration") or 0
    if status not in (TRUE, FALSE, UNKNOWN):
        errors.append(not_supported(path.child("status"), as_json(status), (FALSE, TRUE, UNKNOWN)))
    if generation < 0:
        detail = "must be greater than or equal to zero"
        errors.append(invalid(path.child("observedGeneration"), generation, detail))
    if not condition.get("lastTransitionTime"):
        errors.append(required(path.child("lastTransitionTime")))
    errors += _reason_errors(condition.get("reason") or "", path.child("reason"))
    if byte_length(condition.get("message") or "") > _MESSAGE_MAXIMUM:
        errors.append(too_long(path.child("message"), _MESSAGE_MAXIMUM))
    return errors


def _reason_errors(reason: str, path: Path) -> ErrorList:
    if not reason:
        return [required(path)]
    errors: ErrorList = []
    if not _is_reason(reason):
        message = (
            "a condition reason must start with alphabetic character, optionally followed by a string of "
            "alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
        )
        examples = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
        errors.append(invalid(path, reason, regex_error(message, _REASON, *examples)))
    if byte_length(reason) > _REASON_MAXIMUM:
        errors.append(too_long(path, _REASON_MAXIMUM))
    return errors
