"""Commands that show what files there are: ls, find, stat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from minikube_py.controllers.kubelet.cri.filesystem import Stat
from minikube_py.controllers.kubelet.shell.commands.options import Options, parse
from minikube_py.controllers.kubelet.shell.patterns import matches
from minikube_py.controllers.kubelet.shell.session import Complaint, Session

_HALF_A_YEAR = 182 * 86400
_BLOCK = 1024
_STICKY = 0o1000
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


async def ls(session: Session, argv: Sequence[str]) -> int:
    """ls [-1aAldhLRtrSF] [path ...]"""
    options = parse(argv[1:], "1aAldhHLRtrSFCinp", long={"all": "a", "almost-all": "A", "color": "C", "recursive": "R"})
    files: list[tuple[str, Stat]] = []
    directories: list[str] = []
    code = 0
    for name in options.operands or ["."]:
        try:
            stat = await _looked_at(session, session.path(name), not any(letter in options for letter in "ldF"))
        except OSError as error:
            await session.complain(f"ls: {name}: {error.strerror}")
            code = 1
            continue
        if stat.is_dir and "d" not in options:
            directories.append(name)
        else:
            files.append((name, stat))
    listing = _Listing(session, options)
    await listing.show(files)
    titled = len(options.operands) > 1 or "R" in options
    for index, name in enumerate(directories):
        if titled:
            await session.say(("\n" if index or files else "") + f"{name}:\n")
        await listing.directory(name, titled)
    return code


async def _looked_at(session: Session, path: str, through: bool) -> Stat:
    """Of a file, or `through` a link; the link itself where it leads nowhere."""
    files = session.files
    return await (files.stat(path) if through and await files.exists(path) else files.lstat(path))


class _Listing:
    def __init__(self, session: Session, options: Options) -> None:
        self._session = session
        self._options = options

    async def directory(self, name: str, titled: bool) -> None:
        files, path = self._session.files, self._session.path(name)
        names = await files.listdir(path)
        if "a" in self._options:
            names = [".", "..", *names]
        elif "A" not in self._options:
            names = [each for each in names if not each.startswith(".")]
        through = "L" in self._options
        entries = [(each, await _looked_at(self._session, f"{path}/{each}", through)) for each in names]
        if "l" in self._options:
            await self._session.say(f"total {sum(_blocks(stat) for _, stat in entries)}\n")
        await self.show(entries)
        if "R" in self._options:
            for each, stat in entries:
                if stat.is_dir and each not in (".", ".."):
                    deeper = f"{name.rstrip('/')}/{each}"
                    await self._session.say(f"\n{deeper}:\n")
                    await self.directory(deeper, titled)

    async def show(self, entries: list[tuple[str, Stat]]) -> None:
        options = self._options
        if "t" in options:
            entries = sorted(entries, key=lambda entry: -entry[1].mtime)
        if "S" in options:
            entries = sorted(entries, key=lambda entry: -entry[1].size)
        for name, stat in reversed(entries) if "r" in options else entries:
            shown = f"{name}{self._sign(stat)}"
            if stat.target is not None and "l" in options:
                shown = f"{name} -> {stat.target}"
            await self._session.say(self._long(shown, stat) if "l" in options else f"{shown}\n")

    def _sign(self, stat: Stat) -> str:
        """What it is, behind its name."""
        if stat.is_dir:
            return "/" if "F" in self._options or "p" in self._options else ""
        return "@" if stat.target is not None and "F" in self._options else ""

    def _long(self, name: str, stat: Stat) -> str:
        size = _human(stat.size) if "h" in self._options else str(stat.size)
        user = self._session.user.shown
        links = 2 if stat.is_dir else 1
        return f"{permissions(stat):<10} {links:>4} {user:<8} {user:<8} {size:>9} {self._date(stat.mtime)} {name}\n"

    def _date(self, mtime: float) -> str:
        when = datetime.fromtimestamp(mtime, UTC)
        recent = abs(self._session.now() - mtime) < _HALF_A_YEAR
        return (
            f"{_MONTHS[when.month - 1]} {when.day:>2} {when:%H:%M}"
            if recent
            else (f"{_MONTHS[when.month - 1]} {when.day:>2}  {when.year}")
        )


def permissions(stat: Stat) -> str:
    bits = "".join(letter if stat.mode >> (8 - index) & 1 else "-" for index, letter in enumerate("rwxrwxrwx"))
    if stat.mode & _STICKY:
        bits = bits[:-1] + ("t" if stat.mode & 1 else "T")
    return ("d" if stat.is_dir else "-" if stat.target is None else "l") + bits


def _blocks(stat: Stat) -> int:
    """Short targets of links are kept with their names."""
    return 0 if stat.target is not None else 4 * -(-stat.size // (4 * _BLOCK))


def _human(size: int) -> str:
    amount = float(size)
    for unit in ("", "K", "M", "G"):
        if amount < _BLOCK or unit == "G":
            break
        amount /= _BLOCK
    return f"{amount:.1f}{unit}" if unit else str(size)


async def find(session: Session, argv: Sequence[str]) -> int:
    """find [path ...] [-name pattern] [-type f|d|l] [-maxdepth n] [-mindepth n]"""
    words = list(argv[1:])
    start = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    tests, names = _tests(words[start:]), words[:start] or ["."]
    code = 0
    for name in names:
        try:
            await session.files.lstat(session.path(name))
        except OSError:
            await session.complain(f"find: {name}: No such file or directory")
            code = 1
            continue
        async for path, depth, stat in _below(session, name, 0, int(tests.get("-maxdepth", "1000"))):
            kind = "d" if stat.is_dir else "f" if stat.target is None else "l"
            base = path.rstrip("/").rpartition("/")[2] or path
            if (
                depth >= int(tests.get("-mindepth", "0"))
                and kind == tests.get("-type", kind)
                and matches(tests.get("-name", "*"), base)
            ):
                await session.say(f"{path}\n")
    return code


def _tests(words: list[str]) -> dict[str, str]:
    words = [word for word in words if word != "-print"]
    tests = dict(zip(words[::2], words[1::2], strict=False))
    for name, value in tests.items():
        if name not in ("-name", "-type", "-maxdepth", "-mindepth"):
            raise Complaint(f"unrecognized: {name}")
        if name.endswith("depth") and not (value.isascii() and value.isdigit()):
            raise Complaint(f"invalid number '{value}'")
    if len(words) % 2:
        raise Complaint(f"unrecognized: {words[-1]}")
    return tests


async def _below(session: Session, path: str, depth: int, deepest: int) -> AsyncIterator[tuple[str, int, Stat]]:
    stat = await session.files.lstat(session.path(path))
    yield path, depth, stat
    if stat.is_dir and depth < deepest:
        for name in await session.files.listdir(session.path(path)):
            async for each in _below(session, f"{path.rstrip('/')}/{name}", depth + 1, deepest):
                yield each


async def stat(session: Session, argv: Sequence[str]) -> int:
    """stat [-L] -c format file ...: %n %N %s %a %A %F %Y %U %u %g"""
    options = parse(argv[1:], "L", "c")
    template = options.value("c", "  File: %n\n  Size: %s\nAccess: (%a/%A)")
    for name in options.operands:
        found = await _looked_at(session, session.path(name), "L" in options)
        linked = found.target is not None
        meanings = {
            "%n": name,
            "%N": f"'{name}' -> '{found.target}'" if linked else name,
            "%s": str(found.size),
            "%a": f"{found.mode:o}",
            "%A": permissions(found),
            "%F": "directory" if found.is_dir else "symbolic link" if linked else "regular file",
            "%Y": str(int(found.mtime)),
            "%U": session.user.name or "UNKNOWN",
            "%u": str(session.user.uid),
            "%g": str(found.gid),
        }
        text = template
        for sign, meaning in meanings.items():
            text = text.replace(sign, meaning)
        await session.say(f"{text}\n")
    return 0
