"""Names of pools, attributes, requests; taints and tolerations of devices (pkg/apis/resource/validation)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from minikube_py.api.kinds.devices.items import validate_list
from minikube_py.api.kinds.podspec.volumeplugins import driver_name_errors
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    duplicate,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_long,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, c_identifier, dns1123_label, dns1123_subdomain, label_value
from minikube_py.machinery.objectmeta import validate_label_name

_POOL_MAXIMUM = 253
_ID_MAXIMUM = 32
_MOST_CONDITIONS = 4
_OPERATORS = ("Equal", "Exists")
_EFFECTS = ("NoExecute", "NoSchedule", "None")
_is_uuid = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


def validate_label(value: str, path: Path) -> ErrorList:
    """Requests, devices and counters are named by labels."""
    return invalid_each(path, value, dns1123_label(value))


def validate_pool_name(name: str, path: Path) -> ErrorList:
    if not name:
        return [required(path)]
    errors: ErrorList = [too_long(path, _POOL_MAXIMUM)] if byte_length(name) > _POOL_MAXIMUM else []
    return errors + [error for part in name.split("/") for error in invalid_each(path, part, dns1123_subdomain(part))]


def _identifier_errors(name: str, path: Path) -> ErrorList:
    errors: ErrorList = [too_long(path, _ID_MAXIMUM)] if byte_length(name) > _ID_MAXIMUM else []
    return errors + invalid_each(path, name, c_identifier(name))


def validate_qualified_name(name: str, path: Path) -> ErrorList:
    """ "model" or "gpu.example.com/model"."""
    domain, slash, rest = name.partition("/")
    if not slash:
        return _identifier_errors(name, path)
    if "/" in rest:
        return []  # upstream looks at one slash only
    errors = driver_name_errors(domain, path) if domain else [invalid(path, "", "the domain must not be empty")]
    return errors + (_identifier_errors(rest, path) if rest else [invalid(path, "", "the name must not be empty")])


def validate_fully_qualified_name(name: str, path: Path) -> ErrorList:
    errors = validate_qualified_name(name, path)
    if "/" not in name:
        detail = "a fully qualified name must be a domain and a name separated by a slash"
        errors.append(invalid(path, as_json(name), detail))
    return errors


def validate_uuid(uid: str, path: Path) -> ErrorList:
    if _is_uuid(uid):
        return []
    if len(uid) != 36:
        return [invalid(path, uid, f"error validating uid: invalid UUID length: {len(uid)}")]
    detail = (
        "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase "
        "hexadecimal characters"
    )
    return [invalid(path, uid, detail if _is_uuid(uid.lower()) else "error validating uid: invalid UUID format")]


def validate_parameters(value: Any, longest: int, path: Path) -> ErrorList:
    """Free JSON that must be an object; `longest` is in bytes."""
    if value is None:
        return [required(path)]
    if len(orjson.dumps(value)) > longest:
        return [too_long(path, longest)]
    return [] if isinstance(value, dict) else [invalid(path, "<value omitted>", "must be a valid JSON object")]


def validate_toleration(toleration: Object, path: Path) -> ErrorList:
    key, operator = toleration.get("key") or "", toleration.get("operator") or ""
    value, effect = toleration.get("value") or "", toleration.get("effect") or ""
    errors = validate_label_name(key, path.child("key")) if key else []
    if operator == "Exists":
        if value:
            errors.append(invalid(path.child("value"), value, "must be empty for operator `Exists`"))
    elif operator == "Equal":
        errors += invalid_each(path.child("value"), value, label_value(value))
    elif not operator:
        errors.append(required(path.child("operator")))
    else:
        errors.append(not_supported(path.child("operator"), as_json(operator), _OPERATORS))
    if effect and effect not in _EFFECTS:
        errors.append(not_supported(path.child("effect"), as_json(effect), _EFFECTS))
    return errors


def validate_taint(taint: Object, path: Path) -> ErrorList:
    value, effect = taint.get("value") or "", taint.get("effect") or ""
    errors = validate_label_name(taint.get("key") or "", path.child("key"))
    errors += invalid_each(path.child("value"), value, label_value(value))
    if not effect:
        return [*errors, required(path.child("effect"))]
    return errors if effect in _EFFECTS else [*errors, not_supported(path.child("effect"), as_json(effect), _EFFECTS)]


def validate_binding_conditions(of: Object, path: Path) -> ErrorList:
    """Conditions to wait for, and those that tell of failure: both or neither, and no overlap."""
    wanted: Sequence[str] = of.get("bindingConditions") or []
    failing: Sequence[str] = of.get("bindingFailureConditions") or []
    at, at_failing = path.child("bindingConditions"), path.child("bindingFailureConditions")
    errors = validate_list(wanted, _MOST_CONDITIONS, validate_label_name, at)
    errors += validate_list(failing, _MOST_CONDITIONS, validate_label_name, at_failing)
    errors += [duplicate(at.index(index), each) for index, each in enumerate(wanted) if each in wanted[:index]]
    for index, each in enumerate(failing):
        if each in failing[:index]:
            errors.append(duplicate(at_failing.index(index), each))
        if each in wanted:
            detail = "bindingFailureConditions must not overlap with bindingConditions"
            errors.append(invalid(at_failing.index(index), each, detail))
    if failing and not wanted:
        errors.append(invalid(at, None, "bindingConditions are required to use bindingFailureConditions"))
    if wanted and not failing:
        errors.append(invalid(at_failing, None, "bindingFailureConditions are required to use bindingConditions"))
    return errors
