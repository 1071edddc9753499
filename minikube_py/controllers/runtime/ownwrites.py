"""What a controller has written and its cache may not show yet (pkg/controller/util/consistency)."""

from __future__ import annotations

from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, resource_version, uid


class OwnWrites:
    """The last write of each object. Whoever decides by an older state would decide twice; the event of the newer one
    will enqueue its key again."""

    def __init__(self) -> None:
        self._written: dict[NamespacedName, tuple[str, int]] = {}
        """Uid and revision."""

    def note(self, written: Object) -> None:
        self._written[key(written)] = (uid(written), int(resource_version(written) or 0))

    def precede(self, cached: Object) -> bool:
        """Whether the cache shows an object as it is by now, as far as this controller's own writes go."""
        written = self._written.get(key(cached))
        if written is None or written[0] != uid(cached):
            return True
        return int(resource_version(cached) or 0) >= written[1]

    def forget(self, where: NamespacedName) -> None:
        self._written.pop(where, None)
