"""A tree of files in memory: an emptyDir, which several containers hold by reference, or a container's own root."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping

from minikube_py.controllers.kubelet.cri.filesystem import Stat, parts, refusal


class _File:
    __slots__ = ("data", "mode", "mtime")

    def __init__(self, mode: int, mtime: float) -> None:
        self.data = bytearray()
        self.mode = mode
        self.mtime = mtime


class _Folder:
    __slots__ = ("entries", "mode", "mtime")

    def __init__(self, mode: int, mtime: float) -> None:
        self.entries: dict[str, _File | _Folder] = {}
        self.mode = mode
        self.mtime = mtime


class Directory:
    """Implements Mount. `now` is the clock's: when something is changed. `content` is as for `put`."""

    read_only = False

    def __init__(self, now: Callable[[], float], content: Mapping[str, bytes] | None = None) -> None:
        self._now = now
        self._top = _Folder(0o755, now())
        for path, data in (content or {}).items():
            self.put(path, data)

    def put(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """A file and the directories above it, at once: for who prepares the tree."""
        *above, name = parts(path)
        folder = self._folder("/".join(above), make=True)
        folder.entries[name] = file = _File(mode, self._now())
        file.data += data

    def put_directory(self, path: str, mode: int = 0o755) -> None:
        """Likewise a directory; one that is there stays."""
        self._folder(path, make=True).mode = mode

    @property
    def size(self) -> int:
        """Bytes in all files."""
        return _size(self._top)

    async def stat(self, path: str) -> Stat:
        node = self._node(path)
        size = len(node.data) if isinstance(node, _File) else 0
        return Stat(isinstance(node, _Folder), size, node.mode, node.mtime)

    async def read(self, path: str) -> bytes:
        return self.content(path)

    def content(self, path: str) -> bytes:
        """Of a file, at once. Raises OSError."""
        node = self._node(path)
        if isinstance(node, _Folder):
            raise refusal(errno.EISDIR, path)
        return bytes(node.data)

    async def listdir(self, path: str) -> list[str]:
        return list(self._folder(path).entries)

    async def write(self, path: str, data: bytes, append: bool) -> None:
        folder, name = self._place(path)
        node = folder.entries.get(name)
        if isinstance(node, _Folder):
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
        folder, name = self._place(path)
        if name in folder.entries:
            raise refusal(errno.EEXIST, path)
        folder.mtime = now = self._now()
        folder.entries[name] = _Folder(0o755, now)

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

    def _node(self, path: str) -> _File | _Folder:
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
            if isinstance(found, _File):
                raise refusal(errno.ENOTDIR, path)
            node = found
        return node


def _size(node: _File | _Folder) -> int:
    return len(node.data) if isinstance(node, _File) else sum(map(_size, node.entries.values()))
