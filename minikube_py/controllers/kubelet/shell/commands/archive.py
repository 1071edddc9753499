"""tar, as `kubectl cp` and people use it: to make, to list and to extract archives."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.filesystem import Stat, normal, parts
from minikube_py.controllers.kubelet.shell.commands.linking import make_room
from minikube_py.controllers.kubelet.shell.commands.options import parse
from minikube_py.controllers.kubelet.shell.session import Complaint, Session
from minikube_py.machinery.streams import read_all

if TYPE_CHECKING:
    import tarfile

_LONG = {
    "create": "c",
    "extract": "x",
    "get": "x",
    "list": "t",
    "file": "f",
    "directory": "C",
    "gzip": "z",
    "verbose": "v",
    "touch": "m",
    "overwrite": "k",
    "no-same-permissions": "o",
    "no-same-owner": "o",
    "same-permissions": "p",
    "preserve-permissions": "p",
    "same-owner": "s",
    "numeric-owner": "s",
    "strip-components": "S",
    "exclude": "X",
}
_BLOCK = 512
_EMPTY_END = bytes(2 * _BLOCK)


async def tar(session: Session, argv: Sequence[str]) -> int:
    """tar c|x|t [zvmop] [f file] [-C directory] [--strip-components n] [path ...]"""
    words = list(argv[1:])
    if words and not words[0].startswith("-"):
        words = _bundled(words)
    options = parse(words, "cxtzvmopks", "fCSX", _LONG)
    deeds = [letter for letter in "cxt" if letter in options]
    if len(deeds) != 1:
        raise Complaint("must specify one of -c, -x, -t" if not deeds else "-c, -x and -t exclude each other")
    directory = session.path(options.value("C", "."))
    if not await session.files.is_dir(directory):
        raise Complaint(f"can't change directory to '{options.value('C', '.')}': No such file or directory")
    file = options.value("f", "-")
    if deeds == ["c"]:
        return await _Creation(session, directory, "v" in options).run(file, options.operands, "z" in options)
    strip = options.value("S", "0")
    if not (strip.isascii() and strip.isdigit()):
        raise Complaint(f"invalid number '{strip}'")
    data = await read_all(session.stdin) if file == "-" else await session.files.read(session.path(file))
    extraction = _Extraction(session, directory, "v" in options, "m" in options, int(strip))
    return await extraction.run(data, options.operands, only_list=deeds == ["t"])


def _bundled(words: list[str]) -> list[str]:
    """Letters without a dash take their values from the words behind, in order."""
    letters, rest = words[0], words[1:]
    found: list[str] = []
    for letter in letters:
        found.append(f"-{letter}")
        if letter in "fC" and rest:
            found.append(rest.pop(0))
    return [*found, *rest]


class _Creation:
    def __init__(self, session: Session, directory: str, verbose: bool) -> None:
        self._session = session
        self._directory = directory
        self._verbose = verbose

    async def run(self, file: str, names: Sequence[str], compressed: bool) -> int:
        if not names:
            raise Complaint("empty archive")
        session, code = self._session, 0
        whole = bytearray()
        direct = file == "-" and not compressed
        for name in names:
            if name.startswith("/"):
                await session.complain("tar: removing leading '/' from member names")
            try:
                async for block in self._blocks(name):
                    if direct:
                        await session.stdout.write(block)
                    else:
                        whole += block
            except FileNotFoundError as error:
                await session.complain(f"tar: {name}: {error.strerror}")
                code = 1
        await self._finish(file, bytes(whole) + _EMPTY_END, compressed)
        if code:
            await session.complain("tar: error exit delayed from previous errors")
        return code

    async def _finish(self, file: str, data: bytes, compressed: bool) -> None:
        if compressed:
            import gzip

            data = gzip.compress(data, mtime=int(self._session.now()))
        if file == "-":
            await self._session.stdout.write(data)
        else:
            await self._session.files.write(self._session.path(file), data)

    async def _blocks(self, name: str) -> AsyncIterator[bytes]:
        """Of a file, or of a directory and all in it."""
        import tarfile

        files = self._session.files
        path = normal(name if name.startswith("/") else f"{self._directory}/{name}")
        stat = await files.lstat(path)
        member = name.lstrip("/") or "./"
        data = b"" if stat.is_dir or stat.target is not None else await files.read(path)
        if self._verbose:
            await self._session.complain(member)
        yield self._header(member, stat, len(data)).tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % _BLOCK)
        if stat.is_dir:
            for each in await files.listdir(path):
                async for block in self._blocks(f"{name.rstrip('/')}/{each}"):
                    yield block

    def _header(self, name: str, stat: Stat, size: int) -> tarfile.TarInfo:
        import tarfile

        info = tarfile.TarInfo(name.rstrip("/") + "/" if stat.is_dir else name)
        info.size, info.mode, info.mtime = size, stat.mode, int(stat.mtime)
        info.type = tarfile.DIRTYPE if stat.is_dir else tarfile.REGTYPE
        if stat.target is not None:
            info.type, info.linkname = tarfile.SYMTYPE, stat.target
        info.uid, info.gid = self._session.user.uid, self._session.user.gid
        info.uname = info.gname = self._session.user.name
        return info


class _Extraction:
    def __init__(self, session: Session, directory: str, verbose: bool, now: bool, strip: int) -> None:
        self._session = session
        self._directory = directory
        self._verbose = verbose
        self._now = now
        """Files get the time of their extraction."""
        self._strip = strip
        self._code = 0

    async def run(self, data: bytes, wanted: Sequence[str], only_list: bool) -> int:
        import tarfile

        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                for info in archive:
                    if not wanted or any(_is_within(info.name, each) for each in wanted):
                        await self._member(archive, info, only_list)
        except (tarfile.TarError, EOFError, ValueError):
            raise Complaint("invalid tar magic" if data else "short read") from None
        return self._code

    async def _member(self, archive: tarfile.TarFile, info: tarfile.TarInfo, only_list: bool) -> None:
        shown = f"{info.name}/" if info.isdir() else info.name
        if only_list or self._verbose:
            await self._session.say(f"{shown}\n")
        inside = "/".join(parts(info.name)[self._strip :])
        if only_list or not inside:
            return
        files, path = self._session.files, normal(f"{self._directory}/{inside}")
        if info.isdir():
            await files.mkdir(path, parents=True)
        elif info.isreg():
            await files.mkdir(path.rpartition("/")[0] or "/", parents=True)
            content = archive.extractfile(info)
            await make_room(files, path, links_only=True)
            await files.write(path, content.read() if content is not None else b"")
        elif info.issym():
            await files.mkdir(path.rpartition("/")[0] or "/", parents=True)
            await make_room(files, path)
            await files.symlink(path, info.linkname)
            return
        else:
            await self._session.complain(f"tar: can't create node '{shown}': Operation not supported")
            self._code = 1
            return
        await files.change(path, info.mode & 0o777, None if self._now else float(info.mtime))


def _is_within(name: str, wanted: str) -> bool:
    path, above = parts(name), parts(wanted)
    return path[: len(above)] == above
