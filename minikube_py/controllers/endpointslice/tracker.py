"""Which slices the informer has yet to show (k8s.io/endpointslice/util endpointslice_tracker.go)."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import generation, labels, namespace, uid

SERVICE_NAME = "kubernetes.io/service-name"
"""The label that says which Service a slice is of."""

_DELETION = -1


def service_of(made: Object) -> NamespacedName:
    return NamespacedName(namespace(made), labels(made).get(SERVICE_NAME, ""))


class Tracker:
    """By Service: the generation of each slice, by uid, as this controller wrote it last; -1 once it deleted it."""

    def __init__(self) -> None:
        self._generations: dict[NamespacedName, dict[str, int]] = {}

    def wrote(self, made: Object) -> None:
        self._generations.setdefault(service_of(made), {})[uid(made)] = generation(made)

    def deleted(self, made: Object) -> None:
        self._generations.setdefault(service_of(made), {})[uid(made)] = _DELETION

    def forget(self, service: NamespacedName) -> None:
        self._generations.pop(service, None)

    def is_stale(self, service: NamespacedName, slices: Iterable[Object]) -> bool:
        """Whether the cached slices are older than what was written: a generation is behind, one is missing, or one
        is there that was deleted."""
        known = self._generations.get(service)
        if not known:
            return False
        shown = {uid(each): generation(each) for each in slices}
        for which, expected in known.items():
            found = shown.get(which)
            if (found is not None) if expected == _DELETION else (found is None or found < expected):
                return True
        return False

    def is_news(self, made: Object) -> bool:
        """Whether somebody else made or changed the slice."""
        known = self._generations.get(service_of(made), {}).get(uid(made))
        return known is None or generation(made) > known

    def rolled_back(self, made: Object) -> None:
        """The slice is an older one again, as a snapshot had it: nothing newer is to be waited for."""
        known = self._generations.get(service_of(made), {})
        if uid(made) in known:
            known[uid(made)] = generation(made)

    def deletion_observed(self, made: Object) -> bool:
        """Forget the slice; whether it was somebody else who deleted one that this controller keeps."""
        known = self._generations.get(service_of(made), {}).pop(uid(made), None)
        return known is not None and known != _DELETION
