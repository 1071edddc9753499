"""Simulated nodes and their kubelets.

kubelet, podworker, heart   what runs: a queue of pods to be synced, and the nodes' registration and leases
stages                      a pod's life as a table of stages, from starting, changing and ending
life, podstatus, containers what a pod's status says of it
fleet                       nodes that are added, removed, stopped and started
behaviour                   how long simulated containers take for what they do
usage                       how much CPU and memory they use
connection                  what the API server asks kubelets for: logs
"""

from __future__ import annotations

from minikube_py.controllers.kubelet.behaviour import Behaviour, Behaviours, default_behaviour
from minikube_py.controllers.kubelet.connection import KubeletConnection
from minikube_py.controllers.kubelet.fleet import Fleet
from minikube_py.controllers.kubelet.kubelet import Kubelets
from minikube_py.controllers.kubelet.nodes import NodeTemplate, numbered
from minikube_py.controllers.runtime import Context, Descriptor

NAME = "kubelet"
NODES, VERSION = 3, "1.36"


def kubelet_descriptor(
    nodes: int = NODES, version: str = VERSION, behaviours: Behaviours = default_behaviour
) -> Descriptor:
    """The kubelets of that many nodes, of that Kubernetes version ("1.36")."""

    def new(context: Context) -> Kubelets:
        templates = [numbered(number, version) for number in range(1, nodes + 1)]
        return Kubelets(context, templates, version, behaviours)

    return Descriptor(NAME, new)


KUBELET = kubelet_descriptor()

__all__ = [
    "KUBELET",
    "Behaviour",
    "Behaviours",
    "Fleet",
    "KubeletConnection",
    "Kubelets",
    "NodeTemplate",
    "kubelet_descriptor",
]
