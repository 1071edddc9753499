"""What the devices that a claim gets must have in common, or must not.

    {matchAttribute: gpu.example.com/model}        all the same
    {distinctAttribute: gpu.example.com/slot}      all different

A device without the attribute does neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.controllers.resourceallocation.devices import Device
from minikube_py.controllers.resourceallocation.requests import Need, is_about
from minikube_py.controllers.resourceallocation.shares import Share
from minikube_py.machinery.gvr import Object


class Chosen(NamedTuple):
    need: Need
    device: Device
    share: Share | None = None
    """What is taken of a device that others may have too."""


def allows(constraint: Object, chosen: Sequence[Chosen], one_more: Chosen) -> bool:
    """Whether a device can join those that the claim has so far."""
    listed = constraint.get("requests") or []
    if not is_about(listed, one_more.need.request):
        return True
    attribute = constraint.get("matchAttribute") or constraint.get("distinctAttribute")
    if not attribute:
        return False  # of a kind that is yet to be invented
    value = one_more.device.attribute(attribute)
    if value is None:
        return False
    others = [each.device.attribute(attribute) for each in chosen if is_about(listed, each.need.request)]
    if constraint.get("matchAttribute"):
        return all(other == value for other in others)
    return value not in others
