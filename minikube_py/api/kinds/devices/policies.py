"""How much of a device's capacity one claim may take (pkg/apis/resource/validation validateRequestPolicy)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.devices.items import validate_set
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity, parse

_MOST_VALUES = 10


def validate_shared_capacity(capacity: Object, path: Path) -> ErrorList:
    """Of a device that several claims may share."""
    policy = capacity.get("requestPolicy")
    if policy is None:
        return []
    at, whole = path.child("requestPolicy"), parse(capacity.get("value") or "0")
    values, between, default = policy.get("validValues") or [], policy.get("validRange"), policy.get("default")
    if values and between is not None:
        detail = 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time'
        return [forbidden(at, detail)]
    field = "validValues" if values else "validRange" if between is not None else ""
    if not field:
        return []
    if default is None:
        return [required(at.child("default"), f"required when {field} is defined")]
    if between is None:
        return _values_errors([parse(text) for text in values], parse(default), whole, at.child(field))
    return _range_errors(between, parse(default), whole, at.child(field))


def validate_single_capacity(capacity: Object, path: Path) -> ErrorList:
    """Of a device that one claim takes as a whole."""
    if capacity.get("requestPolicy") is None:
        return []
    return [forbidden(path.child("requestPolicy"), "allowMultipleAllocations must be true")]


def _values_errors(values: Sequence[Quantity], default: Quantity, whole: Quantity, path: Path) -> ErrorList:
    errors: ErrorList = []
    for index in range(1, len(values)):
        if values[index - 1] > values[index]:
            errors.append(invalid(path.index(index), str(values[index]), "values must be sorted in ascending order"))

    def check(value: Quantity, at: Path) -> ErrorList:
        return [invalid(at, str(value), f"option is larger than capacity value: {whole}")] if value > whole else []

    errors += validate_set(values, _MOST_VALUES, check, str, path)
    if default not in values:
        detail = "default value is not valid according to the requestPolicy"
        errors.append(invalid(path, str(default), detail))
    return errors


def _range_errors(between: Object, default: Quantity, whole: Quantity, path: Path) -> ErrorList:
    if between.get("min") is None:
        return [required(path.child("min"), "required when validRange is defined")]
    least = parse(between["min"])
    most = None if between.get("max") is None else parse(between["max"])
    errors: ErrorList = []
    if least > whole:
        errors.append(invalid(path.child("min"), str(least), f"min is larger than capacity value: {whole}"))
    if default < least:
        errors.append(invalid(path.child("min"), str(default), f"default is less than min: {least}"))
    if most is not None:
        at = path.child("max")
        if least > most:
            errors.append(invalid(at, str(least), f"min is larger than max: {most}"))
        if most > whole:
            errors.append(invalid(at, str(most), f"max is larger than capacity value: {whole}"))
        if default > most:
            errors.append(invalid(at, str(default), f"default is more than max: {most}"))
    if between.get("step") is not None:
        wanted = [default] if most is None else [default, most]
        errors += _step_errors(parse(between["step"]), least, wanted, whole, path.child("step"))
    return errors


def _step_errors(step: Quantity, least: Quantity, wanted: Sequence[Quantity], whole: Quantity, path: Path) -> ErrorList:
    errors: ErrorList = []
    first = least + step
    if first > whole:
        errors.append(invalid(path, str(step), f"one step {first} is larger than capacity value: {whole}"))
    for value in wanted:
        if step.value() and (value.value() - least.value()) % step.value():
            detail = f"value is not a multiple of a given step ({step}) from ({least})"
            errors.append(invalid(path, str(value), detail))
    return errors
