"""The only source of randomness: uids, name suffixes, jitter. Seeded, so that a history can be had again."""

from __future__ import annotations

import random

SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""What generated names end with: no vowels, no look-alikes (apimachinery util/rand)."""
_FIXED = 0xF000 << 64 | 0xC000 << 48
"""The bits of a UUID that tell its version and variant (RFC 9562)."""
_VERSION_4 = 0x4000 << 64 | 0x8000 << 48


class Random:
    """A seeded source; the same seed and the same calls give the same values.

    `seed=None` takes the seed from the operating system, and `seed` then tells which one it was.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.seed = random.SystemRandom().getrandbits(63) if seed is None else seed
        self._random = random.Random(self.seed)

    def uid(self) -> str:
        """A version 4 UUID, as metadata.uid is."""
        bits = self._random.getrandbits(128) & ~_FIXED | _VERSION_4
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

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
