"""Commands that pass on what they read: cat, head, tail, tee, wc."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from minikube_py.controllers.kubelet.shell.commands.options import number, parse
from minikube_py.controllers.kubelet.shell.commands.reading import Inputs, lines
from minikube_py.controllers.kubelet.shell.redirections import writer
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, encoded
from minikube_py.machinery.streams import Reader, Writer, read_all

_FOLLOWS_EVERY = 1.0
"""Seconds."""


async def cat(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "nueAv")
    inputs = Inputs(session, argv[0], options.operands)
    count = 0
    async for _, reader in inputs:
        if "n" in options:
            async for line in lines(reader):
                count += 1
                await session.stdout.write(b"%6d\t%s" % (count, line))
            continue
        while chunk := await reader.read():
            await session.stdout.write(chunk)
    return inputs.code


def _old_style(words: Sequence[str], signs: str) -> list[str]:
    """A first word -5 as -n 5, and +5 as -n +5."""
    first = words[0] if words else ""
    if first[:1] not in ("-", "+") or first[0] not in signs or not first[1:].isdigit():
        return list(words)
    return [f"-n{first.removeprefix('-')}", *words[1:]]


async def head(session: Session, argv: Sequence[str]) -> int:
    """head [-n lines] [-c bytes] [-q] [-v] [file ...]"""
    options = parse(_old_style(argv[1:], "-"), "qv", "nc", {"lines": "n", "bytes": "c"})
    inputs = Inputs(session, argv[0], options.operands)
    titles = _Titles(session, options.operands, "v" in options, "q" in options)
    async for name, reader in inputs:
        await titles.show(name)
        if "c" in options:
            await _first_bytes(session, reader, options.value("c", ""))
        else:
            await _first_lines(session, reader, options.value("n", "10"))
    return inputs.code


class _Titles:
    """ "==> name <==" before each of several."""

    def __init__(self, session: Session, names: Sequence[str], always: bool, never: bool) -> None:
        self._session = session
        self._wanted = (len(names) > 1 or always) and not never
        self._shown = False

    async def show(self, name: str) -> None:
        if self._wanted:
            gap = "\n" if self._shown else ""
            await self._session.say(f"{gap}==> {'standard input' if name == '-' else name} <==\n")
            self._shown = True


async def _first_bytes(session: Session, reader: Reader, amount: str) -> None:
    if amount.startswith("-"):
        data = await read_all(reader)
        await session.stdout.write(data[: max(0, len(data) - number(amount[1:]))])
        return
    left = number(amount)
    while left and (chunk := await reader.read(left)):
        left -= len(chunk)
        await session.stdout.write(chunk)


async def _first_lines(session: Session, reader: Reader, amount: str) -> None:
    if amount.startswith("-"):
        every = [line async for line in lines(reader)]
        await session.stdout.write(b"".join(every[: max(0, len(every) - number(amount[1:]))]))
        return
    left = number(amount)
    if not left:
        return
    async for line in lines(reader):
        await session.stdout.write(line)
        left -= 1
        if not left:
            return


async def tail(session: Session, argv: Sequence[str]) -> int:
    """tail [-n [+]lines] [-c [+]bytes] [-f|-F] [file ...]"""
    words = _old_style(argv[1:], "-+")
    options = parse(words, "fFqv", "ncs", {"lines": "n", "bytes": "c", "follow": "f", "retry": "F"})
    inputs = Inputs(session, argv[0], options.operands)
    titles = _Titles(session, options.operands, "v" in options, "q" in options)
    sizes: dict[str, int] = {}
    async for name, reader in inputs:
        await titles.show(name)
        sizes[name] = await _end(session, reader, options.value("n", "10"), options.given.get("c"))
    if "f" in options or "F" in options:
        wanted = options.operands if "F" in options else sizes
        await _follow(session, {name: sizes.get(name, 0) for name in wanted if name != "-"}, titles)
    return inputs.code


async def _end(session: Session, reader: Reader, amount: str, in_bytes: list[str] | None) -> int:
    """Writes the end of it, and says how much there was of it all."""
    amount = in_bytes[-1] if in_bytes else amount
    count = number(amount.lstrip("+-"))
    skip = max(0, count - 1) if amount.startswith("+") else None
    if in_bytes:
        data = await read_all(reader)
        await session.stdout.write(data[skip:] if skip is not None else data[max(0, len(data) - count) :])
        return len(data)
    size, kept = 0, deque[bytes](maxlen=count)
    index = 0
    async for line in lines(reader):
        size += len(line)
        if skip is None:
            kept.append(line)
        elif index >= skip:
            await session.stdout.write(line)
        index += 1
    await session.stdout.write(b"".join(kept))
    return size


async def _follow(session: Session, sizes: dict[str, int], titles: _Titles) -> None:
    """For ever: what is appended. Devices never grow, and nothing wakes up for them."""
    growing = {name: size for name, size in sizes.items() if not session.path(name).startswith("/dev/")}
    if not growing:
        await asyncio.get_running_loop().create_future()
    last = list(sizes)[-1]
    while True:
        await session.sleep(_FOLLOWS_EVERY)
        for name, size in growing.items():
            path = session.path(name)
            data = await session.files.read(path) if await session.files.exists(path) else b""
            growing[name] = len(data)
            new = data[size:] if len(data) >= size else data
            if new and name != last:
                await titles.show(name)
                last = name
            await session.stdout.write(new)


async def tee(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "ai")
    writers: list[Writer] = [session.stdout]
    code = 0
    for name in options.operands:
        try:
            writers.append(await writer(session, name, "a" in options))
        except Complaint as complaint:
            await session.complain(f"tee: {complaint}")
            code = 1
    while chunk := await session.stdin.read():
        for each in writers:
            await each.write(chunk)
    return code


async def wc(session: Session, argv: Sequence[str]) -> int:
    """wc [-lwcm] [file ...]"""
    options = parse(argv[1:], "lwcm")
    shown = [letter for letter in "lwmc" if letter in options] or ["l", "w", "c"]
    inputs = Inputs(session, argv[0], options.operands)
    totals = dict.fromkeys("lwmc", 0)
    async for name, data in inputs.whole():
        text = data.decode("utf-8", "replace")
        counts = {"l": data.count(b"\n"), "w": len(data.split()), "m": len(text), "c": len(data)}
        totals = {letter: totals[letter] + counts[letter] for letter in totals}
        await session.stdout.write(_counted(counts, shown, name if options.operands else ""))
    if len(options.operands) > 1:
        await session.stdout.write(_counted(totals, shown, "total"))
    return inputs.code


def _counted(counts: dict[str, int], shown: list[str], name: str) -> bytes:
    figures = [str(counts[letter]) for letter in shown]
    text = figures[0] if len(figures) == 1 else " ".join(f"{figure:>9}" for figure in figures)
    return encoded(f"{text} {name}\n" if name else f"{text}\n")
