"""Simulated nodes and their kubelets.

kubelet, podworker, heart   what runs: a queue of pods to be synced, and the nodes' registration and leases
stages                      a pod's life as a table of stages, from starting, changing and ending
life, podstatus, containers what a pod's status says of it
fleet                       nodes that are added, removed, stopped and started
behaviour                   how long simulated containers take for what they do
cri                         what runs in containers: images' programs, their files, logs and network
shell                       the small shell that answers exec, and runs commands that it understands
connection, logs, reach     what the API server and others ask kubelets and containers for
usage                       how much CPU and memory they use
"""

from __future__ import annotations

from minikube_py.controllers.kubelet.behaviour import Behaviour, Behaviours, default_behaviour
from minikube_py.controllers.kubelet.connection import KubeletConnection
from minikube_py.controllers.kubelet.cri.images import Images
from minikube_py.controllers.kubelet.fleet import Fleet
from minikube_py.controllers.kubelet.kubelet import Kubelets
from minikube_py.controllers.kubelet.nodes import NodeTemplate, numbered
from minikube_py.controllers.runtime import Context, Descriptor

NAME = "kubelet"
NODES, VERSION = 3, "1.36"


def kubelet_descriptor(
    nodes: int = NODES,
    version: str = VERSION,
    behaviours: Behaviours = default_behaviour,
    images: Images | None = None,
) -> Descriptor:
    """The kubelets of that many nodes, of that Kubernetes version ("1.36"), with the programs of those images."""

    def new(context: Context) -> Kubelets:
        templates = [numbered(number, version, context.settings.cluster_cidr) for number in range(1, nodes + 1)]
        return Kubelets(context, templates, version, behaviours, images)

    return Descriptor(NAME, new)


KUBELET = kubelet_descriptor()

__all__ = [
    "KUBELET",
    "Behaviour",
    "Behaviours",
    "Fleet",
    "Images",
    "KubeletConnection",
    "Kubelets",
    "NodeTemplate",
    "kubelet_descriptor",
]
