"""Objects of one resource in one namespace, in key order, shared with snapshots until the next write."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import Any

from minikube_py.store.stored import Stored


class Ready(list[Stored]):
    """All objects of a shelf in key order, until its next write; read-only.

    `pages` keeps what answers to lists have been made of it, by form: who polls a list gets the same bytes.
    """

    __slots__ = ("pages",)

    def __init__(self, objects: Iterable[Stored]) -> None:
        super().__init__(objects)
        self.pages: dict[Any, tuple[int, bytes]] = {}


class Shelf:
    """A mapping name -> Stored that iterates in byte order of names.

    `epoch` is the store's when the shelf was made or copied: a shelf older than the store's last snapshot is
    shared with it and is copied before it is written.
    """

    __slots__ = ("_ready", "epoch", "items", "names")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.items: dict[str, Stored] = {}
        self.names: list[str] = []
        self._ready: Ready | None = None

    def copy(self, epoch: int) -> Shelf:
        shelf = Shelf(epoch)
        shelf.items = dict(self.items)
        shelf.names = list(self.names)
        shelf._ready = self._ready
        return shelf

    def put(self, name: str, stored: Stored) -> None:
        if name not in self.items:
            insort(self.names, name)
        self.items[name] = stored
        self._ready = None

    def pop(self, name: str) -> None:
        del self.items[name]
        del self.names[bisect_left(self.names, name)]
        self._ready = None

    def ready(self) -> Ready:
        """All objects in key order; the list is shared, and made once per change."""
        if self._ready is None:
            items = self.items
            self._ready = Ready([items[name] for name in self.names])
        return self._ready

    def after(self, name: str) -> list[Stored]:
        """The objects whose names come after `name`."""
        return self.ready()[bisect_right(self.names, name) :]
