"""Why something cannot be allocated."""

from __future__ import annotations


class AllocationError(Exception):
    """What was asked for is taken or out of range; str() is upstream's words."""


class Full(AllocationError):
    """Nothing is left."""

    def __init__(self) -> None:
        super().__init__("range is full")
