"""node-ipam-controller: networks for the pods of nodes that have none (pkg/controller/nodeipam).

The simulated kubelets bring theirs along, which are the first ones of the same range; this controller serves Nodes
that people make, and gives what no Node has.

cidrset     the networks of the range, and who holds them
allocator   one node's network
"""

from __future__ import annotations

from minikube_py.controllers.nodeipam.allocator import RangeAllocator
from minikube_py.controllers.runtime import Context, Controller, Descriptor


def new(context: Context) -> Controller:
    controller = Controller(context, "Node")
    allocator = RangeAllocator(context, controller)
    allocator.watch()
    controller.reconciler = allocator
    return controller


CONTROLLER = Descriptor("node-ipam-controller", new, ("nodeipam",))
