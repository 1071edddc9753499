"""Deleting all that is in a namespace (deletion/namespaced_resources_deleter.go)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from minikube_py.client.protocol import Client, DiscoveredResource
from minikube_py.controllers.runtime.pods import is_terminal
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.meta import finalizers, name
from minikube_py.machinery.wellknown import PODS

FINALIZER_ESTIMATE = 15
"""Seconds that finalizers are taken to need."""


@dataclass
class Remains:
    """What one pass over a namespace has left."""

    estimate: int = 0
    """Seconds until it should be gone; 0 says nothing."""
    counts: Counter[GroupVersionResource] = field(default_factory=Counter)
    finalizers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def grace_of(pods: Iterable[Object], age: float) -> int:
    """Seconds that the slowest of the running pods may take; 0 once that is over. `age` is the seconds since the
    namespace's deletion."""
    graces = ((pod.get("spec") or {}).get("terminationGracePeriodSeconds") or 0 for pod in pods if not is_terminal(pod))
    longest: int = max(graces, default=0)
    return longest if age < longest else 0


class Content:
    """The content of one namespace whose deletion was asked for `age` seconds ago. `pods_go_first`: nothing else is
    deleted before they are gone, as what they run may need the rest to end well."""

    def __init__(self, client: Client, namespace: str, age: float, *, pods_go_first: bool = True) -> None:
        self._client = client
        self._namespace = namespace
        self._age = age
        self._pods_go_first = pods_go_first
        self.remains = Remains()

    async def delete(self, resources: Sequence[DiscoveredResource]) -> Remains:
        deletable = [each for each in resources if each.namespaced and each.preferred and "delete" in each.verbs]
        for each in sorted(deletable, key=lambda each: each.resource != PODS):
            await self._delete(each)
            if self.waits_for_pods:
                break
        return self.remains

    @property
    def waits_for_pods(self) -> bool:
        """Whether only pods were tried: of the rest, nothing can be said yet."""
        return self._pods_go_first and self.remains.counts[PODS] > 0

    async def _delete(self, each: DiscoveredResource) -> None:
        remains, resource = self.remains, each.resource
        estimate = 0
        try:
            before = await self._list(each)
            if not before and "list" in each.verbs:
                return
            estimate = grace_of(before, self._age) if resource == PODS else 0
            await self._delete_all(each, before)
            left = await self._list(each)
        except StatusError as error:
            remains.failures.append(str(error))
            remains.estimate = max(remains.estimate, estimate)
            return
        if not left:
            return
        remains.counts[resource] = len(left)
        holding = Counter(finalizer for obj in left for finalizer in finalizers(obj))
        remains.finalizers.update(holding)
        if not estimate and holding:
            estimate = FINALIZER_ESTIMATE
        remains.estimate = max(remains.estimate, estimate)
        if not estimate:
            which = f"{resource.group}/{resource.version}, Resource={resource.resource}"
            remains.failures.append(f"unexpected items still remain in namespace: {self._namespace} for gvr: {which}")

    async def _list(self, each: DiscoveredResource) -> Sequence[Object]:
        if "list" not in each.verbs:
            return ()
        try:
            return (await self._client.list(each.resource, self._namespace)).items
        except StatusError as error:
            if _is_unsupported(error):
                return ()
            raise

    async def _delete_all(self, each: DiscoveredResource, listed: Sequence[Object]) -> None:
        """In the background, since dependents in the namespace are deleted anyway. Raises StatusError."""
        if "deletecollection" in each.verbs:
            try:
                await self._client.delete_collection(each.resource, self._namespace, propagation="Background")
                return
            except StatusError as error:
                if not _is_unsupported(error):
                    raise
        for obj in listed:
            try:
                await self._client.delete(each.resource, self._namespace, name(obj), propagation="Background")
            except StatusError as error:
                if not _is_unsupported(error):
                    raise


def _is_unsupported(error: StatusError) -> bool:
    return is_not_found(error) or error.reason == "MethodNotAllowed"
