"""What partitions of devices take from what they share.

sharedCounters: [{name: gpu-0, counters: {memory: {value: 40Gi}}}]
a device with consumesCounters: [{counterSet: gpu-0, counters: {memory: {value: 10Gi}}}] can be had four times.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from minikube_py.controllers.resourceallocation.devices import Device, DeviceID
from minikube_py.controllers.resourceallocation.pools import Pool
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity, parse

Key = tuple[str, str, str, str]
"""Driver, pool, counter set, counter."""


class Counters:
    """What is left of each; a device takes, and gives back."""

    def __init__(self, pools: Sequence[Pool], allocated: Container[DeviceID]) -> None:
        self._left: dict[Key, Quantity] = {}
        for pool in pools:
            for each in pool.counter_sets:
                for counter, amount in (each.get("counters") or {}).items():
                    self._left[pool.driver, pool.name, each["name"], counter] = parse(amount["value"])
            for device in pool.devices:
                if device.id in allocated:
                    self.take(device)

    def suffice(self, device: Device) -> bool:
        return all(key in self._left and amount <= self._left[key] for key, amount in _consumed(device))

    def take(self, device: Device) -> None:
        self._add(device, -1)

    def give_back(self, device: Device) -> None:
        self._add(device, 1)

    def _add(self, device: Device, factor: int) -> None:
        for key, amount in _consumed(device):
            if key in self._left:
                self._left[key] += amount * factor


def _consumed(device: Device) -> Iterator[tuple[Key, Quantity]]:
    consumed: list[Object] = device.spec.get("consumesCounters") or []
    for each in consumed:
        for counter, amount in (each.get("counters") or {}).items():
            yield (*device.id[:2], each["counterSet"], counter), parse(amount["value"])
