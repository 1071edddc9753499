"""Objects that are there from the start, put into the store as they would come out of a create.

There are some 250 of them. A create takes 150 µs; as each is known beforehand down to its managedFields, it is put
there as it is, with a uid, a time and a revision of its own, in a tenth of that. What it shares with others (rules,
managers) it shares by reference. tests/bootstrap holds that a create makes the same of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from minikube_py.api.registry import Registry
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.store import Key

API_SERVER = "kube-apiserver"
"""The manager of what no other part of the API server writes."""


class Condition(NamedTuple):
    """The status that a part of the API server has given."""

    type: str
    status: str
    reason: str
    message: str
    manager: str = ""
    """Who applied it; "" where the create brought it along."""


class Applied(NamedTuple):
    """What a controller has applied to it since."""

    manager: str
    fields: Object
    """As fieldsV1."""


class Seed(NamedTuple):
    """One object. What is in it is shared by every cluster of the process, so read-only."""

    kind: GroupVersionKind
    resource: str
    """"clusterroles.rbac.authorization.k8s.io"."""
    name: str
    body: Object
    """Fields besides metadata and status."""
    fields: Object
    """What of it the manager owns, as fieldsV1."""
    namespace: str = ""
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    generation: int = 0
    """0 where the kind has none."""
    manager: str = API_SERVER
    written_as: str = ""
    """The apiVersion that the manager writes; "" for the stored one."""
    condition: Condition | None = None
    status: Object | None = None
    """What the status is without a condition."""
    applied: Applied | None = None


def owned(mapping: Mapping[str, Any]) -> Object:
    """The fieldsV1 of labels, annotations and other maps, and of what is a pointer in Go."""
    return {".": {}, **{f"f:{name}": {} for name in mapping}}


class Sower:
    """Puts seeds into one registry's store, at one time."""

    def __init__(self, registry: Registry) -> None:
        self._store = registry.store
        # A source of its own, so that what is there from the start does not shift what comes later.
        self._random = registry.random.fork("bootstrap")
        self._now = rfc3339(registry.clock.now())
        self._managed: dict[int, list[Object]] = {}
        """The managedFields by the id of the fieldsV1 that they are made of."""

    def sow(self, seeds: Iterable[Seed]) -> None:
        """Put there what is not there yet."""
        for seed in seeds:
            key = Key(seed.resource, seed.namespace, seed.name)
            if self._store.get(key) is None:
                self._store.create(key, self._object(seed))

    def _object(self, seed: Seed) -> Object:
        obj = {"kind": seed.kind.kind, "apiVersion": seed.kind.api_version, "metadata": self._metadata(seed)}
        obj.update(seed.body)
        if seed.condition is not None:
            obj["status"] = {"conditions": [self._condition(seed.condition)]}
        elif seed.status is not None:
            obj["status"] = seed.status
        return obj

    def _metadata(self, seed: Seed) -> Object:
        metadata: Object = {"name": seed.name}
        if seed.namespace:
            metadata["namespace"] = seed.namespace
        metadata["uid"] = self._random.uid()
        metadata["resourceVersion"] = ""
        if seed.generation:
            metadata["generation"] = seed.generation
        metadata["creationTimestamp"] = self._now
        if seed.labels:
            metadata["labels"] = seed.labels
        if seed.annotations:
            metadata["annotations"] = seed.annotations
        metadata["managedFields"] = self._managed_fields(seed)
        return metadata

    def _condition(self, condition: Condition) -> Object:
        return {
            "type": condition.type,
            "status": condition.status,
            "lastTransitionTime": self._now,
            "reason": condition.reason,
            "message": condition.message,
        }

    def _managed_fields(self, seed: Seed) -> list[Object]:
        # Seeds of one shape share their fields, which are never made anew.
        shape = id(seed.fields)
        found = self._managed.get(shape)
        if found is None:
            found = self._managed[shape] = [self._entry(seed, seed.manager, "Update", seed.fields)]
            if seed.condition is not None and seed.condition.manager:
                # Who applies comes first.
                entry = self._entry(seed, seed.condition.manager, "Apply", _condition_fields(seed.condition))
                found.insert(0, {**entry, "subresource": "status"})
            if seed.applied is not None:
                found.insert(0, self._entry(seed, seed.applied.manager, "Apply", seed.applied.fields))
        return found

    def _entry(self, seed: Seed, manager: str, operation: str, fields: Object) -> Object:
        return {
            "manager": manager,
            "operation": operation,
            "apiVersion": seed.written_as or seed.kind.api_version,
            "time": self._now,
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        }


def _condition_fields(condition: Condition) -> Object:
    said = ["lastTransitionTime", "message", "reason", "status", "type"]
    if not condition.reason:
        said.remove("reason")
    return {"f:status": {"f:conditions": {f'k:{{"type":"{condition.type}"}}': owned(dict.fromkeys(said))}}}
