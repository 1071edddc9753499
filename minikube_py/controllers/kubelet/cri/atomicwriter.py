"""Volumes that tell of objects, laid out so that all their files change at once (pkg/volume/util/atomic_writer.go).

color -> ..data/color
..data -> ..2026_11_29_18_46_00.1849274020
..2026_11_29_18_46_00.1849274020/color
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from minikube_py.controllers.kubelet.cri import ownership
from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.filesystem import Stat
from minikube_py.controllers.kubelet.cri.mounts import Unchanging

Entries = Mapping[str, tuple[bytes, int]]
"""Relative path ("ca.crt", "deep/er") -> content and mode."""
DATA = "..data"
ON_DISK, IN_MEMORY = 0o777, 0o1777
"""Modes of such volumes: of ConfigMaps, and of all others, which are tmpfs."""


class Content(Unchanging):
    """Files as they are told at each access: of a ConfigMap, a Secret, a projected or downwardAPI volume. What is told
    anew is written anew, at that time."""

    def __init__(
        self, entries: Callable[[], Awaitable[Entries]], now: Callable[[], float], mode: int = ON_DISK, group: int = 0
    ) -> None:
        """`group` is the pod's fsGroup."""
        self._entries = entries
        self._now = now
        self._mode = mode
        self._group = group
        self._told: Entries | None = None
        self._written = written({}, now, mode, group)
        self.in_memory = mode == IN_MEMORY

    async def _tree(self) -> Directory:
        entries = await self._entries()
        if entries != self._told:
            self._told, self._written = dict(entries), written(entries, self._now, self._mode, self._group)
        return self._written

    async def follow(self, path: str) -> tuple[str, str] | None:
        return await (await self._tree()).follow(path) if path else None

    async def stat(self, path: str) -> Stat:
        return await (await self._tree()).stat(path)

    async def read(self, path: str) -> bytes:
        return await (await self._tree()).read(path)

    async def listdir(self, path: str) -> list[str]:
        return await (await self._tree()).listdir(path)


def written(entries: Entries, now: Callable[[], float], mode: int, group: int = 0) -> Directory:
    """The tree of a volume; its version's name, which upstream draws, follows from what is in it."""
    tree = Directory(now, mode=ownership.folder(mode, group, read_only=True), gid=group)
    when = datetime.fromtimestamp(now(), UTC)
    version = f"..{when:%Y_%m_%d_%H_%M_%S}.{zlib.crc32(repr(sorted(entries.items())).encode())}"
    tree.put_directory(version, ownership.folder(0o755, group, read_only=True))
    for path, (data, file_mode) in entries.items():
        tree.put(f"{version}/{path}", data, ownership.file(file_mode, group, read_only=True))
    tree.put_link(DATA, version)
    for name in {path.partition("/")[0] for path in entries}:
        tree.put_link(name, f"{DATA}/{name}")
    return tree
