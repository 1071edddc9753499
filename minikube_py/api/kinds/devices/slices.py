"""The devices that a ResourceSlice offers (pkg/apis/resource/validation validateResourceSliceSpec)."""

from __future__ import annotations

import re
from typing import Any

from minikube_py.api.kinds.devices.items import UNLIMITED, validate_list, validate_map, validate_set
from minikube_py.api.kinds.devices.names import (
    validate_binding_conditions,
    validate_label,
    validate_pool_name,
    validate_qualified_name,
    validate_taint,
)
from minikube_py.api.kinds.devices.policies import validate_shared_capacity, validate_single_capacity
from minikube_py.api.kinds.podspec.affinity import node_selector_errors
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, required, too_long
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_subdomain

_MOST_DEVICES, _MOST_ADVANCED_DEVICES = 128, 64
_MOST_COUNTER_SETS, _MOST_COUNTERS, _MOST_CONSUMPTIONS = 8, 32, 2
_MOST_PROPERTIES, _MOST_VALUES = 32, 48
_MOST_TAINTS = 16
_LONGEST_KEY, _LONGEST_COUNTER = 63 + 1 + 32, 63
_LONGEST_VALUE = 64
_ATTRIBUTES = {
    "int": "IntValue",
    "bool": "BoolValue",
    "string": "StringValue",
    "version": "VersionValue",
    "ints": "IntValues",
    "bools": "BoolValues",
    "strings": "StringValues",
    "versions": "VersionValues",
}
"""The kinds of an attribute's value, and what upstream's internal type calls them."""
_LISTS = ("bools", "ints", "strings", "versions")
_ONE_PLACE = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
_ONE_DEVICE_PLACE = (
    "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true "
    "in the ResourceSlice spec"
)
_NO_DEVICE_PLACE = (
    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the "
    "ResourceSlice spec"
)
_NUMBER, _PRE, _BUILD = r"(0|[1-9]\d*)", r"(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)", "[0-9a-zA-Z-]+"
_is_version = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_PRE}(\.{_PRE})*)?(\+{_BUILD}(\.{_BUILD})*)?", re.ASCII
).fullmatch


def validate_pool(pool: Object, path: Path) -> ErrorList:
    count, generation = pool.get("resourceSliceCount") or 0, pool.get("generation") or 0
    errors = validate_pool_name(pool.get("name") or "", path.child("name"))
    if count <= 0:
        errors.append(invalid(path.child("resourceSliceCount"), count, "must be greater than zero"))
    if generation < 0:
        errors.append(invalid(path.child("generation"), generation, "must be greater than or equal to zero"))
    return errors


def validate_place(spec: Object, path: Path) -> ErrorList:
    """Where a slice's devices are: told in one way."""
    places, errors = _places(spec, path, empty="must be either unset or set to a non-empty string")
    selector = spec.get("nodeSelector")
    if selector is not None and len(selector.get("nodeSelectorTerms") or ()) != 1:
        at = path.child("nodeSelector", "nodeSelectorTerms")
        errors.append(invalid(at, selector.get("nodeSelectorTerms"), "must have exactly one node selector term"))
    per_device = spec.get("perDeviceNodeSelection")
    if per_device:
        places.append("`perDeviceNodeSelection`")
    elif per_device is not None:
        detail = "must be either unset or set to true"
        errors.append(invalid(path.child("perDeviceNodeSelection"), False, detail))
    if not places:
        return [*errors, required(path, _ONE_PLACE)]
    if len(places) > 1:
        shown = "{" + ", ".join(places) + "}"
        errors.append(invalid(path, shown, f"{_ONE_PLACE}, but multiple fields are set"))
    return errors


def _places(of: Object, path: Path, empty: str) -> tuple[list[str], ErrorList]:
    """The ways in which a slice or a device says where it is."""
    node, selector, everywhere = of.get("nodeName"), of.get("nodeSelector"), of.get("allNodes")
    places: list[str] = []
    errors: ErrorList = []
    if node:
        places.append("`nodeName`")
        errors += invalid_each(path.child("nodeName"), node, dns1123_subdomain(node))
    elif node is not None:
        errors.append(invalid(path.child("nodeName"), node, empty))
    if selector is not None:
        places.append("`nodeSelector`")
        errors += node_selector_errors(selector, path.child("nodeSelector"))
    if everywhere:
        places.append("`allNodes`")
    elif everywhere is not None:
        errors.append(invalid(path.child("allNodes"), False, "must be either unset or set to true"))
    return places, errors


