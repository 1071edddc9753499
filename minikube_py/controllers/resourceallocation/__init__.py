"""Which devices claims get on a node (staging/src/k8s.io/dynamic-resource-allocation/structured): no controller, but
pure functions for the scheduler.

    devices       a device, and what the caller judges for us: selectors, taints, nodes
    pools         ResourceSlices -> the pools that a node reaches
    requests      a claim -> what it asks for, request by request, with alternatives
    constraints   what the devices of a claim must, or must not, have in common
    counters      what partitions of one device take from it
    shares        what several claims take of one device (consumable capacity)
    allocator     the search
"""

from __future__ import annotations

from minikube_py.controllers.resourceallocation.allocator import allocate
from minikube_py.controllers.resourceallocation.devices import Device, DeviceID, Judge
from minikube_py.controllers.resourceallocation.pools import Pool, gather
from minikube_py.controllers.resourceallocation.requests import Need, Unallocatable, needs
from minikube_py.controllers.resourceallocation.shares import Share

__all__ = ["Device", "DeviceID", "Judge", "Need", "Pool", "Share", "Unallocatable", "allocate", "gather", "needs"]
