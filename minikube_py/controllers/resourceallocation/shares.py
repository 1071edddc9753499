"""Shares of devices that allow multiple allocations: what of a device's capacity a request takes (structured
consumable_capacity.go).

    capacity                                    asked for   taken
    value: 80Gi                                 -           80Gi
    value: 80Gi                                 10Gi        10Gi
    ... requestPolicy.default: 20Gi             -           20Gi
    ... validRange: {min: 5Gi, step: 2Gi}       8Gi         9Gi
    ... validValues: [10Gi, 40Gi]               11Gi        40Gi

Whatever is asked for beyond the policy's greatest value is not to be had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from minikube_py.controllers.resourceallocation.devices import Device, DeviceID
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import BINARY_SI, ZERO, Quantity, parse

Amounts = Mapping[str, Quantity]
"""By the capacity's name."""


class Share(NamedTuple):
    """Of a device, as an allocation has it."""

    device: DeviceID
    consumed: Amounts

    @staticmethod
    def of(result: Object) -> Share:
        """Of an allocation's result."""
        consumed = result.get("consumedCapacity") or {}
        return Share(DeviceID.of(result), {name: parse(text) for name, text in consumed.items()})


def is_shared(device: Device) -> bool:
    """Whether several may have it at once."""
    return bool(device.spec.get("allowMultipleAllocations"))


def taken(device: Device, requests: Mapping[str, str]) -> Amounts | None:
    """None if the device does not have all that is asked for, or not in such amounts."""
    capacity: Object = device.spec.get("capacity") or {}
    if not requests.keys() <= capacity.keys():
        return None
    amounts = {name: _amount(each, requests.get(name)) for name, each in capacity.items()}
    violated = any(_violates(amounts[name], each.get("requestPolicy") or {}) for name, each in capacity.items())
    return None if violated else amounts


def _amount(capacity: Object, text: str | None) -> Quantity:
    policy: Object = capacity.get("requestPolicy") or {}
    if text is None:
        return parse(policy.get("default") or capacity["value"])
    wanted = parse(text)
    between = policy.get("validRange") or {}
    if between.get("min") is not None:
        return _stepped(wanted, parse(between["min"]), between.get("step"))
    values = [parse(each) for each in policy.get("validValues") or ()]
    return next((each for each in values if wanted <= each), wanted)


def _stepped(wanted: Quantity, least: Quantity, step: str | None) -> Quantity:
    """The next step up from the least."""
    if wanted < least:
        return least
    size = parse(step).value() if step is not None else 0
    if not size:
        return wanted
    steps = -((least.value() - wanted.value()) // size)
    return Quantity(least.value() + steps * size, 0, BINARY_SI)


def _violates(amount: Quantity, policy: Object) -> bool:
    if policy.get("default") is not None and amount == parse(policy["default"]):
        return False
    if (between := policy.get("validRange")) is not None:
        if between.get("max") is not None and amount > parse(between["max"]):
            return True
        step = parse(between["step"]).value() if between.get("step") is not None else 0
        least = parse(between["min"]).value() if between.get("min") is not None else 0
        return bool(step and (amount.value() - least) % step)
    values = [parse(each) for each in policy.get("validValues") or ()]
    return bool(values) and amount not in values


class Shares:
    """What is taken of devices; shares come, and are given back."""

    def __init__(self, shares: Iterable[Share]) -> None:
        self._taken: dict[DeviceID, dict[str, Quantity]] = {}
        self._users: dict[DeviceID, int] = {}
        for each in shares:
            self.take(each)

    def in_use(self, device: DeviceID) -> bool:
        return self._users.get(device, 0) > 0

    @property
    def devices(self) -> Iterable[DeviceID]:
        """Those of which somebody has a share."""
        return [device for device, users in self._users.items() if users]

    def suffice(self, device: Device, amounts: Amounts) -> bool:
        """Whether as much is left; of a device that is not shared, whether there is as much."""
        before = self._taken.get(device.id) or {}
        capacity: Object = device.spec.get("capacity") or {}
        return all(
            before.get(name, ZERO) + amount <= parse(capacity[name]["value"]) for name, amount in amounts.items()
        )

    def take(self, share: Share) -> None:
        self._add(share, 1)

    def give_back(self, share: Share) -> None:
        self._add(share, -1)

    def _add(self, share: Share, sign: int) -> None:
        amounts = self._taken.setdefault(share.device, {})
        self._users[share.device] = self._users.get(share.device, 0) + sign
        for name, amount in share.consumed.items():
            amounts[name] = amounts.get(name, ZERO) + amount * sign
