"""Longer and longer pauses before something is tried again (client-go util/flowcontrol/backoff.go, kubelet.go)."""

from __future__ import annotations

from minikube_py.controllers.kubelet.memory import BackOff

FIRST = 10.0
LONGEST = 300.0
"""Seconds."""

FORGOTTEN_AFTER = 600.0
"""Seconds without failure after which all begins anew."""


def longer(before: BackOff | None, failed: float, now: float) -> BackOff:
    """After a try at `now`; `failed` is when the last one did."""
    if before is None or is_forgotten(before, failed):
        return BackOff(FIRST, now)
    return BackOff(min(before.delay * 2, LONGEST), now)


def is_forgotten(before: BackOff, failed: float) -> bool:
    return failed - before.since > FORGOTTEN_AFTER


def wait(before: BackOff | None, failed: float, now: float) -> float:
    """Seconds until it may be tried again what failed then."""
    if before is None or is_forgotten(before, failed):
        return 0.0
    return max(0.0, before.delay - (now - failed))
