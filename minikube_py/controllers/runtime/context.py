"""What a controller is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from minikube_py.client.events import EventBroadcaster, EventRecorder
from minikube_py.client.indexer import Lister
from minikube_py.client.informer import Informer, InformerFactory
from minikube_py.client.protocol import Client
from minikube_py.controllers.runtime.settings import Settings
from minikube_py.machinery.cause import Ring
from minikube_py.machinery.certificates.authority import Authority
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import GroupVersionResource
from minikube_py.machinery.random import Random


@dataclass
class Context:
    """One controller's view of the world: the manager makes one per controller, under its name.

    The informers it asks for are remembered, and its workers wait until those are synced.
    """

    name: str
    client: Client
    """Goes by the controller's name in causes and by the component's in managedFields."""
    informers: InformerFactory
    broadcaster: EventBroadcaster
    clock: Clock
    random: Random
    stopwatch: Callable[[], float]
    """A monotonic reading in real seconds."""
    ring: Ring
    """Where finished reconciles go."""
    authority: Authority
    """The cluster's: who signs certificates."""
    settings: Settings = field(default_factory=Settings)
    used: dict[GroupVersionResource, Informer] = field(default_factory=dict)

    def informer(self, resource: GroupVersionResource) -> Informer:
        """Shared with all other controllers."""
        informer = self.used[resource] = self.informers.informer(resource)
        return informer

    def lister(self, resource: GroupVersionResource, *indexes: str) -> Lister:
        """The shared cache of a resource, with the standard indexes named (BY_CONTROLLER, BY_OWNER)."""
        informer = self.informer(resource)
        for index in indexes:
            informer.add_index(index)
        return informer.lister

    def recorder(self, component: str = "") -> EventRecorder:
        """Records events under the controller's name, or another component's."""
        return self.broadcaster.recorder(component or self.name, client=self.client)
