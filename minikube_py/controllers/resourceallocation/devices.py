"""A device of a pool, and what is asked of it elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from minikube_py.machinery.gvr import Object

_KEEPS_OUT = ("NoSchedule", "NoExecute")


class DeviceID(NamedTuple):
    driver: str
    pool: str
    device: str

    @staticmethod
    def of(result: Object) -> DeviceID:
        """Of an allocation's result."""
        return DeviceID(result["driver"], result["pool"], result["device"])


class Device(NamedTuple):
    id: DeviceID
    spec: Object
    """As its ResourceSlice has it."""
    where: Object
    """What says which nodes reach it: its slice's spec, or its own."""

    def attribute(self, name: str) -> Object | None:
        """By its full name, "gpu.example.com/model"; a driver's own attributes may leave out the domain."""
        attributes: Object = self.spec.get("attributes") or {}
        if name in attributes:
            found: Object = attributes[name]
            return found
        domain, _, short = name.partition("/")
        return attributes.get(short) if domain == self.id.driver else None


@dataclass(frozen=True)
class Judge:
    """The node, and the answers that others give."""

    node: str
    selects_node: Callable[[Object], bool]
    """Whether a NodeSelector selects the node."""
    tolerates: Callable[[Object, Object], bool]
    """Whether a toleration tolerates a taint."""
    matches: Callable[[str, Device], bool]
    """Whether a CEL expression is true of a device."""
    new_share: Callable[[], str] | None = None
    """The id of a new share of a device; None where devices are not shared."""

    def reaches(self, where: Object) -> bool:
        if where.get("nodeName"):
            return bool(where["nodeName"] == self.node)
        if where.get("nodeSelector") is not None:
            return self.selects_node(where["nodeSelector"])
        return bool(where.get("allNodes"))

    def tolerates_taints(self, tolerations: list[Object], device: Device) -> bool:
        return all(
            any(self.tolerates(each, taint) for each in tolerations)
            for taint in device.spec.get("taints") or ()
            if taint["effect"] in _KEEPS_OUT
        )
