"""The pools of devices that ResourceSlices tell of (structured pools.go).

A pool is what its slices of the newest generation say. While some of them are missing it is being changed, and
nothing is allocated from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from minikube_py.controllers.resourceallocation.devices import Device, DeviceID, Judge
from minikube_py.machinery.gvr import Object


class Pool(NamedTuple):
    driver: str
    name: str
    devices: list[Device]
    """All of them; those of other nodes share counters with the node's."""
    counter_sets: list[Object]
    complete: bool
    problem: str
    """Why nothing may be allocated from it at all."""

    def __str__(self) -> str:
        return f"{self.driver}/{self.name}"


def gather(slices: Iterable[Object]) -> list[Pool]:
    """In order of drivers and names."""
    newest: dict[tuple[str, str], list[Object]] = {}
    for each in slices:
        spec = each["spec"]
        known = newest.setdefault((spec["driver"], spec["pool"]["name"]), [])
        if known and known[0]["pool"]["generation"] < spec["pool"]["generation"]:
            known.clear()
        if not known or known[0]["pool"]["generation"] == spec["pool"]["generation"]:
            known.append(spec)
    return [_pool(driver, name, specs) for (driver, name), specs in sorted(newest.items())]


def _pool(driver: str, name: str, specs: list[Object]) -> Pool:
    devices = [
        Device(DeviceID(driver, name, each["name"]), each, each if spec.get("perDeviceNodeSelection") else spec)
        for spec in specs
        for each in spec.get("devices") or ()
    ]
    twice = sorted(each for each, times in Counter(device.id.device for device in devices).items() if times > 1)
    return Pool(
        driver,
        name,
        devices,
        [each for spec in specs for each in spec.get("sharedCounters") or ()],
        len(specs) == specs[0]["pool"]["resourceSliceCount"],
        f"duplicate device name {twice[0]}" if twice else "",
    )


def reachable(pool: Pool, judge: Judge) -> list[Device]:
    """The devices that the node reaches."""
    return [device for device in pool.devices if judge.reaches(device.where)]
