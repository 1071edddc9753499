"""Turns: who is next of several that serve alike."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Rotation:
    """A place in a round for each key. Of those that come and go the one at the place is next, whoever that is."""

    def __init__(self) -> None:
        self._places: dict[Hashable, int] = {}

    def next(self, key: Hashable, candidates: Sequence[T]) -> T:
        """One of at least one."""
        place = self._places.get(key, 0)
        self._places[key] = place + 1
        return candidates[place % len(candidates)]
