"""The ConfigMaps, Secrets and PersistentVolumeClaims that pods refer to, what the claims lead to, and who waits for
these (pkg/kubelet/configmap, secret, volumemanager)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.controllers.attachdetach.volumes import CSI_DRIVERS, source_of
from minikube_py.controllers.kubelet.life import Objects
from minikube_py.controllers.kubelet.memory import Memory
from minikube_py.controllers.kubelet.volumes import claim_problem, wanted
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import key, namespace
from minikube_py.machinery.wellknown import CONFIG_MAPS, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, SECRETS

RESOURCES = {
    each.resource: each
    for each in (CONFIG_MAPS, SECRETS, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, CSI_DRIVERS, NODES)
}


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
        waiting = key(pod) if _waits(pod) else None
        found: dict[tuple[str, str], Object | None] = {}
        for plural, name in memory.wanted:
            referred = await self._find(plural, NamespacedName(namespace(pod), name), waiting)
            found[plural, name] = referred
            if plural == PERSISTENT_VOLUME_CLAIMS.resource and referred is not None:
                await self._follow(pod, referred, found, waiting)
        return found

    async def _follow(
        self, pod: Object, claim: Object, found: dict[tuple[str, str], Object | None], waiting: NamespacedName | None
    ) -> None:
        """To the volume that the claim is bound to, and whether it is attached. Raises StatusError."""
        if claim_problem(claim):
            return
        name = claim["spec"]["volumeName"]
        volume = await self._find(PERSISTENT_VOLUMES.resource, NamespacedName("", name), waiting)
        found[PERSISTENT_VOLUMES.resource, name] = volume
        source = source_of(volume) if volume is not None else None
        if source is None:
            return
        driver = NamespacedName("", source["driver"])
        found[CSI_DRIVERS.resource, driver.name] = self._listers[CSI_DRIVERS.resource].get(*driver)
        node = NamespacedName("", pod["spec"]["nodeName"])
        found[NODES.resource, node.name] = await self._find(NODES.resource, node, waiting)
        if waiting is not None:
            self._waiting.setdefault((CSI_DRIVERS.resource, driver), set()).add(waiting)

    async def _find(self, plural: str, where: NamespacedName, waiting: NamespacedName | None) -> Object | None:
        """Raises StatusError."""
        if waiting is not None:
            self._waiting.setdefault((plural, where), set()).add(waiting)
        return self._listers[plural].get(*where) or await self._get(plural, where)

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
