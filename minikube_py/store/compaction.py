"""Which revisions have been compacted away, as kube-apiserver has etcd do it (apiserver's storage/etcd3/compact.go)."""

from __future__ import annotations

from minikube_py.machinery.clock import Clock

COMPACT_INTERVAL = 300.0
"""Seconds: `--etcd-compaction-interval`."""


class Compaction:
    """Each interval forgets what was history at the one before, so that a list can go on for five to ten minutes:

        minute    0    3    5    8   10   15
        revision  1    4    4    9    9    9
        oldest    0    0    0    0    4    9

    There is no timer: whoever is about to write, or to read what was, says so first. Between two of them nothing was
    written, so that the revisions of the moments that passed are known. Watches are not concerned: they are served
    from a cache (apiserver's storage/cacher), which goes by the number of its events.
    """

    __slots__ = ("_clock", "_due", "_marked", "oldest")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due = clock.now() + COMPACT_INTERVAL
        self._marked = 0
        self.oldest = 0
        """The first revision that can still be listed."""

    def catch_up(self, revision: int) -> None:
        """To now, the store being at `revision` still."""
        late = self._clock.now() - self._due
        if late < 0:
            return
        missed = late // COMPACT_INTERVAL
        self.oldest = revision if missed else self._marked
        self._marked = revision
        self._due += (missed + 1) * COMPACT_INTERVAL
