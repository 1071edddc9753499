"""Expectations: what a controller has asked for and its informers have yet to show it.

Without them, a controller whose cache lags would see too few pods, and create them again (pkg/controller
controller_utils.go). A controller sets them before it creates or deletes, its handlers lower them as events come,
and it acts again only once they are fulfilled or have timed out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from minikube_py.machinery.clock import Clock

K = TypeVar("K", bound=Hashable)

TIMEOUT = 300.0
"""Seconds after which unmet expectations are given up (ExpectationsTimeout)."""


class _Expected:
    __slots__ = ("adds", "deletes", "since")

    def __init__(self, adds: int, deletes: set[str], since: float) -> None:
        self.adds = adds
        self.deletes = deletes
        self.since = since


class Expectations(Generic[K]):
    """By controller key: a count of creations, and the uids of deletions, so that one deletion seen twice (the
    timestamp, then the end) counts once (UIDTrackingControllerExpectations)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._expected: dict[K, _Expected] = {}

    def satisfied(self, key: K) -> bool:
        """Whether the controller may act: nothing expected, all seen, or too long ago."""
        expected = self._expected.get(key)
        if expected is None or (expected.adds <= 0 and not expected.deletes):
            return True
        return self._clock.now() - expected.since > TIMEOUT

    def expect_creations(self, key: K, count: int) -> None:
        """Replaces what was expected of the key."""
        self._expected[key] = _Expected(count, set(), self._clock.now())

    def expect_deletions(self, key: K, uids: Iterable[str]) -> None:
        """Replaces what was expected of the key."""
        self._expected[key] = _Expected(0, set(uids), self._clock.now())

    def expect(self, key: K, creations: int, deletions: Iterable[str]) -> None:
        """Both at once. Replaces what was expected of the key."""
        self._expected[key] = _Expected(creations, set(deletions), self._clock.now())

    def creation_observed(self, key: K) -> None:
        """A creation was seen, or will never be because it failed."""
        expected = self._expected.get(key)
        if expected is not None:
            expected.adds -= 1

    def deletion_observed(self, key: K, uid: str) -> None:
        """A deletion was seen, or will never be because it failed."""
        expected = self._expected.get(key)
        if expected is not None:
            expected.deletes.discard(uid)

    def forget(self, key: K) -> None:
        """The controller's object is gone."""
        self._expected.pop(key, None)

    def pending(self, key: K) -> tuple[int, frozenset[str]]:
        """The creations and the uids of deletions still expected."""
        expected = self._expected.get(key)
        return (expected.adds, frozenset(expected.deletes)) if expected is not None else (0, frozenset())
