"""Mounts without a tree of their own: a part of another (Part), /dev (Devices)."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Mapping

from minikube_py.controllers.kubelet.cri.filesystem import DIRECTORY_SIZE, MOST_LINKS, Mount, Stat, parts, refusal
from minikube_py.machinery.random import Random


class Unchanging:
    """The half of Mount that a read-only mount is never asked for."""

    read_only = True
    in_memory = True

    async def write(self, path: str, data: bytes, append: bool) -> None:
        raise refusal(errno.EROFS, path)

    async def mkdir(self, path: str) -> None:
        raise refusal(errno.EROFS, path)

    async def symlink(self, path: str, target: str) -> None:
        raise refusal(errno.EROFS, path)

    async def remove(self, path: str) -> None:
        raise refusal(errno.EROFS, path)

    async def change(self, path: str, mode: int | None, mtime: float | None) -> None:
        raise refusal(errno.EROFS, path)


class Part:
    """A directory or a file of another mount (volumeMounts.subPath), or all of it, perhaps read-only."""

    def __init__(self, whole: Mount, path: str = "", read_only: bool = False) -> None:
        self._whole = whole
        self._path = path.strip("/")
        self._read_only = read_only

    @property
    def read_only(self) -> bool:
        return self._read_only or self._whole.read_only

    @property
    def in_memory(self) -> bool:
        return self._whole.in_memory

    async def follow(self, path: str) -> tuple[str, str] | None:
        base = await self._base()
        found = await self._whole.follow(f"{base}/{path}".strip("/"))
        return found and (found[0].removeprefix(base).strip("/"), found[1])

    async def stat(self, path: str) -> Stat:
        return await self._whole.stat(await self._inside(path))

    async def read(self, path: str) -> bytes:
        return await self._whole.read(await self._inside(path))

    async def listdir(self, path: str) -> list[str]:
        return await self._whole.listdir(await self._inside(path))

    async def write(self, path: str, data: bytes, append: bool) -> None:
        await self._whole.write(await self._inside(path), data, append)

    async def mkdir(self, path: str) -> None:
        await self._whole.mkdir(await self._inside(path))

    async def symlink(self, path: str, target: str) -> None:
        await self._whole.symlink(await self._inside(path), target)

    async def remove(self, path: str) -> None:
        await self._whole.remove(await self._inside(path))

    async def change(self, path: str, mode: int | None, mtime: float | None) -> None:
        await self._whole.change(await self._inside(path), mode, mtime)

    async def _inside(self, path: str) -> str:
        return f"{await self._base()}/{path}".strip("/")

    async def _base(self) -> str:
        """What it is a part by, once links are followed; these never leave the whole."""
        base = self._path
        for _ in range(MOST_LINKS if base else 0):
            found = await self._whole.follow(base)
            if found is None:
                break
            link, target = found
            base = "/".join(parts(f"{link.rpartition('/')[0]}/{target}{base[len(link) :]}"))
        return base


async def _drop(data: bytes) -> None:
    pass


BLOCK = 64 * 1024
DEVICES: Mapping[str, Callable[[bytes], Awaitable[None]]] = dict.fromkeys(("null", "random", "urandom", "zero"), _drop)


class Devices(Unchanging):
    """Files that are empty and take what is written to them: /dev/null; and /proc/1/fd, for what a command has to say
    in its container's log. A command's own streams have no files here: they are the shell's.

    /dev/zero and /dev/urandom have no end: each reading gives BLOCK bytes of them.
    """

    read_only = False

    def __init__(
        self, now: Callable[[], float], takers: Mapping[str, Callable[[bytes], Awaitable[None]]] = DEVICES
    ) -> None:
        self._now = now
        self._takers = takers
        self._draws = 0

    async def follow(self, path: str) -> tuple[str, str] | None:
        return None

    async def stat(self, path: str) -> Stat:
        if path and path not in self._takers:
            raise refusal(errno.ENOENT, path)
        return Stat(not path, 0 if path else DIRECTORY_SIZE, 0o666 if path else 0o755, self._now())

    async def read(self, path: str) -> bytes:
        if (await self.stat(path)).is_dir:
            raise refusal(errno.EISDIR, path)
        if path == "zero":
            return bytes(BLOCK)
        if path in ("random", "urandom"):
            self._draws += 1
            return Random(hash((self._now(), self._draws))).bytes(BLOCK)
        return b""

    async def listdir(self, path: str) -> list[str]:
        if not (await self.stat(path)).is_dir:
            raise refusal(errno.ENOTDIR, path)
        return list(self._takers)

    async def write(self, path: str, data: bytes, append: bool) -> None:
        if path not in self._takers:
            raise refusal(errno.EACCES, path)
        await self._takers[path](data)
