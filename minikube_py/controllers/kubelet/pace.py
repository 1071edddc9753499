"""How fast a kubelet fails pods that it refuses or evicts.

Who wants such a pod, a ReplicaSet or a StatefulSet, makes another one at once, without end. A real kubelet is slowed
down by what its requests take and by its eviction manager, which looks every ten seconds; here nothing takes time
unless somebody says so, and time would stand still.
"""

from __future__ import annotations

BURST = 20
"""How many are failed at once."""

INTERVAL = 1.0
"""Seconds between those that follow."""


class Pace:
    """Of one node."""

    def __init__(self) -> None:
        self._free = 0.0
        """When the next turn would be if none came early."""

    def turn(self, now: float) -> float:
        """The time at which one more pod may fail, which is its turn and nobody else's."""
        turn = max(now, self._free - (BURST - 1) * INTERVAL)
        self._free = max(self._free, turn) + INTERVAL
        return turn
