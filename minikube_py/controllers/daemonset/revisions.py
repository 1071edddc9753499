"""A DaemonSet's revisions: which one its template is, and which ones to forget
(pkg/controller/daemon/update.go constructHistory, cleanupHistory)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minikube_py.client.protocol import Client
from minikube_py.controllers.runtime.history import (
    REVISION_HASH,
    RevisionControl,
    new_revision,
    number,
    ordered,
    snapshot,
)
from minikube_py.machinery.errors import StatusError, already_exists
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import labels, name, namespace
from minikube_py.machinery.wellknown import CONTROLLER_REVISIONS, DAEMON_SET, DAEMON_SETS, PODS


class Split(NamedTuple):
    """Revisions of the template as it is, and others."""

    current: list[Object]
    old: list[Object]

    @property
    def number(self) -> int:
        """What the current one is to have at least."""
        return max((number(each) for each in self.old), default=0) + 1


def split(daemon_set: Object, revisions: Iterable[Object]) -> Split:
    data = snapshot(daemon_set)
    found = Split([], [])
    for each in revisions:
        (found.current if each.get("data") == data else found.old).append(each)
    return found


def newest(revisions: Sequence[Object]) -> Object:
    """The last of those with the highest number."""
    return max(reversed(revisions), key=number)


def superfluous(daemon_set: Object, old: Sequence[Object], pods: Iterable[Object]) -> list[Object]:
    """The oldest of those that no pod is of, as many as there are too many."""
    limit = daemon_set["spec"].get("revisionHistoryLimit")
    surplus = len(old) - limit if limit is not None else 0
    if surplus <= 0:
        return []
    live = {labels(pod).get(REVISION_HASH) for pod in pods} - {None, ""}
    return [each for each in ordered(old) if labels(each).get(REVISION_HASH) not in live][:surplus]


class DaemonHistory:
    """Keeps a DaemonSet's revisions. Every method raises StatusError."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._control = RevisionControl(client)

    async def current(
        self, daemon_set: Object, revisions: Sequence[Object], pods: Iterable[Object]
    ) -> tuple[Object, list[Object]]:
        """The template's revision, made if need be, and the old ones. Of several that are equal one is kept, and
        their pods become its pods."""
        found = split(daemon_set, [await self._labelled(each) for each in revisions])
        if not found.current:
            return await self._create(daemon_set, found.number), found.old
        kept = newest(found.current)
        if len(found.current) > 1:
            await self._remove_duplicates(kept, found.current, pods)
        if number(kept) < found.number:
            kept = await self._control.renumber(kept, found.number)
        return kept, found.old

    async def clean_up(self, daemon_set: Object, old: Sequence[Object], pods: Iterable[Object]) -> None:
        for each in superfluous(daemon_set, old, pods):
            await self._control.delete(each)

    async def _labelled(self, revision: Object) -> Object:
        """A revision that has lost its label gets its name for a hash, which is as unique."""
        if REVISION_HASH in labels(revision):
            return revision
        metadata = {**revision["metadata"], "labels": {**labels(revision), REVISION_HASH: name(revision)}}
        return await self._client.update(CONTROLLER_REVISIONS, {**revision, "metadata": metadata})

    async def _remove_duplicates(self, kept: Object, duplicates: Iterable[Object], pods: Iterable[Object]) -> None:
        hash = labels(kept)[REVISION_HASH]
        for pod in pods:
            if labels(pod).get(REVISION_HASH) != hash:
                patch = {"metadata": {"labels": {REVISION_HASH: hash}}}
                await self._client.patch(PODS, namespace(pod), name(pod), patch)
        for each in duplicates:
            if name(each) != name(kept):
                await self._control.delete(each)

    async def _create(self, daemon_set: Object, wanted: int) -> Object:
        """Raises AlreadyExists if the name is another's: the collision is counted, so that the next try has another
        name."""
        collisions = (daemon_set.get("status") or {}).get("collisionCount")
        made = new_revision(daemon_set, DAEMON_SET, wanted, collisions, REVISION_HASH)
        created = await self._control.create(made)
        if created is not None:
            return created
        fresh = await self._client.get(DAEMON_SETS, namespace(daemon_set), name(daemon_set))
        status = fresh.get("status") or {}
        if status.get("collisionCount") == collisions:
            counted = {**status, "collisionCount": (collisions or 0) + 1}
            await self._client.update(DAEMON_SETS, {**fresh, "status": counted}, subresource="status")
        error: StatusError = already_exists(CONTROLLER_REVISIONS.group_resource, name(made))
        raise error
