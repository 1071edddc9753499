"""Images: which Python coroutine runs as the containers of which image."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from minikube_py.controllers.kubelet.image import normalized

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container

Program = Callable[["Container"], Awaitable[Any]]
"""A container's first process: it runs until it returns its exit code (None is 0)."""


class Images:
    """Programs by the name of their image, or a glob of it.

    Images({"hello-world:*": hello, "registry.example/shop/*": shop})

    A name without a tag stands for all of its tags. "nginx" and "docker.io/library/nginx" are the same. The first that
    matches counts. None instead of a program: there is no such image, and it cannot be pulled.
    """

    def __init__(self, programs: Mapping[str, Program | None]) -> None:
        self._programs = dict(programs)
        self._match = lru_cache(maxsize=1024)(self._search)

    def find(self, image: str) -> Program | None:
        match = self._match(image) if self._programs else None
        return self._programs[match] if match is not None else None

    def lacks(self, image: str) -> bool:
        match = self._match(image) if self._programs else None
        return match is not None and self._programs[match] is None

    def _search(self, image: str) -> str | None:
        name = normalized(image)
        for pattern in self._programs:
            if pattern in (image, name) or any(fnmatchcase(name, each) for each in _patterns(pattern)):
                return pattern
        return None


def _patterns(pattern: str) -> tuple[str, ...]:
    """A glob of normalized names; a bare one stands for all tags and digests."""
    whole = normalized(pattern)
    if ":" in pattern.rpartition("/")[2] or "@" in pattern or pattern.endswith("*"):
        return (whole.removesuffix(":latest") if pattern.endswith("*") else whole, pattern)
    bare = whole.removesuffix(":latest")
    return (f"{bare}:*", f"{bare}@*")
