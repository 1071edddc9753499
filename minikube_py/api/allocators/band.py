"""A range whose lower part is left to those who choose for themselves, as far as possible (KEP-3070).

offsets   0 ........ offset ................. size
          static     dynamic: drawn from here first, from the static part once this is full
"""

from __future__ import annotations

from minikube_py.api.allocators.errors import Full
from minikube_py.machinery.random import Random


def static_band(size: int, step: int, maximum: int) -> int:
    """How many of `size` numbers are kept for static allocation: size/step, at least 16 and at most `maximum`;
    none of a range too small."""
    if size <= 16:
        return 0
    return min(max(16, size // step), maximum)


class Band:
    """Numbers from 0 to size - 1, each free or taken."""

    def __init__(self, size: int, static: int, random: Random) -> None:
        self.size = size
        self.static = static
        self._random = random
        self._taken: set[int] = set()

    def __len__(self) -> int:
        """How many are taken."""
        return len(self._taken)

    def __contains__(self, number: int) -> bool:
        return number in self._taken

    def take(self, number: int) -> bool:
        """False if it is taken already."""
        if number in self._taken:
            return False
        self._taken.add(number)
        return True

    def take_any(self) -> int:
        """Raises Full."""
        for first, last in ((self.static, self.size), (0, self.static)):
            found = self._probe(first, last)
            if found is not None:
                self._taken.add(found)
                return found
        raise Full()

    def give_back(self, number: int) -> None:
        self._taken.discard(number)

    def clear(self) -> None:
        self._taken.clear()

    def _probe(self, first: int, last: int) -> int | None:
        """The first free one of [first, last) from a random start on, round the end."""
        length = last - first
        if length <= 0 or (len(self._taken) >= length and self._is_full(first, last)):
            return None
        start = self._random.below(length)
        for step in range(length):
            number = first + (start + step) % length
            if number not in self._taken:
                return number
        return None

    def _is_full(self, first: int, last: int) -> bool:
        return sum(first <= number < last for number in self._taken) == last - first
