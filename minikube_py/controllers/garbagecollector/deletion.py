"""What becomes of a node: attemptToDeleteItem and attemptToOrphanWorker of garbagecollector/garbagecollector.go.

owners of an object                                  then
at least one is there, not waiting for it            keep it; drop references to the others
none, some wait for it, and it has dependents        delete it in the foreground
none                                                 delete it as its finalizers ask, else in the background
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from minikube_py.controllers.garbagecollector.graph import FOREGROUND, ORPHAN, Graph, Node
from minikube_py.controllers.garbagecollector.identity import Identity, of_reference
from minikube_py.controllers.garbagecollector.operations import NamespacedOwner, Operations, Propagation
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, is_deleting, owner_references, uid


class Outcome(Enum):
    DONE = "done"
    RETRY = "retry"


class Owners(NamedTuple):
    """An object's owner references by what the server says of them."""

    solid: list[Object]
    """There, and not waiting for its dependents to go."""
    dangling: list[Object]
    waiting: list[Object]


class OrphanFailed(Exception):
    """Some dependents still have their reference to the owner."""


class Deletion:
    """Decides and acts on one node at a time. `delete` enqueues another one."""

    def __init__(self, graph: Graph, operations: Operations, delete: Callable[[Node], None]) -> None:
        self._graph = graph
        self._operations = operations
        self._delete = delete

    async def attempt(self, node: Node) -> Outcome:
        """Delete or finalize the node's object if it is time for that. Raises StatusError, UnknownKind."""
        if node.virtual and self._graph.nodes.get(node.identity.uid) is not node:
            return Outcome.DONE
        if node.being_deleted and not node.deleting_dependents:
            return Outcome.DONE  # its dependents are looked at once it is gone
        identity = node.identity
        try:
            latest = await self._operations.get(identity)
            if uid(latest) != identity.uid:
                self._graph.said_absent(identity)
                return Outcome.DONE
            await self._act(node, identity, latest)
        except NamespacedOwner:
            return Outcome.DONE  # no retry makes this right
        except StatusError as error:
            if not is_not_found(error):
                raise
            self._graph.said_absent(identity)
            return Outcome.DONE
        # A virtual node whose object came and went unseen would stay for ever.
        return Outcome.RETRY if node.virtual else Outcome.DONE

    async def _act(self, node: Node, identity: Identity, latest: Object) -> None:
        if node.deleting_dependents:
            await self._finish_foreground(node)
            return
        references = owner_references(latest)
        if not references:
            return
        owners = await self._classify(identity, references)
        if owners.solid:
            superfluous = [each["uid"] for each in (*owners.dangling, *owners.waiting)]
            if superfluous:
                await self._operations.remove_owners(identity, superfluous)
        elif owners.waiting and node.dependents:
            if any(dependent.deleting_dependents for dependent in node.dependents):
                # Maybe a circle: nobody must wait for this one.
                await self._operations.unblock(identity, node.owners)
                latest = await self._operations.get(identity)
            await self._operations.delete(identity, latest, "Foreground")
        else:
            await self._operations.delete(identity, latest, propagation_of(latest))

    async def _finish_foreground(self, node: Node) -> None:
        blocking = node.blocking()
        if not blocking:
            await self._operations.remove_finalizer(node.identity, FOREGROUND)
        for dependent in blocking:
            if not dependent.deleting_dependents:
                self._delete(dependent)

    async def _classify(self, identity: Identity, references: list[Object]) -> Owners:
        owners = Owners([], [], [])
        for reference in references:
            owner = await self._owner(identity, reference)
            if owner is None:
                owners.dangling.append(reference)
            elif is_deleting(owner) and FOREGROUND in finalizers(owner):
                owners.waiting.append(reference)
            else:
                owners.solid.append(reference)
        return owners

    async def _owner(self, identity: Identity, reference: Object) -> Object | None:
        """The owner as the server has it, None if there is none. Raises StatusError, UnknownKind, NamespacedOwner."""
        absent = self._graph.absent
        named = of_reference(reference, identity.namespace)
        if named._replace(namespace="") in absent or named in absent:
            return None
        kind = await self._operations.kind(named.api_version, named.kind)
        if not kind.namespaced:
            named = named._replace(namespace="")
        try:
            owner = await self._operations.get(named)
        except StatusError as error:
            if not is_not_found(error):
                raise
        else:
            if uid(owner) == named.uid:
                return owner
        absent.add(named)
        return None

    async def orphan(self, node: Node) -> Outcome:
        """Release all dependents, then let the object go. Raises OrphanFailed, StatusError."""
        failures: list[str] = []
        for dependent in tuple(node.dependents):
            try:
                await self._operations.remove_owners(dependent.identity, [node.identity.uid])
            except StatusError as error:
                if not is_not_found(error):
                    failures.append(f"orphaning {dependent.identity} failed, {error}")
        if failures:
            raise OrphanFailed(f"failed to orphan dependents of owner {node.identity}: {', '.join(failures)}")
        await self._operations.remove_finalizer(node.identity, ORPHAN)
        return Outcome.DONE


def propagation_of(obj: Object) -> Propagation:
    """What its finalizers already ask for."""
    if ORPHAN in finalizers(obj):
        return "Orphan"
    return "Foreground" if FOREGROUND in finalizers(obj) else "Background"
