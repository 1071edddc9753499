"""How long a node is left alone after a daemon pod failed on it: 1 s, 2 s, 4 s ... (client-go util/flowcontrol
backoff.go). A pod that the kubelet rejects would be made and rejected without end."""

from __future__ import annotations

from typing import NamedTuple

INITIAL = 1.0
LIMIT = 15 * 60.0
"""Seconds."""

FORGET_AFTER = 2 * LIMIT
"""Seconds without a failure after which the next is the first again."""

Key = tuple[str, int, str]
"""The DaemonSet's uid, the generation of it, the node."""


class _Failure(NamedTuple):
    at: float
    delay: float


class FailedPodsBackoff:
    def __init__(self) -> None:
        self._failures: dict[Key, _Failure] = {}

    def remaining(self, key: Key, now: float) -> float:
        """Seconds yet to wait; 0 if a pod may be replaced now."""
        failure = self._failures.get(key)
        if failure is None or now - failure.at > FORGET_AFTER:
            return 0.0
        return max(0.0, failure.at + failure.delay - now)

    def failed(self, key: Key, now: float) -> None:
        """A failed pod is being replaced."""
        self._failures = {each: failure for each, failure in self._failures.items() if now - failure.at <= FORGET_AFTER}
        known = self._failures.get(key)
        self._failures[key] = _Failure(now, min(2 * known.delay, LIMIT) if known else INITIAL)
