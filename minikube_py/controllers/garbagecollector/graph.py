"""The graph of owners and dependents: GraphBuilder of garbagecollector/graph_builder.go, without its queue of changes.

An object is a node from its first event to its deletion. An owner that only its dependents tell of is a virtual node
until it is observed itself, or the server says that it does not exist:

    (none) --a dependent refers to it--> virtual --observed--> observed --deleted--> (none)
                                            +--said to be absent--------------------> (none)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minikube_py.controllers.garbagecollector.identity import (
    AbsentOwners,
    Identity,
    agrees,
    of_object,
    of_reference,
)
from minikube_py.machinery.gvr import Object

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"

_NO_OWNERS: list[Object] = []


class Node:
    """One object; only its graph writes it."""

    __slots__ = ("being_deleted", "deleting_dependents", "dependents", "identity", "owners", "virtual")

    def __init__(self, identity: Identity, owners: list[Object], *, virtual: bool = False) -> None:
        self.identity = identity
        self.owners = owners
        """Its ownerReferences."""
        self.dependents: dict[Node, None] = {}
        self.virtual = virtual
        self.being_deleted = False
        self.deleting_dependents = False
        """Whether its deletion waits for that of its dependents."""

    def blocking(self) -> list[Node]:
        """The dependents that have to go before it."""
        uid = self.identity.uid
        return [
            dependent
            for dependent in self.dependents
            if any(owner["uid"] == uid and owner.get("blockOwnerDeletion") for owner in dependent.owners)
        ]

    def __repr__(self) -> str:
        return f"Node({self.identity}{', virtual' if self.virtual else ''})"


class Graph:
    """Told of every event, it says which nodes to look at: `delete` for those that may have to be deleted or
    finalized, `orphan` for those whose dependents are to be released. `invalid` is told a node and its reference to an
    owner in another namespace. All three are called within the event and must not wait."""

    def __init__(
        self,
        delete: Callable[[Node], None],
        orphan: Callable[[Node], None],
        invalid: Callable[[Node, Object], None],
        delete_later: Callable[[Node], None] | None = None,
    ) -> None:
        self.nodes: dict[str, Node] = {}
        """By uid."""
        self.absent = AbsentOwners()
        self._bereaved: dict[str, dict[Node, None]] = {}
        """The nodes that still refer to an owner that is gone, by its uid: restoring a snapshot can bring it back."""
        self._delete = delete
        self._orphan = orphan
        self._invalid = invalid
        self._delete_later = delete_later or delete

    # Events of informers

    def observe(self, obj: Object, old: Object | None, api_version: str, kind: str) -> None:
        """The object was added, or updated from `old`."""
        metadata = obj["metadata"]
        node = self.nodes.get(metadata["uid"])
        owners = metadata.get("ownerReferences") or _NO_OWNERS
        if node is None:
            identity = of_object(obj, api_version, kind)
            self.absent.discard(identity)
            node = self._insert(Node(identity, owners))
            self._link(node, owners)
        else:
            if node.virtual:
                self._materialize(node, of_object(obj, api_version, kind))
            if owners is not node.owners and owners != node.owners:
                self._change_owners(node, owners)
        if metadata.get("deletionTimestamp"):
            node.being_deleted = True
            self._begin_deletion(node, metadata, old["metadata"] if old is not None else {})
        elif node.being_deleted:
            node.being_deleted = node.deleting_dependents = False  # only a restored snapshot takes a deletion back

    def deleted(self, obj: Object, api_version: str, kind: str) -> None:
        """The object is gone."""
        node = self.nodes.get(obj["metadata"]["uid"])
        if node is not None:
            self._remove(node, of_object(obj, api_version, kind))

    def said_absent(self, identity: Identity) -> None:
        """The server does not have what goes by this identity (a virtual delete event). That need not be the node of
        its uid, as references may be wrong in all but the uid."""
        node = self.nodes.get(identity.uid)
        if node is None:
            return
        if node.virtual:
            matching, differing = partition(node.dependents, identity)
            if not differing:
                self._remove(node, identity)
                return
            self._mark_absent(identity, matching)
            alternate = alternate_identity(differing, identity) if node.identity == identity else None
            if alternate is not None:
                node.identity = alternate
                self._delete_later(node)
        elif node.identity == identity:
            self._remove(node, identity)
        else:
            self._mark_absent(identity, partition(node.dependents, identity)[0])

    # Inside

    def _insert(self, node: Node) -> Node:
        uid = node.identity.uid
        self.nodes[uid] = node
        if uid in self._bereaved:
            node.dependents = self._bereaved.pop(uid)
        return node

    def _mark_absent(self, identity: Identity, dependents: list[Node]) -> None:
        if dependents:
            self.absent.add(identity)
            for dependent in dependents:
                self._delete(dependent)

    def _materialize(self, node: Node, observed: Identity) -> None:
        """A virtual node turns out to exist; dependents that had other ideas of it are to be looked at."""
        if node.identity != observed:
            for dependent in partition(node.dependents, observed)[1]:
                if observed.namespace and dependent.identity.namespace != observed.namespace:
                    self._report(dependent, observed.uid)
                self._delete(dependent)
            node.identity = observed
        self.absent.discard(observed)
        node.virtual = False

    def _begin_deletion(self, node: Node, metadata: Object, before: Object) -> None:
        """Its deletion asks for something to be done with its dependents, and did not before."""
        finalizers = metadata.get("finalizers") or ()
        earlier = (before.get("finalizers") or ()) if before.get("deletionTimestamp") else ()
        if ORPHAN in finalizers and ORPHAN not in earlier:
            self._orphan(node)
        elif FOREGROUND in finalizers and FOREGROUND not in earlier:
            node.deleting_dependents = True
            for dependent in node.dependents:
                self._delete(dependent)
            self._delete(node)

    def _link(self, node: Node, references: Iterable[Object]) -> None:
        """Make it a dependent of its owners."""
        doubtful = False
        for reference in references:
            owner = self.nodes.get(reference["uid"])
            if owner is None:
                owner = Node(of_reference(reference, node.identity.namespace), _NO_OWNERS, virtual=True)
                self._insert(owner).dependents[node] = None
                self._delete(owner)  # to ask the server whether it exists
                continue
            owner.dependents[node] = None
            if not doubtful:
                doubtful = self._is_doubtful(node, reference, owner)
        if doubtful:
            self._delete(node)

    def _is_doubtful(self, node: Node, reference: Object, owner: Node) -> bool:
        """Whether a reference does not fit the owner that has its uid."""
        expected, own = owner.identity.namespace, node.identity.namespace
        if expected and expected != own:
            if not owner.virtual:
                self._report(node, reference["uid"])
            return True
        if not agrees(reference, owner.identity):
            return True
        return expected != own and owner.virtual

    def _report(self, node: Node, uid: str) -> None:
        reference = next((each for each in node.owners if each["uid"] == uid), None)
        if reference is not None:
            self._invalid(node, reference)

    def _change_owners(self, node: Node, owners: list[Object]) -> None:
        before = {each["uid"]: each for each in node.owners}
        after = {each["uid"]: each for each in owners}
        for uid, reference in before.items():
            unblocked = uid not in after or not after[uid].get("blockOwnerDeletion")
            if reference.get("blockOwnerDeletion") and unblocked and uid in self.nodes:
                self._delete(self.nodes[uid])  # its deletion may have waited for this
        node.owners = owners
        self._link(node, [each for uid, each in after.items() if uid not in before])
        self._unlink(node, [uid for uid in before if uid not in after])

    def _unlink(self, node: Node, uids: Iterable[str]) -> None:
        for uid in uids:
            owner = self.nodes.get(uid)
            if owner is not None:
                owner.dependents.pop(node, None)
            elif uid in self._bereaved:
                self._bereaved[uid].pop(node, None)
                if not self._bereaved[uid]:
                    del self._bereaved[uid]

    def _remove(self, node: Node, identity: Identity) -> None:
        del self.nodes[node.identity.uid]
        if node.dependents:
            self._bereaved[node.identity.uid] = node.dependents
        self._unlink(node, [each["uid"] for each in node.owners])
        if node.dependents:
            self.absent.add(identity)
            for dependent in node.dependents:
                self._delete(dependent)
        for each in node.owners:
            owner = self.nodes.get(each["uid"])
            if owner is not None and owner.deleting_dependents:
                self._delete(owner)  # this may have been the last that it waited for


def partition(dependents: Iterable[Node], owner: Identity) -> tuple[list[Node], list[Node]]:
    """The dependents whose references agree with an owner's identity, and those that have one that does not; with
    several references to its uid a dependent can be both."""
    matching: list[Node] = []
    differing: list[Node] = []
    for dependent in dependents:
        if owner.namespace and owner.namespace != dependent.identity.namespace:
            differing.append(dependent)
            continue
        verdicts = {agrees(each, owner) for each in dependent.owners if each["uid"] == owner.uid}
        if True in verdicts:
            matching.append(dependent)
        if False in verdicts:
            differing.append(dependent)
    return matching, differing


def alternate_identity(dependents: Iterable[Node], absent: Identity) -> Identity | None:
    """Another identity that dependents give to the owner with the uid of the absent one: the next in order, or the
    first after the last, so that each gets its turn."""
    found: set[Identity] = set()
    for dependent in dependents:
        for reference in dependent.owners:
            if reference["uid"] == absent.uid:
                namespace = dependent.identity.namespace
                other = of_reference(reference, namespace)
                if not absent.namespace and (other.api_version, other.kind) == (absent.api_version, absent.kind):
                    other = other._replace(namespace="")  # a kind without namespaces, as the absent one has shown
                found.add(other)
    found.discard(absent)
    order = sorted(found, key=lambda each: each.order)
    return next((each for each in order if each.order > absent.order), order[0] if order else None)
