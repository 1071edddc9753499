"""Keeping events from flooding the server: client-go's record/events_cache.go.

event --combine--> itself, or "(combined from similar events): ..." from the 10th message on
      --count----> new, or a patch that raises the first one's count
      --silence--> dropped, once a source has spent its 25 events about an object
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.gvr import Object

CACHE_SIZE = 4096
MAX_SIMILAR = 10
SIMILAR_INTERVAL = 600.0
"""Events of one reason that came within this many seconds of each other are similar."""
SPAM_BURST = 25
SPAM_REFILL = 1 / 300.0
"""Events per second."""
COMBINED = "(combined from similar events): "

V = TypeVar("V")
EventKey = tuple[str, ...]


class _Recent(OrderedDict[EventKey, V], Generic[V]):
    """The CACHE_SIZE most recently used entries."""

    def use(self, key: EventKey, make: Callable[[], V]) -> V:
        value = self.get(key)
        if value is None:
            value = self[key] = make()
            if len(self) > CACHE_SIZE:
                self.popitem(last=False)
        else:
            self.move_to_end(key)
        return value


class _Similar:
    __slots__ = ("last", "messages")

    def __init__(self) -> None:
        self.last = 0.0
        self.messages: dict[str, None] = {}


class _Bucket:
    __slots__ = ("at", "tokens")

    def __init__(self, now: float) -> None:
        self.at = now
        self.tokens = float(SPAM_BURST)


class _Observed:
    """The event that later ones of its key are counted on."""

    __slots__ = ("count", "first", "name")

    def __init__(self) -> None:
        self.count = 0
        self.first = ""
        self.name = ""


class Correlated(NamedTuple):
    event: Object
    patch: Object | None
    """What to patch the first event with; None to create `event`."""


class Correlator:
    def __init__(self) -> None:
        self._similar: _Recent[_Similar] = _Recent()
        self._observed: _Recent[_Observed] = _Recent()
        self._buckets: _Recent[_Bucket] = _Recent()

    def correlate(self, event: Object, when: float, unique_name: Callable[[str, float], str]) -> Correlated | None:
        """What to write for an event of that time; None to drop it."""
        about = _about(event)
        combined, key = self._combine(event, about, when, unique_name)
        observed = self._observed.use(key, _Observed)
        patch: Object | None = None
        if observed.count:
            count = observed.count + 1
            metadata = {**combined["metadata"], "name": observed.name}
            combined = {**combined, "metadata": metadata, "firstTimestamp": observed.first, "count": count}
            patch = {name: combined[name] for name in ("count", "lastTimestamp", "message")}
        _observe(observed, combined)
        return None if self._is_spam((*about, event["type"]), when) else Correlated(combined, patch)

    def written(self, event: Object) -> None:
        """What the server made of it."""
        _observe(self._observed.use(_full_key(event, _about(event)), _Observed), event)

    def _combine(
        self, event: Object, about: EventKey, now: float, unique_name: Callable[[str, float], str]
    ) -> tuple[Object, EventKey]:
        key = (*about, event["type"], event["reason"], event["reportingComponent"], event["reportingInstance"])
        similar = self._similar.use(key, _Similar)
        if now - similar.last > SIMILAR_INTERVAL:
            similar.messages.clear()
        similar.messages[event["message"]] = None
        similar.last = now
        if len(similar.messages) < MAX_SIMILAR:
            return event, _full_key(event, about)
        similar.messages.pop(next(iter(similar.messages)))
        when = rfc3339(now)
        combined = {
            **event,
            "metadata": {
                "name": unique_name(event["involvedObject"].get("name", ""), now),
                "namespace": event["metadata"]["namespace"],
            },
            "message": COMBINED + event["message"],
            "firstTimestamp": when,
            "lastTimestamp": when,
            "count": 1,
            "reportingComponent": "",
            "reportingInstance": "",
        }
        return combined, key

    def _is_spam(self, key: EventKey, now: float) -> bool:
        bucket = self._buckets.use(key, lambda: _Bucket(now))
        bucket.tokens = min(float(SPAM_BURST), bucket.tokens + (now - bucket.at) * SPAM_REFILL)
        bucket.at = now
        if bucket.tokens < 1:
            return True
        bucket.tokens -= 1
        return False


def _observe(observed: _Observed, event: Object) -> None:
    observed.count = event["count"]
    observed.first = event["firstTimestamp"]
    observed.name = event["metadata"]["name"]


def _about(event: Object) -> EventKey:
    """Who reports on which object."""
    source: dict[str, Any] = event.get("source") or {}
    involved: dict[str, Any] = event["involvedObject"]
    return (
        source.get("component", ""),
        source.get("host", ""),
        involved.get("kind", ""),
        involved.get("namespace", ""),
        involved.get("name", ""),
        involved.get("uid", ""),
        involved.get("apiVersion", ""),
    )


def _full_key(event: Object, about: EventKey) -> EventKey:
    field_path = event["involvedObject"].get("fieldPath", "")
    return (*about, field_path, event["type"], event["reason"], event["message"])
