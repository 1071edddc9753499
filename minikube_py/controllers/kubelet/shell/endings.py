"""Ends of streams that are no pipes: bytes to be read, bytes that gather, a file that is written, nothing at all."""

from __future__ import annotations

from minikube_py.controllers.kubelet.cri.filesystem import Files
from minikube_py.machinery.streams import LIMIT, Reader


class Given:
    """Bytes to be read. Implements Reader."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = memoryview(data)

    async def read(self, limit: int = LIMIT) -> bytes:
        taken, self._data = bytes(self._data[:limit]), self._data[limit:]
        return taken


class Gathered:
    """Keeps what is written, or so many bytes of it. Implements Writer."""

    def __init__(self, limit: int | None = None) -> None:
        self.data = bytearray()
        self._limit = limit

    async def write(self, data: bytes) -> None:
        self.data += data
        if self._limit is not None:
            del self.data[self._limit :]

    def close(self) -> None:
        pass


class Dropped:
    """Writes go nowhere. Implements Writer."""

    async def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


class Appended:
    """What is written goes to the end of a file. Implements Writer."""

    def __init__(self, files: Files, path: str) -> None:
        self._files = files
        self._path = path

    async def write(self, data: bytes) -> None:
        await self._files.write(self._path, data, append=True)

    def close(self) -> None:
        pass


async def read_line(reader: Reader) -> bytes:
    """A line with its end and not a byte more, since another command may read on; what is left at the end of all."""
    line = bytearray()
    while (byte := await reader.read(1)) and byte != b"\n":
        line += byte
    return bytes(line + byte)
