"""What the kubelets' doors see of them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol

from minikube_py.client.indexer import Lister
from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime
from minikube_py.controllers.kubelet.nodes import NodeTemplate
from minikube_py.machinery.clock import Clock


class View(Protocol):
    """Kubelets, to be looked at and not to be told anything."""

    clock: Clock
    pods: Lister
    """All there are, by node too."""
    runtime: ContainerRuntime

    @property
    def nodes(self) -> Mapping[str, NodeTemplate]:
        """Those that are simulated, stopped ones too, by name."""
        ...

    @property
    def stopped(self) -> AbstractSet[str]:
        """Those of them whose kubelets do nothing."""
        ...
