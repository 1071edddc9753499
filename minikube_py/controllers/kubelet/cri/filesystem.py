"""What a container sees as files: a root with mounts upon it, all of it in memory.

    files = Files(Directory(clock.now), {"/data": shared, "/etc/config": Content(read_config_map, clock.now)})
    await files.write("/data/greeting", b"hello")
    await files.listdir("/etc")                       # ["config"]

Errors are Python's own: FileNotFoundError, NotADirectoryError, IsADirectoryError, FileExistsError, and OSError with
EROFS, EBUSY or ENOTEMPTY; their filename is the path in the container.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Stat(NamedTuple):
    is_dir: bool
    size: int
    """Bytes."""
    mode: int
    """Permission bits: 0o644."""
    mtime: float
    """Unix seconds."""


class Mount(Protocol):
    """A tree that is seen at a path.

    Paths are relative to it, normal ("a/b"), and "" is its own root, which may be a file. A mount raises its errors by
    `refusal` with the path it was given; Files tells them with the container's. What is read-only is never asked to
    change.
    """

    @property
    def read_only(self) -> bool: ...

    async def stat(self, path: str) -> Stat: ...

    async def read(self, path: str) -> bytes: ...

    async def listdir(self, path: str) -> list[str]: ...

    async def write(self, path: str, data: bytes, append: bool) -> None:
        """Makes the file if there is none, but no directories."""
        ...

    async def mkdir(self, path: str) -> None: ...

    async def remove(self, path: str) -> None:
        """A file or an empty directory."""
        ...

    async def change(self, path: str, mode: int | None, mtime: float | None) -> None: ...


def refusal(code: int, path: str) -> OSError:
    """The error of this errno, as the operating system raises and words it."""
    return OSError(code, os.strerror(code), path)


def parts(path: str) -> list[str]:
    """The names along a path, without "." and with ".." followed, never above the root."""
    names: list[str] = []
    for name in path.split("/"):
        if name == "..":
            del names[-1:]
        elif name not in ("", "."):
            names.append(name)
    return names


def normal(path: str) -> str:
    """The path from "/" without detours."""
    return "/" + "/".join(parts(path))


class Files:
    """A container's view: relative paths are from "/". The longest mount point above a path has it."""

    def __init__(self, root: Mount, mounts: Mapping[str, Mount] | None = None) -> None:
        self._root = root
        self._mounts = {normal(path): mount for path, mount in (mounts or {}).items()}
        self._below: dict[str, set[str]] = {}
        """Path -> names in it that lead to mount points."""
        for point in self._mounts:
            names = parts(point)
            for depth, name in enumerate(names):
                self._below.setdefault("/" + "/".join(names[:depth]), set()).add(name)

    async def exists(self, path: str) -> bool:
        try:
            await self.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    async def is_dir(self, path: str) -> bool:
        return await self.exists(path) and (await self.stat(path)).is_dir

    async def stat(self, path: str) -> Stat:
        path = normal(path)
        mount, inside = self._locate(path)
        try:
            return await mount.stat(inside)
        except OSError as error:
            if path in self._below:  # the way to a mount point, where what is mounted above has nothing
                return Stat(True, 0, 0o755, (await self._root.stat("")).mtime)
            raise _told(error, path) from None

    async def read(self, path: str) -> bytes:
        path = normal(path)
        if path in self._below and path not in self._mounts:
            raise refusal(errno.EISDIR, path)
        mount, inside = self._locate(path)
        try:
            return await mount.read(inside)
        except OSError as error:
            raise _told(error, path) from None

    async def listdir(self, path: str) -> list[str]:
        """The names in a directory, sorted, mount points among them."""
        path = normal(path)
        mount, inside = self._locate(path)
        below = self._below.get(path, set())
        try:
            names = await mount.listdir(inside)
        except OSError as error:
            if not below:
                raise _told(error, path) from None
            names = []
        return sorted(below.union(names))

    async def write(self, path: str, data: bytes, append: bool = False) -> None:
        path = normal(path)
        if path in self._below:
            raise refusal(errno.EISDIR, path)
        await self._prepare(path)
        mount, inside = self._writable(path)
        try:
            await mount.write(inside, data, append)
        except OSError as error:
            raise _told(error, path) from None

    async def mkdir(self, path: str, parents: bool = False) -> None:
        """With `parents` also what is above, and a directory that is there is no error."""
        path = normal(path)
        if await self.exists(path):
            if parents and (await self.stat(path)).is_dir:
                return
            raise refusal(errno.EEXIST, path)
        above = path.rpartition("/")[0]
        if parents and above and not await self.is_dir(above):
            if await self.exists(above):
                raise refusal(errno.ENOTDIR, path)
            await self.mkdir(above, parents=True)
        await self._prepare(path)
        mount, inside = self._writable(path)
        try:
            await mount.mkdir(inside)
        except OSError as error:
            raise _told(error, path) from None

    async def remove(self, path: str, recursive: bool = False) -> None:
        """A file or an empty directory; with `recursive` all that is in it first."""
        path = normal(path)
        if path == "/" or path in self._mounts:
            raise refusal(errno.EBUSY, path)
        if recursive and (await self.stat(path)).is_dir:
            for name in await self.listdir(path):
                await self.remove(f"{path}/{name}", recursive=True)
        await self.stat(path)
        mount, inside = self._writable(path)
        try:
            await mount.remove(inside)
        except OSError as error:
            raise _told(error, path) from None

    async def change(self, path: str, mode: int | None = None, mtime: float | None = None) -> None:
        """Permission bits and the time of the last change, of what is there."""
        path = normal(path)
        await self.stat(path)
        mount, inside = self._writable(path)
        try:
            await mount.change(inside, mode, mtime)
        except OSError as error:
            raise _told(error, path) from None

    def _locate(self, path: str) -> tuple[Mount, str]:
        point = path
        while point:
            mount = self._mounts.get(point)
            if mount is not None:
                return mount, path[len(point) + 1 :]
            point = point.rpartition("/")[0]
        return self._mounts.get("/", self._root), path[1:]

    def _writable(self, path: str) -> tuple[Mount, str]:
        mount, inside = self._locate(path)
        if mount.read_only:
            raise refusal(errno.EROFS, path)
        return mount, inside

    async def _prepare(self, path: str) -> None:
        """Something is to be made at the path: if what is above it is only the way to a mount point, make that real."""
        above = path.rpartition("/")[0]
        if above not in self._below or above in self._mounts:
            return
        mount, inside = self._writable(above)
        try:
            await mount.stat(inside)
        except FileNotFoundError:
            await self._prepare(above)
            await mount.mkdir(inside)


def _told(error: OSError, path: str) -> OSError:
    return refusal(error.errno or errno.EIO, path)
