"""Which pods are bound to a node (pkg/controller AddPodNodeNameIndexer)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime.context import Context
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS

BY_NODE = "node"
"""Index of pods: the name of their node; unbound ones are left out."""


def _node_index(pod: Object) -> Sequence[str]:
    node = node_name(pod)
    return (node,) if node else ()


def pods_by_node(context: Context) -> Lister:
    """The lister of pods, with the index BY_NODE."""
    context.informer(PODS).add_index(BY_NODE, _node_index)
    return context.lister(PODS)
