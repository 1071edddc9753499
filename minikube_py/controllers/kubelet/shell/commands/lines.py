"""Commands that rearrange lines: sort, uniq, cut, tr, rev."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from minikube_py.controllers.kubelet.shell.commands.options import needed, number, parse
from minikube_py.controllers.kubelet.shell.commands.reading import Inputs, lines
from minikube_py.controllers.kubelet.shell.escapes import unescape
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, decoded, encoded

_leading_number = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]*)?|-?\.[0-9]+)").match
_key = re.compile(r"([0-9]+)(?:\.[0-9]+)?([nr]*)(?:,([0-9]+)(?:\.[0-9]+)?([nr]*))?").fullmatch


async def sort(session: Session, argv: Sequence[str]) -> int:
    """sort [-nruf] [-t separator] [-k field[,field]] [file ...]"""
    options = parse(argv[1:], "nrufbs", "tk", {"reverse": "r", "unique": "u", "numeric-sort": "n"})
    inputs = Inputs(session, argv[0], options.operands)
    found = [decoded(line.rstrip(b"\n")) async for _, reader in inputs async for line in lines(reader)]
    match = _key(options.value("k", "1"))
    if match is None or match[1] == "0":
        raise Complaint(f"bad field specification '{options.value('k', '')}'")
    first, last = int(match[1]), int(match[3] or 0)
    flags = (match[2] or "") + (match[4] or "")
    separator = options.value("t", "") or None
    numeric, reverse = "n" in options or "n" in flags, "r" in options or "r" in flags

    def key(line: str) -> tuple[float, str]:
        text = line
        if "k" in options:
            fields = line.split(separator)
            text = (separator or " ").join(fields[first - 1 : last or None])
        text = text.lower() if "f" in options else text
        if numeric:
            leading = _leading_number(text)
            return (float(leading[1]) if leading else 0.0, "" if "u" in options else line)
        return (0.0, text)

    found.sort(key=encoded)
    found.sort(key=lambda line: (key(line)[0], encoded(key(line)[1])), reverse=reverse)
    if "u" in options:
        found = [next(group) for _, group in groupby(found, key)]
    await session.say("".join(f"{line}\n" for line in found))
    return inputs.code


async def uniq(session: Session, argv: Sequence[str]) -> int:
    """uniq [-cdui] [file]"""
    options = parse(argv[1:], "cdui")
    inputs = Inputs(session, argv[0], options.operands[:1])
    found = [decoded(line.rstrip(b"\n")) async for _, reader in inputs async for line in lines(reader)]
    for _, group in groupby(found, lambda line: line.lower() if "i" in options else line):
        same = list(group)
        if ("d" in options and len(same) == 1) or ("u" in options and len(same) > 1):
            continue
        await session.say(f"{len(same):>7} {same[0]}\n" if "c" in options else f"{same[0]}\n")
    return inputs.code


async def cut(session: Session, argv: Sequence[str]) -> int:
    """cut -f list [-d separator] [-s] | -c list | -b list [file ...]"""
    options = parse(argv[1:], "sn", "fdcb", {"fields": "f", "delimiter": "d", "characters": "c"})
    kind = next((letter for letter in "fcb" if letter in options), None)
    if kind is None:
        raise Complaint("expected a list of bytes, characters, or fields")
    ranges = _ranges(options.value(kind, ""))
    separator = options.value("d", "\t")
    inputs = Inputs(session, argv[0], options.operands)
    async for _, reader in inputs:
        async for line in lines(reader):
            text = decoded(line.rstrip(b"\n"))
            if kind != "f":
                await session.say("".join(_chosen(list(text), ranges)) + "\n")
            elif separator in text:
                await session.say(separator.join(_chosen(text.split(separator), ranges)) + "\n")
            elif "s" not in options:
                await session.say(text + "\n")
    return inputs.code


def _ranges(text: str) -> list[tuple[int, int | None]]:
    """ "1,3-4,6-" Raises Complaint."""
    ranges: list[tuple[int, int | None]] = []
    for each in text.split(","):
        first, dash, last = each.partition("-")
        if not (first or last):
            raise Complaint(f"invalid range '{each}'")
        start = number(first) if first else 1
        if start == 0:
            raise Complaint(f"invalid range '{each}'")
        ranges.append((start, number(last) if last else None if dash else start))
    return ranges


def _chosen(parts: list[str], ranges: list[tuple[int, int | None]]) -> list[str]:
    return [
        part
        for index, part in enumerate(parts, 1)
        if any(first <= index and (last is None or index <= last) for first, last in ranges)
    ]


async def tr(session: Session, argv: Sequence[str]) -> int:
    """tr [-cds] set [set]"""
    options = parse(argv[1:], "cCds", mixed=False)
    needed(options.operands, 1)
    first = _set(options.operands[0])
    second = _set(options.operands[1]) if len(options.operands) > 1 else ""
    inverse = "c" in options or "C" in options
    if not second and "d" not in options and "s" not in options:
        raise Complaint("missing operand")
    squeezed = (second or first) if "s" in options else ""
    table = {char: second[min(index, len(second) - 1)] for index, char in reversed(list(enumerate(first))) if second}
    previous = ""
    while chunk := await session.stdin.read():
        out: list[str] = []
        for char in decoded(chunk):
            if (char in first) != inverse:
                if "d" in options:
                    continue
                char = (second[-1] if inverse and second else table.get(char, char)) if second else char
            if squeezed and char == previous and (char in squeezed) != (inverse and not second):
                continue
            previous = char
            out.append(char)
        await session.say("".join(out))
    return 0


_CLASSES = {
    "[:upper:]": "A-Z",
    "[:lower:]": "a-z",
    "[:digit:]": "0-9",
    "[:alpha:]": "A-Za-z",
    "[:alnum:]": "0-9A-Za-z",
    "[:space:]": " \t\n\v\f\r",
    "[:blank:]": " \t",
    "[:punct:]": "!-/:-@[-`{-~",
}


def _set(text: str) -> str:
    for name, meaning in _CLASSES.items():
        text = text.replace(name, meaning)
    text, _ = unescape(text)
    return re.sub(
        r"(.)-(.)",
        lambda match: "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1))),
        text,
        flags=re.DOTALL,
    )


async def rev(session: Session, argv: Sequence[str]) -> int:
    inputs = Inputs(session, argv[0], argv[1:])
    async for _, reader in inputs:
        async for line in lines(reader):
            await session.say(decoded(line.rstrip(b"\n"))[::-1] + "\n")
    return inputs.code
