"""A tree of files in memory: an emptyDir, which several containers hold by reference, or a container's own root."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping

from minikube_py.controllers.kubelet.cri.filesystem import DIRECTORY_SIZE, Stat, parts, refusal


class _File:
    __slots__ = ("data", "mode", "mtime")

    def __init__(self, mode: int, mtime: float) -> None:
        self.data = bytearray()
        self.mode = mode
        self.mtime = mtime


class _Link:
    __slots__ = ("mode", "mtime", "target")

    def __init__(self, target: str, mtime: float) -> None:
        self.target = target
        self.mode = 0o777
        self.mtime = mtime


class _Folder:
    __slots__ = ("entries", "mode", "mtime")

    def __init__(self, mode: int, mtime: float) -> None:
        self.entries: dict[str, _Node] = {}
        self.mode = mode
        self.mtime = mtime


_Node = _File | _Link | _Folder


class Directory:
    """Implements Mount. `now` is the clock's: when something is changed. `content` is as for `put`, `mode` the tree's
    own, `gid` the group of all that is in it."""

    read_only = False

    def __init__(
        self,
        now: Callable[[], float],
        content: Mapping[str, bytes] | None = None,
        mode: int = 0o755,
        *,
        gid: int = 0,
        in_memory: bool = False,
    ) -> None:
        self._now = now
        self._gid = gid
        self.in_memory = in_memory
        self._top = _Folder(mode, now())
        for path, data in (content or {}).items():
            self.put(path, data)

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """A file and the directories above it, at once: for who prepares the tree."""
        *above, name = parts(path)
        folder = self._folder("/".join(above), make=True)
        folder.entries[name] = file = _File(mode, self._now())
        file.data += data

    def put_link(self, path: str, target: str) -> None:
        """Likewise a symbolic link."""
        *above, name = parts(path)
        self._folder("/".join(above), make=True).entries[name] = _Link(target, self._now())

    def put_directory(self, path: str, mode: int = 0o755) -> None:
        """Likewise a directory; one that is there stays."""
        self._folder(path, make=True).mode = mode

    def has(self, path: str) -> bool:
        try:
            self._node("/".join(parts(path)))
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def ensure(self, path: str) -> None:
        """A directory where there is nothing yet. Raises OSError for what cannot be."""
        if not self.has(path):
            self.put_directory(path, self._top.mode)

    @property
    def size(self) -> int:
        """Bytes in all files."""
        return _size(self._top)

    async def follow(self, path: str) -> tuple[str, str] | None:
        node: _Node | None = self._top
        names = parts(path)
        for count, name in enumerate(names, 1):
            node = node.entries.get(name) if isinstance(node, _Folder) else None
            if isinstance(node, _Link):
                return "/".join(names[:count]), node.target
        return None

    async def stat(self, path: str) -> Stat:
        node = self._node(path)
        if isinstance(node, _Link):
            return Stat(False, len(node.target), node.mode, node.mtime, node.target, gid=self._gid)
        size = len(node.data) if isinstance(node, _File) else DIRECTORY_SIZE
        return Stat(isinstance(node, _Folder), size, node.mode, node.mtime, gid=self._gid)

    async def read(self, path: str) -> bytes:
        return self.content(path)

    def content(self, path: str) -> bytes:
        """Of a file, at once. Raises OSError."""
        node = self._node(path)
        if not isinstance(node, _File):
            raise refusal(errno.EISDIR, path)
        return bytes(node.data)

    async def listdir(self, path: str) -> list[str]:
        return list(self._folder(path).entries)

    async def write(self, path: str, data: bytes, append: bool) -> None:
        folder, name = self._place(path)
        node = folder.entries.get(name)
        if node is not None and not isinstance(node, _File):
            raise refusal(errno.EISDIR, path)
        now = self._now()
        if node is None:
            node = folder.entries[name] = _File(0o644, now)
            folder.mtime = now
        if not append:
            node.data.clear()
        node.data += data
        node.mtime = now

    async def mkdir(self, path: str) -> None:
        self._make(path, _Folder(0o755, self._now()))

    async def symlink(self, path: str, target: str) -> None:
        self._make(path, _Link(target, self._now()))

    def _make(self, path: str, node: _Node) -> None:
        folder, name = self._place(path)
        if name in folder.entries:
            raise refusal(errno.EEXIST, path)
        folder.entries[name] = node
        folder.mtime = node.mtime

    async def remove(self, path: str) -> None:
        folder, name = self._place(path)
        node = folder.entries.get(name)
        if node is None:
            raise refusal(errno.ENOENT, path)
        if isinstance(node, _Folder) and node.entries:
            raise refusal(errno.ENOTEMPTY, path)
        del folder.entries[name]
        folder.mtime = self._now()

    async def change(self, path: str, mode: int | None, mtime: float | None) -> None:
        node = self._node(path)
        node.mode = node.mode if mode is None else mode
        node.mtime = node.mtime if mtime is None else mtime

    def _place(self, path: str) -> tuple[_Folder, str]:
        above, _, name = path.rpartition("/")
        if not name:
            raise refusal(errno.EISDIR, path)
        return self._folder(above), name

    def _node(self, path: str) -> _Node:
        above, _, name = path.rpartition("/")
        if not name:
            return self._top
        node = self._folder(above).entries.get(name)
        if node is None:
            raise refusal(errno.ENOENT, path)
        return node

    def _folder(self, path: str, make: bool = False) -> _Folder:
        node = self._top
        for name in parts(path):
            found = node.entries.get(name)
            if found is None and make:
                found = node.entries[name] = _Folder(0o755, self._now())
            if found is None:
                raise refusal(errno.ENOENT, path)
            if not isinstance(found, _Folder):
                raise refusal(errno.ENOTDIR, path)
            node = found
        return node


def _size(node: _Node) -> int:
    if isinstance(node, _Folder):
        return sum(map(_size, node.entries.values()))
    return len(node.data) if isinstance(node, _File) else 0
