"""What a container sees as files: a root with mounts upon it, all of it in memory.

    files = Files(Directory(clock.now), {"/data": shared, "/etc/config": Content(read_config_map, clock.now)})
    await files.write("/data/greeting", b"hello")
    await files.listdir("/etc")                       # ["config"]

Symbolic links are followed by Files, wherever they lead. ".." means the directory that a path names, as to a shell, and
not the one in which a link's target is.

Errors are Python's own: FileNotFoundError, NotADirectoryError, IsADirectoryError, FileExistsError, and OSError with
EROFS, EBUSY, ENOTEMPTY or ELOOP; their filename is the path in the container.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import NamedTuple, Protocol

DIRECTORY_SIZE = 4096
"""Bytes that a directory is told to take."""
MOST_LINKS = 40
"""Symbolic links on the way to a file."""


class Stat(NamedTuple):
    is_dir: bool
    size: int
    """Bytes."""
    mode: int
    """Permission bits: 0o644."""
    mtime: float
    """Unix seconds."""
    target: str | None = None
    """Where a symbolic link leads; None for what is none."""
    uid: int = 0
    gid: int = 0


class Mount(Protocol):
    """A tree that is seen at a path.

    Paths are relative to it, normal ("a/b"), and "" is its own root, which may be a file. But for `follow` there are no
    links on them, except perhaps the last name, which is meant itself then. A mount raises its errors by `refusal` with
    the path it was given; Files tells them with the container's. What is read-only is never asked to change.
    """

    @property
    def read_only(self) -> bool: ...

    @property
    def in_memory(self) -> bool:
        """Whether it is said to be a tmpfs."""
        ...

    async def follow(self, path: str) -> tuple[str, str] | None:
        """The first symbolic link along a path and where it leads: ("a/link", "../b"). Raises nothing."""
        ...

    async def stat(self, path: str) -> Stat: ...

    async def read(self, path: str) -> bytes: ...

    async def listdir(self, path: str) -> list[str]: ...

    async def write(self, path: str, data: bytes, append: bool) -> None:
        """Makes the file if there is none, but no directories."""
        ...

    async def mkdir(self, path: str) -> None: ...

    async def symlink(self, path: str, target: str) -> None: ...

    async def remove(self, path: str) -> None:
        """A file, a link or an empty directory."""
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

    async def real(self, path: str, last: bool = True) -> str:
        """The path without the links on it; without `last`, the last name may be one. What is not there is no error.
        Raises OSError."""
        path = normal(path)
        for _ in range(MOST_LINKS):
            mount, inside = self._locate(path)
            found = await mount.follow(inside)
            if found is None or (found[0] == inside and not last):
                return path
            above = path.removesuffix(inside) + found[0].rpartition("/")[0]
            path = (
                normal(f"{found[1]}" if found[1].startswith("/") else f"{above}/{found[1]}") + inside[len(found[0]) :]
            )
        raise refusal(errno.ELOOP, path)

    async def exists(self, path: str) -> bool:
        """Not so a link that leads nowhere."""
        try:
            await self.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    async def is_dir(self, path: str) -> bool:
        return await self.exists(path) and (await self.stat(path)).is_dir

    async def stat(self, path: str) -> Stat:
        return await self._stat(await self.real(path))

    async def lstat(self, path: str) -> Stat:
        """Of a link itself, where the last name is one."""
        return await self._stat(await self.real(path, last=False))

    async def _stat(self, path: str) -> Stat:
        mount, inside = self._locate(path)
        try:
            return await mount.stat(inside)
        except OSError as error:
            if path in self._below:  # the way to a mount point, where what is mounted above has nothing
                return Stat(True, DIRECTORY_SIZE, 0o755, (await self._root.stat("")).mtime)
            raise _told(error, path) from None

    async def read(self, path: str) -> bytes:
        path = await self.real(path)
        if path in self._below and path not in self._mounts:
            raise refusal(errno.EISDIR, path)
        mount, inside = self._locate(path)
        try:
            return await mount.read(inside)
        except OSError as error:
            raise _told(error, path) from None

    async def in_memory(self, path: str) -> bool:
        """Whether what is there is on a tmpfs. Raises OSError."""
        await self.stat(path)
        return self._locate(await self.real(path))[0].in_memory

    async def listdir(self, path: str) -> list[str]:
        """The names in a directory, sorted, mount points among them."""
        path = await self.real(path)
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
        path = await self.real(path)
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
        if parents and await self.is_dir(path):
            return
        path = await self._vacant(path)
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

    async def symlink(self, path: str, target: str) -> None:
        """A link at the path that leads to the target, which need not be there."""
        path = await self._vacant(path)
        await self._prepare(path)
        mount, inside = self._writable(path)
        try:
            await mount.symlink(inside, target)
        except OSError as error:
            raise _told(error, path) from None

    async def _vacant(self, path: str) -> str:
        """Where something is to be made. Raises OSError if there is something."""
        path = await self.real(path, last=False)
        try:
            await self._stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return path
        raise refusal(errno.EEXIST, path)

    async def remove(self, path: str, recursive: bool = False) -> None:
        """A file, a link or an empty directory; with `recursive` all that is in it first."""
        path = await self.real(path, last=False)
        if path == "/" or path in self._mounts:
            raise refusal(errno.EBUSY, path)
        if (await self._stat(path)).is_dir and recursive:
            for name in await self.listdir(path):
                await self.remove(f"{path}/{name}", recursive=True)
        mount, inside = self._writable(path)
        try:
            await mount.remove(inside)
        except OSError as error:
            raise _told(error, path) from None

    async def change(self, path: str, mode: int | None = None, mtime: float | None = None) -> None:
        """Permission bits and the time of the last change, of what is there."""
        path = await self.real(path)
        await self._stat(path)
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
