"""The end of a namespace: Delete of deletion/namespaced_resources_deleter.go."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from minikube_py.client.protocol import DiscoveredResource
from minikube_py.controllers.namespace.conditions import told, updated
from minikube_py.controllers.namespace.content import Content
from minikube_py.controllers.namespace.staleness import in_words, stale_versions
from minikube_py.controllers.runtime import Context, NotYet, Result
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, name, uid
from minikube_py.machinery.wellknown import API_SERVICES, NAMESPACES

log = logging.getLogger(__name__)

FINALIZER = "kubernetes"
TERMINATING = "Terminating"

Step = Callable[[Object], Awaitable[Object]]


class ContentDeletionFailed(NotYet):
    """Some content could not be deleted; the namespace's conditions tell which."""


class NamespaceReconciler:
    """Asks the server rather than its cache, since several parties write a namespace that ends."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._namespaces = context.lister(NAMESPACES)
        self._api_services = context.lister(API_SERVICES)
        self._pods_go_first = context.settings.features.pods_go_first

    async def reconcile(self, where: NamespacedName) -> Result | None:
        if self._namespaces.get(*where) is None:
            return None
        try:
            namespace = await self._client.get(NAMESPACES, "", where.name)
            if not is_deleting(namespace):
                return None
            namespace = await self._retrying(namespace, self._mark_terminating)
            if not is_deleting(namespace) or not (namespace.get("spec") or {}).get("finalizers"):
                return None
            estimate = await self._delete_content(namespace)
            if estimate > 0:
                return Result(requeue_after=estimate // 2 + 1)
            await self._retrying(namespace, self._finalize)
        except StatusError as error:
            if not is_not_found(error):
                raise
        return None

    async def _retrying(self, namespace: Object, step: Step) -> Object:
        """Take the step, on conflicts with the namespace as it is now. Raises StatusError."""
        while True:
            try:
                return await step(namespace)
            except StatusError as error:
                if not is_conflict(error):
                    raise
                before, namespace = namespace, await self._client.get(NAMESPACES, "", name(namespace))
                if uid(namespace) != uid(before):
                    raise

    async def _mark_terminating(self, namespace: Object) -> Object:
        status = namespace.get("status") or {}
        if not is_deleting(namespace) or status.get("phase") == TERMINATING:
            return namespace
        wanted = {**namespace, "status": {**status, "phase": TERMINATING}}
        return await self._client.update(NAMESPACES, wanted, subresource="status")

    async def _finalize(self, namespace: Object) -> Object:
        spec = namespace.get("spec") or {}
        kept = sorted({each for each in spec.get("finalizers") or () if each != FINALIZER})
        wanted = {**namespace, "spec": {**spec, "finalizers": kept}}
        return await self._client.update(NAMESPACES, wanted, subresource="finalize")

    async def _delete_content(self, namespace: Object) -> int:
        """Returns the seconds until the rest should be gone, 0 if nothing is left. Raises ContentDeletionFailed."""
        stale = stale_versions(self._api_services.list())
        discovery_failure = in_words(stale)
        told_failure = f"Discovery failed for some groups, {len(stale)} failing: {discovery_failure}" if stale else ""
        resources: list[DiscoveredResource] = []
        try:
            resources = list(await self._client.discover())
        except StatusError as error:
            discovery_failure = told_failure = str(error)
        age = self._clock.now() - parse_rfc3339(namespace["metadata"]["deletionTimestamp"])
        content = Content(self._client, name(namespace), age, pods_go_first=self._pods_go_first)
        remains = await content.delete(resources)
        await self._write_conditions(namespace, told_failure, content)
        failures = [discovery_failure, *remains.failures] if discovery_failure else remains.failures
        if failures:
            raise ContentDeletionFailed(failures[0] if len(failures) == 1 else f"[{', '.join(failures)}]")
        return remains.estimate

    async def _write_conditions(self, namespace: Object, discovery_failure: str, content: Content) -> None:
        remains = content.remains
        if content.waits_for_pods:
            bad = told(discovery_failure, remains.failures)
        else:
            bad = told(discovery_failure, remains.failures, +remains.counts, +remains.finalizers)
        status = namespace.get("status") or {}
        conditions = updated(status.get("conditions"), bad, rfc3339(self._clock.now()))
        if conditions == (status.get("conditions") or []):
            return
        wanted = {**namespace, "status": {**status, "conditions": conditions}}
        try:
            await self._client.update(NAMESPACES, wanted, subresource="status")
        except StatusError as error:
            log.warning("could not update the conditions of namespace %s: %s", name(namespace), error)
