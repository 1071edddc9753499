"""Simulated nodes and their kubelets.

kubelet, podworker, heart    what runs: a queue of pods to be synced, and the nodes' registration and leases
stages                       a pod's life as a table of stages, from starting, poststart, pulling, volumes, probing,
                             changing, stopping and ending
life, podstatus, containers  what a pod's status says of it
memory, backoff              what is remembered beside it
admission, obstacles         what keeps a pod from its node, and a container from being started
prober, questions            what containers answer when they are probed
references                   ConfigMaps, Secrets and claims that pods wait for
attachments                  volumes that have to be attached first
podresources, features       what a pod as a whole is given, and what that Kubernetes version knows
network, image               addresses of pods, names of images
nodes, fleet                 nodes that are added, removed, stopped and started, and those that others make
hooks, handlers              lifecycle hooks, and who has them run
behaviour                    how long simulated containers take for what they do, by what is said of them;
                             plaincommand what their commands say of it
kwok, gotemplate             lives that users write, as KWOK's Stages
cri                          what runs in containers: images' programs, their files, logs and network
steps                        which coroutines of a program have something to do
shell                        the small shell that answers exec, and runs commands that it understands
connection, logs             what the API server asks kubelets for: logs, exec, attach, connections
reach, kubeletserver         what answers in the simulated network where no program listens
view                         what these see of the kubelets
usage                        how much CPU and memory containers use
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minikube_py.controllers.kubelet.behaviour import Behaviour, Behaviours, default_behaviour
from minikube_py.controllers.kubelet.connection import KubeletConnection
from minikube_py.controllers.kubelet.cri.images import Images
from minikube_py.controllers.kubelet.fleet import Fleet
from minikube_py.controllers.kubelet.kubelet import Kubelets
from minikube_py.controllers.kubelet.nodes import NodeTemplate, is_any, is_fake, numbered
from minikube_py.controllers.runtime import Context, Descriptor
from minikube_py.machinery.gvr import Object

NAME = "kubelet"
NODES, VERSION = 3, "1.36"


def kubelet_descriptor(
    nodes: int = NODES,
    version: str = VERSION,
    behaviours: Behaviours = default_behaviour,
    images: Images | None = None,
    *,
    takes_on: Callable[[Object], bool] = is_fake,
    stages: Iterable[Object] = (),
) -> Descriptor:
    """The kubelets of that many nodes, of that Kubernetes version ("1.36"), and of Nodes that `takes_on` names; with
    the programs of images, and with KWOK's Stages beside those that are posted to the API."""

    def new(context: Context) -> Kubelets:
        templates = [numbered(number, version, context.settings.cluster_cidr) for number in range(1, nodes + 1)]
        return Kubelets(context, templates, version, behaviours, images, takes_on, stages)

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
    "is_any",
    "is_fake",
    "kubelet_descriptor",
]
