"""What commands read: the files they are given, or stdin."""

from __future__ import annotations

import posixpath
from collections.abc import AsyncIterator, Sequence

from minikube_py.controllers.kubelet.shell.endings import Given
from minikube_py.controllers.kubelet.shell.session import Session
from minikube_py.machinery.streams import Reader, read_all


class Inputs:
    """Opens one after the other; those that cannot be are told, and `code` is 1 then."""

    def __init__(self, session: Session, command: str, names: Sequence[str]) -> None:
        self._session = session
        self._command = posixpath.basename(command)
        self._names = list(names) or ["-"]
        self.code = 0

    async def __aiter__(self) -> AsyncIterator[tuple[str, Reader]]:
        for name in self._names:
            reader = await self._open(name)
            if reader is not None:
                yield name, reader

    async def whole(self) -> AsyncIterator[tuple[str, bytes]]:
        async for name, reader in self:
            yield name, await read_all(reader)

    async def _open(self, name: str) -> Reader | None:
        session = self._session
        if name in ("-", "/dev/stdin"):
            return session.stdin
        try:
            return Given(await session.files.read(session.path(name)))
        except IsADirectoryError:
            await session.complain(f"{self._command}: read error: Is a directory")
        except OSError as error:
            await session.complain(f"{self._command}: can't open '{name}': {error.strerror}")
        self.code = 1
        return None


async def lines(reader: Reader) -> AsyncIterator[bytes]:
    """With their ends, as they come; the last may have none."""
    rest = b""
    while chunk := await reader.read():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest
