"""Dependents: telling owners of what happens to the objects they control or might adopt.

The event handlers that upstream's ReplicaSet, Deployment, StatefulSet, DaemonSet and Job controllers repeat.
"""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.client.expectations import Expectations
from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime.controller import Controller
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.meta import controller_of, is_deleting, key, labels, namespace, resource_version, uid

OnUpdate = Callable[[Object, Object, Object], None]
"""Called with the owner and the dependent's old and new states."""


class Dependents:
    """Enqueues owners of a controller's kind when their dependents change, and lowers expectations.

    dependent                          enqueued                       expectation lowered
    added, controlled                  its owner                      a creation
    added, being deleted               its owner                      its deletion
    added, orphan                      owners whose selector matches  none: nobody waits for an orphan
    updated, controlled                its owner, and a former one
    updated, now being deleted         its owner                      its deletion
    updated, orphan, labels changed    owners whose selector matches
    deleted                            its owner                      its deletion
    updated to a namesake              as if deleted, then added      (a restored snapshot has former pods again)
    """

    def __init__(
        self,
        controller: Controller,
        owners: Lister,
        selector_of: Callable[[Object], Selector],
        expectations: Expectations[NamespacedName] | None = None,
        on_update: OnUpdate | None = None,
        *,
        heeds_new: bool = True,
    ) -> None:
        """`heeds_new`: whether owners are enqueued for what is added to them."""
        self._controller = controller
        self._owners = owners
        self._selector_of = selector_of
        self._expectations = expectations
        self._on_update = on_update
        self._heeds_new = heeds_new

    def watch(self, resource: GroupVersionResource) -> None:
        self._controller.context.informer(resource).add_handler(self.added, self.updated, self.deleted)

    def owner_of(self, obj: Object) -> Object | None:
        """The controlling owner, if it is of the controller's kind, cached, and the very one (by uid)."""
        reference = controller_of(obj)
        if reference is None or reference["kind"] != self._controller.kind:
            return None
        owner = self._owners.get(namespace(obj), reference["name"])
        return owner if owner is not None and owner["metadata"]["uid"] == reference["uid"] else None

    def added(self, obj: Object) -> None:
        if is_deleting(obj):
            self.deleted(obj)
            return
        if controller_of(obj) is None:
            self._enqueue_matching(obj)
            return
        owner = self.owner_of(obj)
        if owner is not None:
            where = key(owner)
            if self._expectations is not None:
                self._expectations.creation_observed(where)
            if self._heeds_new:
                self._controller.enqueue(where, obj)

    def updated(self, old: Object, new: Object) -> None:
        if resource_version(old) == resource_version(new):
            return
        if uid(old) != uid(new):
            self.deleted(old)
            self.added(new)
            return
        if is_deleting(new):
            self.deleted(new)
            if controller_of(old) != controller_of(new):
                self.deleted(old)
            return
        reference, former = controller_of(new), controller_of(old)
        if former is not None and former != reference:
            self._enqueue_owner(old, new)
        if reference is not None:
            owner = self._enqueue_owner(new, new)
            if owner is not None and self._on_update is not None:
                self._on_update(owner, old, new)
        elif former is not None or labels(old) != labels(new):
            self._enqueue_matching(new)

    def deleted(self, obj: Object) -> None:
        owner = self._enqueue_owner(obj, obj)
        if owner is not None and self._expectations is not None:
            self._expectations.deletion_observed(key(owner), uid(obj))

    def _enqueue_owner(self, obj: Object, trigger: Object) -> Object | None:
        owner = self.owner_of(obj)
        if owner is not None:
            self._controller.enqueue(key(owner), trigger)
        return owner

    def _enqueue_matching(self, orphan: Object) -> None:
        own = labels(orphan)
        if not own:
            return
        for owner in self._owners.list(namespace(orphan)):
            selector = self._selector_of(owner)
            # An empty selector would match everything; such an owner adopts nothing.
            if not selector.empty and selector.matches(own):
                self._controller.enqueue(key(owner), orphan)
