"""What a store should do, naively: whole copies of everything at every revision."""

from __future__ import annotations

from copy import deepcopy
from typing import NamedTuple

from minikube_py.machinery.gvr import Object
from minikube_py.store import Key


class Told(NamedTuple):
    """An event as a watcher tells it."""

    type: str
    key: Key
    revision: int
    value: str


class Model:
    """Every state there ever was; nothing is shared, nothing is fast. `value` is an object's spec."""

    def __init__(self) -> None:
        self.revision = 0
        self.objects: dict[Key, tuple[int, str]] = {}
        """Revision and value by key."""
        self.states: dict[int, dict[Key, tuple[int, str]]] = {0: {}}
        self.events: list[Told] = []
        self.compacted = 0

    def put(self, key: Key, value: str) -> None:
        type = "MODIFIED" if key in self.objects else "ADDED"
        self.revision += 1
        self.objects[key] = (self.revision, value)
        self._written(Told(type, key, self.revision, value))

    def delete(self, key: Key) -> None:
        self.revision += 1
        _, value = self.objects.pop(key)
        self._written(Told("DELETED", key, self.revision, value))

    def _written(self, event: Told) -> None:
        self.events.append(event)
        self.states[self.revision] = deepcopy(self.objects)

    def listed(
        self, revision: int, resource: str, namespace: str | None, after: Key | None = None
    ) -> list[tuple[Key, int, str]]:
        """In the order of etcd's keys, /registry/RESOURCE/NAMESPACE/NAME."""
        found = [
            (key, *self.states[revision][key])
            for key in self.states[revision]
            if key.resource == resource and namespace in (None, key.namespace)
        ]
        found.sort(key=lambda row: path(row[0]))
        return [row for row in found if after is None or path(row[0]) > path(after)]

    def since(self, revision: int, resource: str, namespace: str | None) -> list[Told]:
        return [
            event
            for event in self.events
            if event.revision > revision and event.key.resource == resource and namespace in (None, event.key.namespace)
        ]

    def horizon(self, resource: str, history: int) -> int:
        """The oldest revision that can still be watched from, if so many events of a resource are kept."""
        of_resource = [event.revision for event in self.events if event.key.resource == resource]
        kept = [revision for revision in of_resource if revision > self.compacted]
        return kept[-history - 1] if len(kept) > history else self.compacted


def path(key: Key) -> bytes:
    return "/".join(key).encode()


def thing(key: Key, value: str) -> Object:
    metadata = {"name": key.name, **({"namespace": key.namespace} if key.namespace else {})}
    return {"kind": "Thing", "apiVersion": "v1", "metadata": metadata, "spec": {"value": value}}
