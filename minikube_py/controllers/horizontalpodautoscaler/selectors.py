"""Which autoscalers control which pods (pkg/controller/util/selectors): more than one of a pod is too many."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.labels import Selector, nothing
from minikube_py.machinery.meta import labels


class Selectors:
    """Of the autoscalers there are, each as it was last seen; at first it selects nothing."""

    def __init__(self) -> None:
        self._known: dict[NamespacedName, Selector] = {}

    def add(self, key: NamespacedName) -> None:
        self._known.setdefault(key, nothing())

    def put(self, key: NamespacedName, selector: Selector) -> None:
        """No-op for one that is gone."""
        if key in self._known:
            self._known[key] = selector

    def remove(self, key: NamespacedName) -> None:
        self._known.pop(key, None)

    def controlling(self, namespace: str, pods: Iterable[Object]) -> list[NamespacedName]:
        """The autoscalers of a namespace that select any of its pods."""
        sets = {frozenset(labels(pod).items()) for pod in pods}
        candidates = ((key, each) for key, each in self._known.items() if key.namespace == namespace)
        return sorted(key for key, each in candidates if any(each.matches(dict(own)) for own in sets))
