"""node-lifecycle-controller: watches over nodes, and taints those that are not well.

    health      when a node was last heard of, and what is said of it after too long a silence
    taints      a node's conditions as NoSchedule taints, and the NoExecute taint that drives its pods out
    zones       how many nodes of a zone are lost at once, and how fast their pods are driven out therefore
    taintqueue  nodes that wait for their NoExecute taint
    monitor     the look at all nodes, every 5 seconds of the clock
    reconciler  what is written of one node

A node whose kubelet falls silent (seconds after its last sign of life, with nothing else going on):

    50      Ready and the pressures become Unknown, at the monitor's next tick (40 before Kubernetes 1.32); its pods are
            no longer ready;
            the taint node.kubernetes.io/unreachable with NoSchedule
            and, as soon as its zone's rate allows, with NoExecute
    + 300   its pods are deleted, as they tolerate it no longer (taint-eviction-controller)

Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go.
"""

from __future__ import annotations

from minikube_py.controllers.nodelifecycle.controller import new
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("node-lifecycle-controller", new, aliases=("nodelifecycle",))
"""node-lifecycle-controller: nodes that fail."""
