"""The coordinates of an object, as it has them itself or as its dependents say."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from minikube_py.machinery.gvr import Object


class Identity(NamedTuple):
    api_version: str
    kind: str
    namespace: str
    """That of the dependent while only a reference tells of the owner; "" if its kind has none."""
    name: str
    uid: str

    def __str__(self) -> str:
        return f"[{self.api_version}/{self.kind}, namespace: {self.namespace}, name: {self.name}, uid: {self.uid}]"

    @property
    def order(self) -> tuple[str, ...]:
        """Kinds before namespaces, so that the order of two does not hang on their scope."""
        return self.kind, self.api_version, self.namespace, self.name, self.uid


def of_object(obj: Object, api_version: str, kind: str) -> Identity:
    metadata = obj["metadata"]
    return Identity(api_version, kind, metadata.get("namespace", ""), metadata["name"], metadata["uid"])


def of_reference(reference: Object, namespace: str) -> Identity:
    """The owner as the reference of a dependent in `namespace` says."""
    get = reference.get
    return Identity(get("apiVersion", ""), get("kind", ""), namespace, get("name", ""), reference["uid"])


def agrees(reference: Object, identity: Identity) -> bool:
    """Whether all that a reference says is so; it says nothing of the namespace."""
    return (
        reference["uid"] == identity.uid
        and reference.get("name") == identity.name
        and reference.get("kind") == identity.kind
        and reference.get("apiVersion") == identity.api_version
    )


class AbsentOwners:
    """The owners that the server said do not exist; the ones unused for longest are forgotten (ReferenceCache)."""

    SIZE = 500

    def __init__(self) -> None:
        self._known: OrderedDict[Identity, None] = OrderedDict()

    def add(self, identity: Identity) -> None:
        self._known[identity] = None
        self._known.move_to_end(identity)
        if len(self._known) > self.SIZE:
            self._known.popitem(last=False)

    def discard(self, identity: Identity) -> None:
        """It was seen: restoring a snapshot brings back what was gone, uid and all."""
        self._known.pop(identity, None)

    def __contains__(self, identity: Identity) -> bool:
        if identity not in self._known:
            return False
        self._known.move_to_end(identity)
        return True
