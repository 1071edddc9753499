"""History: ControllerRevisions, the templates a controller was told, numbered (pkg/controller/history).

A revision's data is the patch that brings its template back:

    {"spec": {"template": {"$patch": "replace", "metadata": {...}, "spec": {...}}}}

`kubectl rollout undo` sends it as a strategic merge patch.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from minikube_py.client.protocol import Client
from minikube_py.machinery.errors import StatusError, is_already_exists, is_conflict, is_not_found
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.meta import controller_reference, name, namespace
from minikube_py.machinery.random import SUFFIX_ALPHABET
from minikube_py.machinery.wellknown import CONTROLLER_REVISIONS

REVISION_HASH = "controller-revision-hash"
"""The label of pods that says which revision they were made of."""

MAX_PREFIX = 223
"""How much of the owner's name goes into a revision's name."""

CONFLICT_RETRIES = 4

_ESCAPED = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
)
"""What Go's encoding/json writes in another way."""


def snapshot(owner: Object) -> Object:
    """A revision's data for the owner's template as it is now."""
    template = owner["spec"].get("template") or {}
    return {"spec": {"template": {**template, "$patch": "replace"}}}


def in_order(data: Object) -> Object:
    """With its fields as Go writes a map's: clients compare a revision's data byte by byte."""
    found: Object = orjson.loads(orjson.dumps(data, option=orjson.OPT_SORT_KEYS))
    return found


def restored(owner: Object, revision: Object) -> Object:
    """The owner with the revision's template."""
    template = ((revision.get("data") or {}).get("spec") or {}).get("template")
    if template is None:
        return owner
    kept = {field: value for field, value in template.items() if field != "$patch"}
    return {**owner, "spec": {**owner["spec"], "template": kept}}


def revision_hash(data: Object, collision_count: int | None) -> str:
    """FNV-1 of 32 bits over the data as Go writes it and the collision count, in the alphabet of generated names
    (HashControllerRevision)."""
    text = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    for plain, escaped in _ESCAPED:
        text = text.replace(plain, escaped)
    if collision_count is not None:
        text += str(collision_count).encode()
    value = 0x811C9DC5
    for byte in text:
        value = (value * 0x01000193 & 0xFFFFFFFF) ^ byte
    return "".join(SUFFIX_ALPHABET[ord(digit) % len(SUFFIX_ALPHABET)] for digit in str(value))


def revision_name(owner_name: str, hash: str) -> str:
    return f"{owner_name[:MAX_PREFIX]}-{hash}"


def new_revision(
    owner: Object, kind: GroupVersionKind, number: int, collision_count: int | None, hash_label: str
) -> Object:
    """The revision of the owner's template as it is now, to be created; its hash is the label `hash_label`. The
    owner's annotations come along: a change's cause is one of them."""
    data = snapshot(owner)
    hash = revision_hash(data, collision_count)
    template_metadata = data["spec"]["template"].get("metadata") or {}
    metadata: Object = {
        "name": revision_name(name(owner), hash),
        "namespace": namespace(owner),
        "labels": {**(template_metadata.get("labels") or {}), hash_label: hash},
        "ownerReferences": [controller_reference(owner, kind)],
    }
    if owner["metadata"].get("annotations"):
        metadata["annotations"] = owner["metadata"]["annotations"]
    return {
        "apiVersion": CONTROLLER_REVISIONS.api_version,
        "kind": "ControllerRevision",
        "metadata": metadata,
        "data": data,
        "revision": number,
    }


def number(revision: Object) -> int:
    return int(revision.get("revision") or 0)


def ordered(revisions: Iterable[Object]) -> list[Object]:
    """Oldest first: by number, then by age, then by name."""
    return sorted(
        revisions, key=lambda each: (number(each), each["metadata"].get("creationTimestamp") or "", name(each))
    )


class RevisionControl:
    """Writes revisions."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(self, revision: Object) -> Object | None:
        """The revision, created now or before; None if another has its name. Raises StatusError."""
        try:
            return await self._client.create(CONTROLLER_REVISIONS, {**revision, "data": in_order(revision["data"])})
        except StatusError as error:
            if not is_already_exists(error):
                raise
        there = await self._client.get(CONTROLLER_REVISIONS, namespace(revision), name(revision))
        return there if there.get("data") == revision["data"] else None

    async def renumber(self, revision: Object, wanted: int) -> Object:
        """Give it another number, over conflicts too. Raises StatusError."""
        for _ in range(CONFLICT_RETRIES):
            if number(revision) == wanted:
                return revision
            try:
                return await self._client.update(CONTROLLER_REVISIONS, {**revision, "revision": wanted})
            except StatusError as error:
                if not is_conflict(error):
                    raise
            revision = await self._client.get(CONTROLLER_REVISIONS, namespace(revision), name(revision))
        return await self._client.update(CONTROLLER_REVISIONS, {**revision, "revision": wanted})

    async def delete(self, revision: Object) -> None:
        """No matter if it is gone already. Raises StatusError."""
        try:
            await self._client.delete(CONTROLLER_REVISIONS, namespace(revision), name(revision))
        except StatusError as error:
            if not is_not_found(error):
                raise
