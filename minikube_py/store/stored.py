"""What the store keeps and tells: stored objects, events, and the errors of a write."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import orjson

from minikube_py.machinery.cause import Cause
from minikube_py.machinery.gvr import Object

EventType = Literal["ADDED", "MODIFIED", "DELETED"]


class Key(NamedTuple):
    """Where an object is: its resource ("pods", "deployments.apps"), namespace ("" for cluster scope), name."""

    resource: str
    namespace: str
    name: str


def encoded(tree: Any) -> bytes:
    """JSON to be kept. orjson's own bytes have room for 4 KB at least, doubled as needed, and never give it back."""
    return bytes(memoryview(orjson.dumps(tree)))


class Stored:
    """An object at a revision. Read-only, shared by reference with everybody who reads it.

    What is derived from it (its JSON, its table row, its metadata alone) is made at most once and kept here.
    """

    __slots__ = ("_json", "object", "revision", "views")

    def __init__(self, object: Object, revision: int) -> None:
        self.object = object
        self.revision = revision
        self._json: bytes | None = None
        self.views: dict[Any, Any] = {}

    @property
    def json(self) -> bytes:
        """The object as JSON, encoded once."""
        if self._json is None:
            self._json = encoded(self.object)
        return self._json

    def forget(self) -> None:
        """Drop what is derived from it; it is made again if somebody asks. For what has been replaced."""
        self._json = None
        if self.views:
            self.views = {}

    def __repr__(self) -> str:
        return f"Stored({self.object.get('kind')} at {self.revision})"


class Event:
    """One write as watchers see it.

    type      object                                        previous
    ADDED     the new one                                   None
    MODIFIED  the new one                                   the one before
    DELETED   the last one, its resourceVersion that of     the one before
              the deletion
    """

    __slots__ = ("key", "previous", "revision", "stored", "type", "views")

    def __init__(self, type: EventType, key: Key, stored: Stored, previous: Stored | None) -> None:
        self.type: EventType = type
        self.key = key
        self.stored = stored
        self.previous = previous
        self.revision = stored.revision
        self.views: dict[Any, bytes] = {}
        """The event as bytes by form, so that watchers of one form share one encoding."""

    def forget(self) -> None:
        """Drop those bytes; they are made again for whoever comes this late."""
        if self.views:
            self.views = {}

    def __repr__(self) -> str:
        return f"Event({self.type} {'/'.join(self.key)} at {self.revision})"


class Write(NamedTuple):
    """One entry of the journal."""

    revision: int
    type: EventType
    key: Key
    cause: Cause | None


class Exists(Exception):
    """Create found an object of that key."""


class Missing(Exception):
    """Update or delete found none."""


class Mismatch(Exception):
    """Compare-and-set found another revision than expected; `current` is what is stored."""

    def __init__(self, current: Stored) -> None:
        super().__init__(f"stored at revision {current.revision}")
        self.current = current


class Expired(Exception):
    """The history does not reach back to the revision asked for; `oldest` is the first one it still has."""

    def __init__(self, revision: int, oldest: int) -> None:
        super().__init__(f"too old resource version: {revision} ({oldest})")
        self.revision = revision
        self.oldest = oldest


class FutureRevision(Exception):
    """A revision was asked for that is yet to come."""

    def __init__(self, revision: int, current: int) -> None:
        super().__init__(f"Too large resource version: {revision}, current: {current}")
        self.revision = revision
        self.current = current


class Mutated(Exception):
    """Somebody changed a stored object in place (found only with `check_mutations`)."""
