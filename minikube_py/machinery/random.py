"""The only source of randomness: uids, name suffixes, jitter. Seeded, so that a history can be had again."""

from __future__ import annotations

import random
import uuid

SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""What generated names end with: no vowels, no look-alikes (apimachinery util/rand)."""


class Random:
    """A seeded source; the same seed and the same calls give the same values.

    `seed=None` takes the seed from the operating system, and `seed` then tells which one it was.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = random.SystemRandom().getrandbits(63) if seed is None else seed
        self._random = random.Random(self.seed)

    def uid(self) -> str:
        """A version 4 UUID, as metadata.uid is."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def suffix(self, length: int = 5) -> str:
        """What generateName appends."""
        return "".join(self._random.choices(SUFFIX_ALPHABET, k=length))

    def below(self, bound: int) -> int:
        """An integer in [0, bound)."""
        return self._random.randrange(bound)

    def jitter(self, seconds: float, factor: float) -> float:
        """Between `seconds` and `seconds * (1 + factor)` (apimachinery wait.Jitter)."""
        return seconds * (1.0 + self._random.random() * factor)

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def fork(self, name: str) -> Random:
        """An independent source for one component, fixed by this seed and the name, so that one
        component's draws do not shift another's."""
        return Random(random.Random(f"{self.seed}/{name}").getrandbits(63))
