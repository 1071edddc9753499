"""What a claim asks for.

exactly: {deviceClassName: gpu, count: 2}                  two devices
exactly: {deviceClassName: gpu, allocationMode: All}       all there are, and one at least
firstAvailable: [{name: big, ...}, {name: small, ...}]     the first of these that can be had: "r/big", "r/small"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from minikube_py.controllers.resourceallocation.devices import Device, Judge
from minikube_py.machinery.gvr import Object


class Unallocatable(Exception):
    """Nothing is to be had as things are; says why."""


class Need(NamedTuple):
    request: str
    """Its name: "r", or "r/small"."""
    class_name: str
    class_config: list[Object]
    selectors: list[str]
    """CEL expressions, the class's first."""
    amount: int | None
    """None: all."""
    admin: bool
    """Whether it may look at devices that others use."""
    tolerations: list[Object]
    capacity: dict[str, str]
    """What it asks for of each device's capacity."""

    def wants(self, device: Device, judge: Judge) -> bool:
        return judge.tolerates_taints(self.tolerations, device) and all(
            judge.matches(each, device) for each in self.selectors
        )


def needs(claim: Object, classes: Mapping[str, Object]) -> list[list[Need]]:
    """By request: its alternatives, the best first. Raises Unallocatable."""
    return [_alternatives(request, classes) for request in claim["spec"]["devices"].get("requests") or ()]


def _alternatives(request: Object, classes: Mapping[str, Object]) -> list[Need]:
    if (exactly := request.get("exactly")) is not None:
        return [_need(request["name"], exactly, classes)]
    return [_need(f"{request['name']}/{each['name']}", each, classes) for each in request.get("firstAvailable") or ()]


def _need(request: str, wanted: Object, classes: Mapping[str, Object]) -> Need:
    class_name = wanted["deviceClassName"]
    device_class = classes.get(class_name)
    if device_class is None:
        raise Unallocatable(f"request {request}: device class {class_name} does not exist")
    spec = device_class.get("spec") or {}
    selectors = [*(spec.get("selectors") or ()), *(wanted.get("selectors") or ())]
    return Need(
        request,
        class_name,
        spec.get("config") or [],
        [each["cel"]["expression"] for each in selectors],
        None if wanted.get("allocationMode") == "All" else wanted.get("count") or 1,
        bool(wanted.get("adminAccess")),
        wanted.get("tolerations") or [],
        (wanted.get("capacity") or {}).get("requests") or {},
    )


def is_about(listed: list[str], request: str) -> bool:
    """Whether a list of requests in a claim means a request; an empty one means all, and "r" means "r/small" too."""
    return not listed or request in listed or request.partition("/")[0] in listed
