"""An in-memory Client over the store, for tests of what lies above it: no defaults, no validation, no admission.

It keeps what controllers rely on: uids, creationTimestamp, generation (bumped by any change of spec), the status
subresource, preconditions, conflicts, finalizers, generateName, merge patches, watches with history.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Sequence
from typing import Any

from minikube_py.client.protocol import DiscoveredResource, ObjectList, Watch, WatchEvent
from minikube_py.machinery import errors
from minikube_py.machinery.clock import Clock, rfc3339
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.random import Random
from minikube_py.store import Exists, Expired, Key, Mismatch, Store, Stored, Watcher

KINDS = {
    "pods": "Pod",
    "replicasets": "ReplicaSet",
    "deployments": "Deployment",
    "replicationcontrollers": "ReplicationController",
    "events": "Event",
    "configmaps": "ConfigMap",
    "nodes": "Node",
    "podcertificaterequests": "PodCertificateRequest",
}


class FakeWatch:
    def __init__(self, store: Store, resource: str, namespace: str | None, since: int, lag: int) -> None:
        self._wake = asyncio.Event()
        self._lag = lag
        self._watcher: Watcher = store.watch(resource, namespace, self._wake.set, since)

    @property
    def pending(self) -> bool:
        return bool(self._watcher.events)

    async def next(self) -> Sequence[WatchEvent]:
        while not self._watcher.events and not self._watcher.stopped:
            self._wake.clear()
            await self._wake.wait()
        for _ in range(self._lag):
            await asyncio.sleep(0)
        return [WatchEvent(event.type, event.stored.object) for event in self._watcher.take()]

    def stop(self) -> None:
        self._watcher.stop()
        self._wake.set()


class FakeClient:
    """`lag`: the turns of the event loop by which watches trail the store."""

    def __init__(self, store: Store, clock: Clock, random: Random, lag: int = 0) -> None:
        self.store = store
        self.clock = clock
        self.random = random
        self.lag = lag

    def as_user_agent(self, user_agent: str) -> FakeClient:
        return self

    async def discover(self) -> Sequence[DiscoveredResource]:
        """Nothing: what controllers of all resources need is more than a fake can tell."""
        return []

    async def get(self, resource: GroupVersionResource, namespace: str, name: str, *, subresource: str = "") -> Object:
        return self._stored(resource, namespace, name).object

    async def list(
        self,
        resource: GroupVersionResource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
        limit: int = 0,
        continue_token: str = "",
    ) -> ObjectList:
        items = [stored.object for stored in self.store.list(str(resource), namespace)]
        return ObjectList(items, str(self.store.revision))

    async def watch(
        self,
        resource: GroupVersionResource,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
    ) -> Watch:
        try:
            return FakeWatch(self.store, str(resource), namespace, int(resource_version or 0), self.lag)
        except Expired as error:
            raise errors.expired(str(error)) from None

    async def create(
        self,
        resource: GroupVersionResource,
        obj: Object,
        *,
        namespace: str = "",
        name: str = "",
        subresource: str = "",
        dry_run: bool = False,
    ) -> Object:
        obj = copy.deepcopy(obj)
        metadata = obj["metadata"]
        if namespace:
            metadata["namespace"] = namespace
        if not metadata.get("name"):
            metadata["name"] = metadata.get("generateName", "") + self.random.suffix()
        metadata["uid"] = self.random.uid()
        metadata["creationTimestamp"] = rfc3339(self.clock.now())
        if "spec" in obj:
            metadata["generation"] = 1
        obj.setdefault("apiVersion", resource.api_version)
        obj.setdefault("kind", KINDS[resource.resource])
        try:
            return self.store.create(self._key(resource, metadata.get("namespace", ""), metadata["name"]), obj).object
        except Exists:
            raise errors.already_exists(resource.group_resource, metadata["name"]) from None

    async def update(
        self, resource: GroupVersionResource, obj: Object, *, subresource: str = "", dry_run: bool = False
    ) -> Object:
        metadata = obj["metadata"]
        stored = self._stored(resource, metadata.get("namespace", ""), metadata["name"])
        if metadata.get("resourceVersion", str(stored.revision)) != str(stored.revision):
            raise errors.conflict(resource.group_resource, metadata["name"])
        return self._replace(resource, stored, copy.deepcopy(obj), subresource)

    async def patch(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        patch: Any,
        *,
        patch_type: str = "application/merge-patch+json",
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> Object:
        """Strategic patches are merged too, but for ownerReferences, which merge by uid with $patch: delete."""
        stored = self._stored(resource, namespace, name)
        wanted = (patch.get("metadata") or {}).get("uid")
        if wanted and wanted != stored.object["metadata"]["uid"]:
            raise errors.conflict(resource.group_resource, name, "Precondition failed: UID in precondition")
        return self._replace(resource, stored, _merged(stored.object, patch), subresource)

    async def delete(
        self,
        resource: GroupVersionResource,
        namespace: str,
        name: str,
        *,
        grace_period: int | None = None,
        propagation: str = "",
        uid: str = "",
        resource_version: str = "",
        dry_run: bool = False,
    ) -> Object:
        stored = self._stored(resource, namespace, name)
        if uid and uid != stored.object["metadata"]["uid"]:
            raise errors.conflict(resource.group_resource, name, "the UID in the precondition does not match")
        key = self._key(resource, namespace, name)
        if not stored.object["metadata"].get("finalizers"):
            return self.store.delete(key, stored.revision).object
        if stored.object["metadata"].get("deletionTimestamp"):
            return stored.object
        metadata = {**stored.object["metadata"], "deletionTimestamp": rfc3339(self.clock.now())}
        return self.store.update(key, {**stored.object, "metadata": metadata}, stored.revision).object

    async def delete_collection(
        self,
        resource: GroupVersionResource,
        namespace: str | None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        propagation: str = "",
    ) -> Object:
        for stored in tuple(self.store.list(str(resource), namespace)):
            metadata = stored.object["metadata"]
            await self.delete(resource, metadata.get("namespace", ""), metadata["name"])
        return {"kind": "Status", "apiVersion": "v1", "status": "Success"}

    # Inside

    def _key(self, resource: GroupVersionResource, namespace: str, name: str) -> Key:
        return Key(str(resource), namespace, name)

    def _stored(self, resource: GroupVersionResource, namespace: str, name: str) -> Stored:
        stored = self.store.get(self._key(resource, namespace, name))
        if stored is None:
            raise errors.not_found(resource.group_resource, name)
        return stored

    def _replace(self, resource: GroupVersionResource, stored: Stored, obj: Object, subresource: str) -> Object:
        old, given = stored.object, obj["metadata"]
        if subresource == "status":
            obj = {**old, "status": obj.get("status", {})}
        elif "status" in old:
            obj = {**obj, "status": old["status"]}
        else:
            obj = {name: value for name, value in obj.items() if name != "status"}
        metadata = dict(obj["metadata"] if not subresource else old["metadata"])
        if subresource == "status" and "annotations" in given:
            metadata["annotations"] = given["annotations"]  # as the server does
        for name in ("uid", "creationTimestamp", "deletionTimestamp", "generation"):
            if name in old["metadata"]:
                metadata[name] = old["metadata"][name]
        if not subresource and obj.get("spec") != old.get("spec"):
            metadata["generation"] = metadata.get("generation", 1) + 1
        metadata["resourceVersion"] = old["metadata"]["resourceVersion"]
        obj = {**obj, "metadata": metadata}
        if obj == old:
            return old
        key = self._key(resource, metadata.get("namespace", ""), metadata["name"])
        try:
            written = self.store.update(key, obj, stored.revision)
        except Mismatch:
            raise errors.conflict(resource.group_resource, metadata["name"]) from None
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            return self.store.delete(key, written.revision).object
        return written.object


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if name == "ownerReferences" and isinstance(value, list):
            result[name] = _merged_owners(result.get(name) or [], value)
        elif value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result


def _merged_owners(target: list[Object], patch: list[Object]) -> list[Object]:
    removed = {each["uid"] for each in patch if each.get("$patch") == "delete"}
    changed = {each["uid"]: each for each in patch if "$patch" not in each}
    kept = [{**each, **changed.pop(each["uid"], {})} for each in target if each["uid"] not in removed]
    return kept + list(changed.values())
