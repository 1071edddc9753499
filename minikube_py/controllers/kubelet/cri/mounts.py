"""Mounts without a tree of their own: what the API says (Content), a part of another (Part), /dev (Devices)."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Mapping

from minikube_py.controllers.kubelet.cri.filesystem import Mount, Stat, refusal

Entries = Mapping[str, tuple[bytes, int]]
"""Relative path ("ca.crt", "deep/er") -> content and mode."""


class _Unchanging:
    """The half of Mount that a read-only mount is never asked for."""

    read_only = True

    async def write(self, path: str, data: bytes, append: bool) -> None:
        raise refusal(errno.EROFS, path)

    async def mkdir(self, path: str) -> None:
        raise refusal(errno.EROFS, path)

    async def remove(self, path: str) -> None:
        raise refusal(errno.EROFS, path)

    async def change(self, path: str, mode: int | None, mtime: float | None) -> None:
        raise refusal(errno.EROFS, path)


class Content(_Unchanging):
    """Files as they are told at each access: of a ConfigMap, a Secret, a projected or downwardAPI volume. `now` is
    their mtime."""

    def __init__(self, entries: Callable[[], Awaitable[Entries]], now: Callable[[], float]) -> None:
        self._entries = entries
        self._now = now

    async def stat(self, path: str) -> Stat:
        entries = await self._entries()
        if path in entries:
            data, mode = entries[path]
            return Stat(False, len(data), mode, self._now())
        if path and not _names(entries, path):
            raise _missing(entries, path)
        return Stat(True, 0, 0o755, self._now())

    async def read(self, path: str) -> bytes:
        entries = await self._entries()
        if path in entries:
            return entries[path][0]
        if not path or _names(entries, path):
            raise refusal(errno.EISDIR, path)
        raise _missing(entries, path)

    async def listdir(self, path: str) -> list[str]:
        entries = await self._entries()
        if path in entries:
            raise refusal(errno.ENOTDIR, path)
        names = _names(entries, path)
        if path and not names:
            raise _missing(entries, path)
        return list(names)


def _names(entries: Entries, path: str) -> set[str]:
    """What is in a directory of them."""
    prefix = f"{path}/" if path else ""
    return {each[len(prefix) :].partition("/")[0] for each in entries if each.startswith(prefix)}


def _missing(entries: Entries, path: str) -> OSError:
    below_a_file = any(path.startswith(f"{each}/") for each in entries)
    return refusal(errno.ENOTDIR if below_a_file else errno.ENOENT, path)


class Part:
    """A directory or a file of another mount (volumeMounts.subPath), or all of it, perhaps read-only."""

    def __init__(self, whole: Mount, path: str = "", read_only: bool = False) -> None:
        self._whole = whole
        self._path = path.strip("/")
        self._read_only = read_only

    @property
    def read_only(self) -> bool:
        return self._read_only or self._whole.read_only

    async def stat(self, path: str) -> Stat:
        return await self._whole.stat(self._inside(path))

    async def read(self, path: str) -> bytes:
        return await self._whole.read(self._inside(path))

    async def listdir(self, path: str) -> list[str]:
        return await self._whole.listdir(self._inside(path))

    async def write(self, path: str, data: bytes, append: bool) -> None:
        await self._whole.write(self._inside(path), data, append)

    async def mkdir(self, path: str) -> None:
        await self._whole.mkdir(self._inside(path))

    async def remove(self, path: str) -> None:
        await self._whole.remove(self._inside(path))

    async def change(self, path: str, mode: int | None, mtime: float | None) -> None:
        await self._whole.change(self._inside(path), mode, mtime)

    def _inside(self, path: str) -> str:
        return f"{self._path}/{path}".strip("/")


async def _drop(data: bytes) -> None:
    pass


NULL: Mapping[str, Callable[[bytes], Awaitable[None]]] = {"null": _drop}


class Devices(_Unchanging):
    """Files that are empty and take what is written to them: /dev/null; and /proc/1/fd, for what a command has to say
    in its container's log. A command's own streams have no files here: they are the shell's."""

    read_only = False

    def __init__(
        self, now: Callable[[], float], takers: Mapping[str, Callable[[bytes], Awaitable[None]]] = NULL
    ) -> None:
        self._now = now
        self._takers = takers

    async def stat(self, path: str) -> Stat:
        if path and path not in self._takers:
            raise refusal(errno.ENOENT, path)
        return Stat(not path, 0, 0o666 if path else 0o755, self._now())

    async def read(self, path: str) -> bytes:
        if (await self.stat(path)).is_dir:
            raise refusal(errno.EISDIR, path)
        return b""

    async def listdir(self, path: str) -> list[str]:
        if not (await self.stat(path)).is_dir:
            raise refusal(errno.ENOTDIR, path)
        return list(self._takers)

    async def write(self, path: str, data: bytes, append: bool) -> None:
        if path not in self._takers:
            raise refusal(errno.EACCES, path)
        await self._takers[path](data)
