"""Registrar: follows CustomResourceDefinitions, as the controllers do that run inside kube-apiserver.

    created      names      the group's other CRDs may hold them already: condition NamesAccepted
    accepted     serving    its Resources go into the catalog: condition Established
    changed      serving    its Resources are made anew
    deleted      finalizing instances are deleted first; once none is left, the finalizer goes

Whatever it writes, it writes as manager "kube-apiserver" through the registry. It works soon after a write, not within.
Upstream: apiextensions-apiserver/pkg/controller/{status,establish,finalizer}, apiserver/customresource_handler.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace

from minikube_py.api.context import Context
from minikube_py.api.customresources.acceptance import accept_names
from minikube_py.api.customresources.crd import CLEANUP, CRDS, is_true, with_condition
from minikube_py.api.customresources.resource import TERMINATING_VERBS, resources, storage_resource
from minikube_py.api.local import LocalClient
from minikube_py.api.options import DeleteOptions, ListOptions
from minikube_py.api.registry import Registry
from minikube_py.api.resource import Resource
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import finalizers, is_deleting
from minikube_py.store import Key, Watcher

_MANAGER = "kube-apiserver"

log = logging.getLogger(__name__)


class Registrar:
    """Serves what the store's CRDs define, from `start` to `stop`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._client = LocalClient(registry, user_agent=_MANAGER)
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._watcher: Watcher | None = None
        self._pending: dict[str, int] = {}
        """Names of CRDs to look at, each with the revision that asks for it."""
        self._working = ""
        self._served: dict[str, tuple[Object, list[Resource]]] = {}
        """By CRD what it serves, and what of it that was made of."""
        self._instances: dict[str, Watcher] = {}
        """By CRD that waits for its last instances to go."""

    def start(self) -> None:
        self._watcher = self._registry.store.watch(_KEY, None, self._woken.set)
        for stored in self._registry.store.list(_KEY):
            self._pending[stored.object["metadata"]["name"]] = stored.revision
        self._woken.set()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="customresourcedefinitions")

    async def stop(self) -> None:
        for watcher in (*self._instances.values(), *((self._watcher,) if self._watcher is not None else ())):
            watcher.stop()
        self._instances.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def busy(self) -> list[str]:
        """What is still to be done, in words."""
        names = [*self._pending, *(event.key.name for event in (self._watcher.events if self._watcher else ()))]
        names += [name for name, watcher in self._instances.items() if watcher.events]
        if self._working:
            names.insert(0, self._working)
        return [f"registrar: CustomResourceDefinition {name}" for name in dict.fromkeys(names)]

    # The loop

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            self._take()
            while self._pending:
                self._working = name = next(iter(self._pending))
                revision = self._pending.pop(name)
                try:
                    await self._attend(name, revision)
                finally:
                    self._working = ""
                self._take()

    def _take(self) -> None:
        assert self._watcher is not None, "started"
        for event in self._watcher.take():
            self._pending.setdefault(event.key.name, event.revision)
        for name, watcher in self._instances.items():
            for event in watcher.take():
                self._pending.setdefault(name, event.revision)

    async def _attend(self, name: str, revision: int) -> None:
        started = self._registry.clock.now()
        subject = f"CustomResourceDefinition {name}"
        cause = Cause("reconcile", "customresourcedefinitions", subject, started, (revision,))
        with because(cause):
            try:
                await self._sync(name)
            except StatusError as error:
                # Where somebody was faster, their write wakes us again.
                cause.outcome = error.message
                if not (is_conflict(error) or is_not_found(error)):
                    log.warning("%s: %s", subject, error.message)
            except Exception as error:
                cause.outcome = str(error) or type(error).__name__
                log.exception("%s", subject)

    async def _sync(self, name: str) -> None:
        stored = self._registry.store.get(Key(_KEY, "", name))
        if stored is None:
            self._serve(name, None)
            self._look_again_at_group(name)
            return
        crd = stored.object
        if is_deleting(crd) and CLEANUP in finalizers(crd):
            self._serve(name, crd)
            await self._finalize(crd)
            return
        crd = await self._accept(crd)
        crd = await self._establish(crd)
        self._serve(name, crd)

    def _look_again_at_group(self, name: str) -> None:
        """Names have come free."""
        group = name.partition(".")[2]
        for stored in self._registry.store.list(_KEY):
            other = stored.object
            if other["spec"]["group"] == group and other["metadata"]["name"] != name:
                self._pending.setdefault(other["metadata"]["name"], self._registry.store.revision)

    # Names and conditions

    async def _accept(self, crd: Object) -> Object:
        others = [stored.object for stored in self._registry.store.list(_KEY)]
        status = accept_names(crd, others, self._now())
        if status is None:
            return crd
        written = await self._write_status(crd, status)
        self._look_again_at_group(crd["metadata"]["name"])
        return written

    async def _establish(self, crd: Object) -> Object:
        if not is_true(crd, "NamesAccepted") or is_true(crd, "Established"):
            return crd
        message = "the initial names have been accepted"
        status = with_condition(crd, "Established", "True", "InitialNamesAccepted", message, self._now())
        # Who sees the condition must find the resource served.
        self._serve(crd["metadata"]["name"], {**crd, "status": status})
        return await self._write_status(crd, status)

    async def _write_status(self, crd: Object, status: Object) -> Object:
        return await self._client.update(CRDS, {**crd, "status": status}, subresource="status")

    def _now(self) -> str:
        return rfc3339(self._registry.clock.now())

    # Serving

    def _serve(self, name: str, crd: Object | None) -> None:
        """Make the catalog what the CRD says."""
        catalog = self._registry.catalog
        facts, before = self._served.get(name, (None, []))
        wanted = _facts(crd) if crd is not None else None
        if wanted == facts:
            return
        after = [] if crd is None else self._resources(crd, wanted, facts, before)
        kept = {resource.gvr for resource in after}
        for resource in before:
            if resource.gvr not in kept and catalog.find(resource.gvr) is resource:
                catalog.remove(resource.gvr)
        served = []
        for resource in after:
            present = catalog.find(resource.gvr)
            if present is None or present.custom:
                catalog.add(resource)
                served.append(resource)
        if wanted is None:
            self._served.pop(name, None)
        else:
            self._served[name] = (wanted, served)

    def _resources(
        self, crd: Object, wanted: Object | None, facts: Object | None, before: list[Resource]
    ) -> list[Resource]:
        """What a CRD serves. Where it only begins to go, the same in fewer verbs, so that watches live on."""
        if before and wanted and facts and {**facts, "terminating": True} == wanted:
            return [replace(resource, verbs=TERMINATING_VERBS) for resource in before]
        return resources(crd, self._registry.catalog.schema)

    # Deletion

    async def _finalize(self, crd: Object) -> None:
        """Delete the instances, then let the CRD go (controller/finalizer/crd_finalizer.go)."""
        name = crd["metadata"]["name"]
        if name not in self._instances:
            message = "CustomResource deletion is in progress"
            crd = await self._terminating(crd, "True", "InstanceDeletionInProgress", message)
        if not is_true(crd, "Established"):
            await self._let_go(crd, "NeverEstablished", "resource was never established")
            return
        resource = storage_resource(crd, self._registry.catalog.schema)
        await self._delete_instances(name, resource)
        if self._registry.store.count(resource.key):
            return
        if (watcher := self._instances.pop(name, None)) is not None:
            watcher.stop()
        await self._let_go(crd, "InstanceDeletionCompleted", "removed all instances")

    async def _delete_instances(self, name: str, resource: Resource) -> None:
        store = self._registry.store
        if name in self._instances or not store.count(resource.key):
            return
        namespaces = dict.fromkeys(
            stored.object["metadata"].get("namespace", "") for stored in store.list(resource.key)
        )
        for namespace in namespaces:
            ctx = Context(self._registry, resource, "deletecollection", namespace, user_agent=_MANAGER)
            await self._registry.delete_collection(ctx, DeleteOptions(), ListOptions())
        # Some may be held by finalizers of their own: then it goes on when one of them is written.
        if store.count(resource.key):
            self._instances[name] = store.watch(resource.key, None, self._woken.set)

    async def _terminating(self, crd: Object, status: str, reason: str, message: str) -> Object:
        changed = with_condition(crd, "Terminating", status, reason, message, self._now())
        return await self._write_status(crd, changed)

    async def _let_go(self, crd: Object, reason: str, message: str) -> None:
        status = with_condition(crd, "Terminating", "False", reason, message, self._now())
        left = [each for each in finalizers(crd) if each != CLEANUP]
        await self._write_status({**crd, "metadata": {**crd["metadata"], "finalizers": left}}, status)


_KEY = str(CRDS.group_resource)


def _facts(crd: Object) -> Object:
    """What of a CRD its Resources depend on."""
    status = crd.get("status") or {}
    return {
        "spec": crd["spec"],
        "names": status.get("acceptedNames"),
        "established": is_true(crd, "Established"),
        "terminating": is_true(crd, "Terminating"),
    }
