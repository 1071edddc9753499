"""The ConfigMaps, Secrets and PersistentVolumeClaims that pods refer to, and who waits for them (pkg/kubelet/configmap,
secret, volumemanager)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.controllers.kubelet.life import Objects
from minikube_py.controllers.kubelet.memory import Memory
from minikube_py.controllers.kubelet.volumes import wanted
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, namespace
from minikube_py.machinery.wellknown import CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, SECRETS

RESOURCES = {each.resource: each for each in (CONFIG_MAPS, SECRETS, PERSISTENT_VOLUME_CLAIMS)}


class References:
    """`wake` is called with the keys of pods of which an object that they wait for has come or changed."""

    def __init__(self, context: Context, wake: Callable[[NamespacedName], None]) -> None:
        self._client = context.client
        self._wake = wake
        self._listers = {plural: context.lister(resource) for plural, resource in RESOURCES.items()}
        self._waiting: dict[tuple[str, NamespacedName], set[NamespacedName]] = {}
        for plural, resource in RESOURCES.items():
            self._watch(context, plural, resource)

    def _watch(self, context: Context, plural: str, resource: GroupVersionResource) -> None:
        context.informer(resource).add_handler(
            lambda found: self._changed(plural, found), lambda _, found: self._changed(plural, found)
        )

    def _changed(self, plural: str, found: Object) -> None:
        if self._waiting:
            for pod in self._waiting.pop((plural, key(found)), ()):
                self._wake(pod)

    async def of(self, pod: Object, memory: Memory) -> Objects | None:
        """Those of a pod; None for one that refers to none. What the caches do not have yet is asked for. Raises
        StatusError."""
        if memory.wanted is None:
            memory.wanted = wanted(pod)
        if not memory.wanted:
            return None
        waits = _waits(pod)
        found: dict[tuple[str, str], Object | None] = {}
        for plural, name in memory.wanted:
            where = NamespacedName(namespace(pod), name)
            if waits:
                self._waiting.setdefault((plural, where), set()).add(key(pod))
            found[plural, name] = self._listers[plural].get(*where) or await self._get(plural, where)
        return found

    async def _get(self, plural: str, where: NamespacedName) -> Object | None:
        try:
            return await self._client.get(RESOURCES[plural], *where)
        except StatusError as error:
            if not is_not_found(error):
                raise
            return None


def _waits(pod: Object) -> bool:
    """Whether any of it is yet to start."""
    status = pod.get("status") or {}
    statuses = status.get("containerStatuses")
    if not statuses:
        return True
    return any("waiting" in each["state"] for each in (*statuses, *(status.get("initContainerStatuses") or ())))
