"""What a claim got, and who uses it: ResourceClaim's status (pkg/apis/resource/validation)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.api.kinds.devices.items import UNLIMITED, validate_list, validate_set
from minikube_py.api.kinds.devices.names import (
    validate_binding_conditions,
    validate_label,
    validate_parameters,
    validate_pool_name,
    validate_uuid,
)
from minikube_py.api.kinds.devices.requests import (
    MOST_CONFIGS,
    RequestNames,
    validate_config,
    validate_request_ref,
    validate_request_refs,
)
from minikube_py.api.kinds.podspec.affinity import node_selector_errors
from minikube_py.api.kinds.podspec.volumeplugins import driver_name_errors
from minikube_py.machinery.conditions import validate_conditions
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, not_supported, required, too_long, too_many
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import validate_interface_address
from minikube_py.machinery.names import byte_length

MOST_CONSUMERS = 256
_MOST_RESULTS = 32
_MOST_CONDITIONS = 8
_MOST_ADDRESSES = 16
_LONGEST_DATA = 10 * 1024
_LONGEST_INTERFACE, _LONGEST_HARDWARE_ADDRESS = 256, 128
_SOURCES = ("FromClaim", "FromClass")


class DeviceID(NamedTuple):
    """A device, and the share of it where it is shared."""

    driver: str
    pool: str
    device: str
    share: str

    @staticmethod
    def of(result: Object) -> DeviceID:
        return DeviceID(*(result.get(name) or "" for name in ("driver", "pool", "device", "shareID")))

    def __str__(self) -> str:
        parts = [self.driver, self.pool, self.device]
        return "/".join([*parts, self.share] if self.share else parts)


def allocated_devices(status: Object) -> set[DeviceID]:
    devices = (status.get("allocation") or {}).get("devices") or {}
    return {DeviceID.of(result) for result in devices.get("results") or ()}


def validate_consumer(consumer: Object, path: Path) -> ErrorList:
    return [required(path.child(name)) for name in ("resource", "name", "uid") if not consumer.get(name)]


def validate_allocation(allocation: Object, names: RequestNames, path: Path) -> ErrorList:
    devices, selector = allocation.get("devices") or {}, allocation.get("nodeSelector")
    at = path.child("devices")

    def check_result(result: Object, where: Path) -> ErrorList:
        return _result_errors(result, names, where)

    def check_config(config: Object, where: Path) -> ErrorList:
        return [
            *_source_errors(config.get("source") or "", where.child("source")),
            *validate_request_refs(config, names, where),
            *validate_config(config, where),
        ]

    errors = validate_list(devices.get("results") or [], _MOST_RESULTS, check_result, at.child("results"))
    errors += validate_list(devices.get("config") or [], 2 * MOST_CONFIGS, check_config, at.child("config"))
    return errors if selector is None else errors + node_selector_errors(selector, path.child("nodeSelector"))


def _source_errors(source: str, path: Path) -> ErrorList:
    if not source:
        return [required(path)]
    return [] if source in _SOURCES else [not_supported(path, as_json(source), _SOURCES)]


def _result_errors(result: Object, names: RequestNames, path: Path) -> ErrorList:
    errors = validate_request_ref(result.get("request") or "", names, path.child("request"))
    errors += _device_errors(result, path)
    errors += validate_binding_conditions(result, path)
    share = result.get("shareID")
    return errors if share is None else errors + validate_uuid(share, path.child("shareID"))


def _device_errors(of: Object, path: Path) -> ErrorList:
    return [
        *driver_name_errors(of.get("driver") or "", path.child("driver")),
        *validate_pool_name(of.get("pool") or "", path.child("pool")),
        *validate_label(of.get("device") or "", path.child("device")),
    ]


def validate_device_statuses(status: Object, path: Path) -> ErrorList:
    """`devices` of a claim's status: only of what is allocated."""
    allocated = allocated_devices(status)

    def check(device: Object, at: Path) -> ErrorList:
        return _device_status_errors(device, allocated, at)

    return validate_set(status.get("devices") or [], UNLIMITED, check, DeviceID.of, path)


def _device_status_errors(device: Object, allocated: set[DeviceID], path: Path) -> ErrorList:
    errors = _device_errors(device, path)
    if (share := device.get("shareID")) is not None:
        errors += validate_uuid(share, path.child("shareID"))
    if (identity := DeviceID.of(device)) not in allocated:
        errors.append(invalid(path, as_json(str(identity)), "must be an allocated device in the claim"))
    conditions = device.get("conditions") or []
    if len(conditions) > _MOST_CONDITIONS:
        errors.append(too_many(path.child("conditions"), len(conditions), _MOST_CONDITIONS))
    errors += validate_conditions(conditions, path.child("conditions"))
    if device.get("data") is not None:
        errors += validate_parameters(device["data"], _LONGEST_DATA, path.child("data"))
    return errors + _network_errors(device.get("networkData") or {}, path.child("networkData"))


def _network_errors(data: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    for name, longest in (("interfaceName", _LONGEST_INTERFACE), ("hardwareAddress", _LONGEST_HARDWARE_ADDRESS)):
        if byte_length(data.get(name) or "") > longest:
            errors.append(too_long(path.child(name), longest))

    def check(address: str, at: Path) -> ErrorList:
        return validate_interface_address(at, address)

    return errors + validate_set(data.get("ips") or [], _MOST_ADDRESSES, check, str, path.child("ips"))
