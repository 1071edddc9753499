"""Ownership of replicas between an object and its scale subresource.

Whoever owns the replicas of a Deployment owns .spec.replicas of its Scale, and the other way round.
Upstream: apimachinery pkg/util/managedfields/scalehandler.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.fieldset import Path
from minikube_py.api.apply.managed import Managed, Owned, encode, read, with_fields
from minikube_py.machinery.gvr import Object

SCALE_VERSION = "autoscaling/v1"
REPLICAS: Path = ("f:spec", "f:replicas")

ReplicasPaths = Mapping[str, Path | None]
"""By the apiVersion of the object, where it has its replicas; None where that version has no scale."""


def to_scale(entries: list[Object] | None, replicas: ReplicasPaths) -> list[Object]:
    """The managedFields of the Scale, of those of the object: of who owns the replicas."""
    scale: Managed = {}
    for identifier, owned in read(entries).items():
        path = replicas.get(owned.api_version)
        if path and fieldset.has(owned.fields, path):
            scale[identifier] = Owned(fieldset.of(REPLICAS), SCALE_VERSION, owned.time)
    return encode(scale)


def from_scale(
    entries: list[Object] | None, scale_entries: list[Object] | None, api_version: str, replicas: ReplicasPaths
) -> list[Object]:
    """The managedFields of the object (`entries` before), after its Scale was written with `scale_entries`."""
    before, scale = read(entries), read(scale_entries)
    after: Managed = {}
    for identifier, owned in before.items():
        if owned.api_version not in replicas:
            continue
        path = replicas[owned.api_version]
        if path and fieldset.has(owned.fields, path) and scale.pop(identifier, None) is None:
            owned = with_fields(owned, fieldset.difference(owned.fields, fieldset.of(path)))
        if owned.fields:
            after[identifier] = owned
    path = replicas.get(api_version)
    for identifier, owned in scale.items():
        if path and fieldset.has(owned.fields, REPLICAS):
            time = before[identifier].time if identifier in before else None
            after[identifier] = Owned(fieldset.of(path), api_version, time)
    return encode(after)
