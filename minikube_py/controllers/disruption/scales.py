"""How many pods the controllers of some pods want together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import controller_of, name, namespace, uid
from minikube_py.machinery.wellknown import DEPLOYMENTS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS

WORKLOADS = {
    ("v1", "ReplicationController"): REPLICATION_CONTROLLERS,
    ("apps/v1", "ReplicaSet"): REPLICA_SETS,
    ("apps/v1", "Deployment"): DEPLOYMENTS,
    ("apps/v1", "StatefulSet"): STATEFUL_SETS,
}
"""By apiVersion and kind: whose scale is known from caches. Others are asked for their scale subresource."""


class ScaleUnknown(Exception):
    """Some pod's controller cannot be found, or has no scale."""


class Scale(NamedTuple):
    pods: int
    unmanaged: list[str]
    """Names of pods that no controller owns."""


class Scales:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._listers = {resource: context.lister(resource) for resource in WORKLOADS.values()}
        self._resources: dict[tuple[str, str], GroupVersionResource] = {}

    async def of(self, pods: Sequence[Object]) -> Scale:
        """Raises ScaleUnknown, StatusError."""
        wanted: dict[str, int] = {}
        asked: set[str] = set()
        unmanaged: list[str] = []
        for pod in pods:
            reference = controller_of(pod)
            if reference is None:
                unmanaged.append(name(pod))
            elif reference["uid"] not in asked:
                asked.add(reference["uid"])
                found = self._cached(reference, namespace(pod)) or await self._served(reference, namespace(pod))
                if found is None:
                    raise ScaleUnknown(f'found no controllers for pod "{name(pod)}"')
                wanted[found[0]] = found[1]
        return Scale(sum(wanted.values()), unmanaged)

    def _cached(self, reference: Object, where: str) -> tuple[str, int] | None:
        """Uid and replicas: of a ReplicaSet's Deployment rather than of the ReplicaSet."""
        owner = self._get(reference, where)
        if owner is None:
            return None
        above = controller_of(owner)
        if above is not None and above["kind"] == "Deployment" and reference["kind"] == "ReplicaSet":
            owner = self._get(above, where)
        return None if owner is None else (uid(owner), owner["spec"].get("replicas", 1))

    def _get(self, reference: Object, where: str) -> Object | None:
        resource = WORKLOADS.get((reference["apiVersion"], reference["kind"]))
        lister: Lister | None = self._listers.get(resource) if resource is not None else None
        found = lister.get(where, reference["name"]) if lister is not None else None
        return found if found is not None and uid(found) == reference["uid"] else None

    async def _served(self, reference: Object, where: str) -> tuple[str, int] | None:
        resource = await self._resource(reference["apiVersion"], reference["kind"])
        try:
            scale = await self._client.get(resource, where, reference["name"], subresource="scale")
        except StatusError as error:
            if not is_not_found(error):
                raise
            if await self._exists(resource, where, reference["name"]):
                raise _no_scale(resource) from None
            return None
        if scale.get("kind") != "Scale":
            raise _no_scale(resource)
        if uid(scale) != reference["uid"]:
            return None
        return uid(scale), (scale.get("spec") or {}).get("replicas", 0)

    async def _exists(self, resource: GroupVersionResource, where: str, name: str) -> bool:
        try:
            await self._client.get(resource, where, name)
        except StatusError as error:
            if is_not_found(error):
                return False
            raise
        return True

    async def _resource(self, api_version: str, kind: str) -> GroupVersionResource:
        wanted = (api_version, kind)
        if wanted not in self._resources:
            found = await self._client.discover()
            self._resources = {(each.resource.api_version, each.kind): each.resource for each in found}
        if wanted not in self._resources:
            raise ScaleUnknown(f'no matches for kind "{kind}" in version "{api_version}"')
        return self._resources[wanted]


def _no_scale(resource: GroupVersionResource) -> ScaleUnknown:
    return ScaleUnknown(f"{resource} does not implement the scale subresource")
