"""Consistency: not acting on caches that do not show one's own writes yet (pkg/controller/util/consistency).

Where expectations count what is to be seen, this compares revisions: a controller that wrote a pod at revision 7 for a
key leaves the key alone until its cache of pods is at 7.
"""

from __future__ import annotations

from minikube_py.client.informer import Informer
from minikube_py.controllers.runtime.controller import Controller
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import resource_version

LOOK_AGAIN = 1.0
"""Seconds after which a key that waits is looked at again, in case that the event it waits for was skipped because
the cache was listed anew."""

Written = dict[GroupVersionResource, int]


class Consistency:
    """By key of a controller: the newest revision it wrote of each resource. Who waits is enqueued once it is there."""

    def __init__(self, controller: Controller, *resources: GroupVersionResource) -> None:
        self._controller = controller
        self._informers: dict[GroupVersionResource, Informer] = {}
        self._written: dict[NamespacedName, Written] = {}
        self._waiting: dict[GroupVersionResource, dict[NamespacedName, int]] = {}
        for resource in resources:
            informer = self._informers[resource] = controller.context.informer(resource)
            self._waiting[resource] = {}
            self._listen(resource, informer)

    def wrote(self, key: NamespacedName, resource: GroupVersionResource, written: Object) -> None:
        """`written` is what the server answered."""
        revision = _revision(written)
        known = self._written.setdefault(key, {})
        known[resource] = max(revision, known.get(resource, 0))

    def forget(self, key: NamespacedName) -> None:
        """The controller's object is gone."""
        self._written.pop(key, None)

    def is_behind(self, key: NamespacedName) -> bool:
        """Whether a cache is yet to show what was written for the key; the key is enqueued when it does."""
        known = self._written.get(key)
        if known is None:
            return False
        for resource, revision in known.items():
            shown = self._informers[resource].revision
            if shown.isdigit() and int(shown) < revision:
                self._waiting[resource][key] = revision
                self._controller.enqueue_after(key, LOOK_AGAIN, reason="stale cache")
                return True
        del self._written[key]
        return False

    def _listen(self, resource: GroupVersionResource, informer: Informer) -> None:
        waiting = self._waiting[resource]

        def seen(obj: Object) -> None:
            if not waiting:
                return
            revision = _revision(obj)
            for key in [key for key, needed in waiting.items() if needed <= revision]:
                del waiting[key]
                self._controller.enqueue(key, obj)

        informer.add_handler(seen, lambda old, new: seen(new), seen)


def _revision(obj: Object) -> int:
    text = resource_version(obj)
    return int(text) if text.isdigit() else 0
