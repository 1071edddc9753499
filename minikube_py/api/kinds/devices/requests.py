"""What a claim asks for (pkg/apis/resource/validation validateDeviceClaim)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from minikube_py.api.kinds.devices.items import validate_list, validate_set
from minikube_py.api.kinds.devices.names import (
    validate_fully_qualified_name,
    validate_label,
    validate_parameters,
    validate_toleration,
)
from minikube_py.api.kinds.podspec.volumeplugins import driver_name_errors
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_long,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_subdomain

MOST_REQUESTS = 32
MOST_CONFIGS = 32
_MOST_CONSTRAINTS = 32
_MOST_SELECTORS = 32
_MOST_ALTERNATIVES = 8
_LONGEST = 10 * 1024
"""Bytes of an expression, and of a driver's parameters."""
_MODES = ("All", "ExactCount")
_ONE_KIND = "exactly one of `exactly` or `firstAvailable` is required"
_UNKNOWN_REQUEST = (
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
)

RequestNames = Mapping[str, Collection[str]]
"""The names of a claim's requests, and the names of the alternatives of each."""


def default_claim(devices: Object) -> None:
    for request in devices.get("requests") or ():
        for each in (request.get("exactly"), *(request.get("firstAvailable") or ())):
            if each is not None:
                _default_request(each)


def _default_request(request: Object) -> None:
    if not request.get("allocationMode"):
        request["allocationMode"] = "ExactCount"
    if request["allocationMode"] == "ExactCount" and not request.get("count"):
        request["count"] = 1


def request_names(devices: Object) -> RequestNames:
    return {
        request.get("name") or "": [each.get("name") or "" for each in request.get("firstAvailable") or ()]
        for request in devices.get("requests") or ()
    }


def _name(of: Object) -> str:
    name: str = of.get("name") or ""
    return name


def validate_claim(devices: Object, path: Path) -> ErrorList:
    names = request_names(devices)
    errors = validate_set(devices.get("requests") or [], MOST_REQUESTS, _request_errors, _name, path.child("requests"))
    errors += validate_list(
        devices.get("constraints") or [],
        _MOST_CONSTRAINTS,
        lambda constraint, at: _constraint_errors(constraint, names, at),
        path.child("constraints"),
    )
    return errors + validate_list(
        devices.get("config") or [],
        MOST_CONFIGS,
        lambda config, at: [*validate_request_refs(config, names, at), *validate_config(config, at)],
        path.child("config"),
    )


def _request_errors(request: Object, path: Path) -> ErrorList:
    errors = validate_label(_name(request), path.child("name"))
    exactly, alternatives = request.get("exactly"), request.get("firstAvailable") or []
    if exactly is not None and alternatives:
        return [*errors, invalid(path, None, f"{_ONE_KIND}, but multiple fields are set")]
    if alternatives:
        at = path.child("firstAvailable")
        return errors + validate_set(alternatives, _MOST_ALTERNATIVES, _alternative_errors, _name, at)
    if exactly is None:
        return [*errors, required(path, _ONE_KIND)]
    return errors + _wanted_errors(exactly, path.child("exactly"))


def _alternative_errors(request: Object, path: Path) -> ErrorList:
    return [*validate_label(_name(request), path.child("name")), *_wanted_errors(request, path)]


def _wanted_errors(request: Object, path: Path) -> ErrorList:
    name, mode = request.get("deviceClassName") or "", request.get("allocationMode") or ""
    count = request.get("count", 0)
    at = path.child("deviceClassName")
    errors = invalid_each(at, name, dns1123_subdomain(name)) if name else [required(at)]
    errors += validate_selectors(request, path)
    if mode not in _MODES:
        errors.append(not_supported(path.child("allocationMode"), as_json(mode), _MODES))
    elif mode == "All" and count:
        errors.append(invalid(path.child("count"), count, "must not be specified when allocationMode is 'All'"))
    elif mode == "ExactCount" and count <= 0:
        errors.append(invalid(path.child("count"), count, "must be greater than zero"))
    for index, toleration in enumerate(request.get("tolerations") or ()):
        errors += validate_toleration(toleration, path.child("tolerations").index(index))
    return errors


def validate_selectors(of: Object, path: Path) -> ErrorList:
    return validate_list(of.get("selectors") or [], _MOST_SELECTORS, _selector_errors, path.child("selectors"))


def _selector_errors(selector: Object, path: Path) -> ErrorList:
    cel = selector.get("cel")
    if cel is None:
        return [required(path.child("cel"))]
    if byte_length(cel.get("expression") or "") > _LONGEST:
        return [too_long(path.child("cel", "expression"), _LONGEST)]
    return []


def validate_request_refs(of: Object, names: RequestNames, path: Path) -> ErrorList:
    """Its `requests`: each names one of the claim's."""

    def check(name: str, at: Path) -> ErrorList:
        return validate_request_ref(name, names, at)

    def key(name: Any) -> str:
        return str(name)

    return validate_set(of.get("requests") or [], MOST_REQUESTS, check, key, path.child("requests"))


def validate_request_ref(name: str, names: RequestNames, path: Path) -> ErrorList:
    parts = name.split("/")
    if len(parts) > 2:
        return [invalid(path, name, _UNKNOWN_REQUEST)]
    errors = [error for part in parts for error in validate_label(part, path)]
    if parts[0] not in names or (len(parts) == 2 and parts[1] not in names[parts[0]]):
        errors.append(invalid(path, name, _UNKNOWN_REQUEST))
    return errors


def _constraint_errors(constraint: Object, names: RequestNames, path: Path) -> ErrorList:
    errors = validate_request_refs(constraint, names, path)
    for field in ("matchAttribute", "distinctAttribute"):
        if (attribute := constraint.get(field)) is not None:
            return errors + validate_fully_qualified_name(attribute, path.child(field))
    detail = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'
    return [*errors, required(path, detail)]


def validate_config(config: Object, path: Path) -> ErrorList:
    """A DeviceConfiguration: parameters for a driver."""
    opaque, at = config.get("opaque"), path.child("opaque")
    if opaque is None:
        return [required(at)]
    errors = driver_name_errors(opaque.get("driver") or "", at.child("driver"))
    return errors + validate_parameters(opaque.get("parameters"), _LONGEST, at.child("parameters"))