def validate_devices(spec: Object, old_spec: Object, path: Path) -> ErrorList:
    """`old_spec` is empty for a new slice; taints that stay are not looked at again."""
    devices, counters = spec.get("devices") or [], spec.get("sharedCounters") or []
    errors: ErrorList = []
    if counters and devices:
        errors.append(invalid(path, "", "only one of `sharedCounters` or `devices` is allowed"))
    known = {device.get("name"): device for device in old_spec.get("devices") or ()}
    per_device = bool(spec.get("perDeviceNodeSelection"))

    def check(device: Object, at: Path) -> ErrorList:
        return _device_errors(device, known.get(device.get("name")), per_device, at)

    most = _MOST_ADVANCED_DEVICES if any(_is_advanced(device) for device in devices) else _MOST_DEVICES
    errors += validate_set(devices, most, check, _name, path.child("devices"))
    at = path.child("sharedCounters")
    return errors + validate_set(counters, _MOST_COUNTER_SETS, _counter_set_errors, _name, at)


def _name(of: Object) -> str:
    name: str = of.get("name") or ""
    return name


def _is_advanced(device: Object) -> bool:
    if device.get("taints") or device.get("consumesCounters"):
        return True
    return any(name in attribute for attribute in (device.get("attributes") or {}).values() for name in _LISTS)


def _counter_set_errors(counters: Object, path: Path) -> ErrorList:
    return _named_counters_errors(counters, "name", path)


def _named_counters_errors(of: Object, field: str, path: Path) -> ErrorList:
    """`field` names the set of counters."""
    name, counters, at = of.get(field) or "", of.get("counters") or {}, path.child("counters")
    errors = validate_label(name, path.child(field)) if name else [required(path.child(field))]
    if not counters:
        return [*errors, required(at)]
    return errors + validate_map(counters, _MOST_COUNTERS, _LONGEST_COUNTER, validate_label, _anything, at)


def _anything(value: Any, path: Path) -> ErrorList:
    return []


def _device_errors(device: Object, old: Object | None, per_device: bool, path: Path) -> ErrorList:
    attributes, capacity = device.get("attributes") or {}, device.get("capacity") or {}
    errors = validate_label(_name(device), path.child("name"))
    properties = len(attributes) + len(capacity)
    if properties > _MOST_PROPERTIES:
        detail = f"the total number of attributes and capacities must not exceed {_MOST_PROPERTIES}"
        errors.append(invalid(path, properties, detail))
    values = sum(sum(len(each.get(name) or ()) for name in _LISTS) or 1 for each in attributes.values())
    if values > _MOST_VALUES:
        errors.append(invalid(path, values, f"the total number of attribute values must not exceed {_MOST_VALUES}"))
    at = path.child("attributes")
    errors += validate_map(attributes, UNLIMITED, _LONGEST_KEY, validate_qualified_name, _attribute_errors, at)
    check = validate_shared_capacity if device.get("allowMultipleAllocations") else validate_single_capacity
    at = path.child("capacity")
    errors += validate_map(capacity, UNLIMITED, _LONGEST_KEY, validate_qualified_name, check, at)
    taints = device.get("taints") or []
    if old is None or taints != (old.get("taints") or []):
        errors += validate_list(taints, _MOST_TAINTS, validate_taint, path.child("taints"))
    errors += validate_set(
        device.get("consumesCounters") or [],
        _MOST_CONSUMPTIONS,
        lambda each, where: _named_counters_errors(each, "counterSet", where),
        lambda each: each.get("counterSet") or "",
        path.child("consumesCounters"),
    )
    return errors + _device_place_errors(device, per_device, path) + validate_binding_conditions(device, path)


def _device_place_errors(device: Object, per_device: bool, path: Path) -> ErrorList:
    if not per_device:
        told = any(device.get(name) is not None for name in ("nodeName", "nodeSelector", "allNodes"))
        return [invalid(path, None, _NO_DEVICE_PLACE)] if told else []
    places, errors = _places(device, path, empty="must not be empty")
    if not places:
        return [*errors, required(path, _ONE_DEVICE_PLACE)]
    if len(places) > 1:
        errors.append(invalid(path, "{" + ", ".join(places) + "}", _ONE_DEVICE_PLACE))
    return errors


def _attribute_errors(attribute: Object, path: Path) -> ErrorList:
    """One value, of one kind."""
    errors: ErrorList = []
    given = [name for name in _ATTRIBUTES if attribute.get(name) is not None]
    for name in ("string", "version"):
        if name in given:
            errors += _value_errors(attribute[name], name, path.child(name))
    for name in _LISTS:
        if name not in given:
            continue
        at = path.child(name)
        if not attribute[name]:
            errors.append(invalid(at, attribute[name], "must not be empty if specified"))
        for index, value in enumerate(attribute[name]):
            errors += _value_errors(value, name[:-1], at.index(index))
    if len(given) == 1:
        return errors
    shown: Any = {internal: attribute.get(name) for name, internal in _ATTRIBUTES.items()} if given else ""
    return [*errors, invalid(path, shown, "exactly one value must be specified")]


def _value_errors(value: Any, kind: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    if kind == "version" and not _is_version(value):
        errors.append(invalid(path, value, "must be a string compatible with semver.org spec 2.0.0"))
    if kind in ("string", "version") and byte_length(value) > _LONGEST_VALUE:
        errors.append(too_long(path, _LONGEST_VALUE))
    return errors
