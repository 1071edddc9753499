"""grep."""

from __future__ import annotations

import posixpath
import re
from collections.abc import AsyncIterator, Sequence

from minikube_py.controllers.kubelet.shell.commands.options import Options, parse
from minikube_py.controllers.kubelet.shell.commands.reading import Inputs, lines
from minikube_py.controllers.kubelet.shell.regexps import compiled, extended
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, decoded
from minikube_py.machinery.streams import Reader

_LONG = {
    "quiet": "q",
    "ignore-case": "i",
    "invert-match": "v",
    "extended-regexp": "E",
    "fixed-strings": "F",
    "count": "c",
    "line-number": "n",
    "only-matching": "o",
    "recursive": "r",
    "regexp": "e",
    "max-count": "m",
    "word-regexp": "w",
    "line-buffered": "z",
}


async def grep(session: Session, argv: Sequence[str]) -> int:
    """grep [-EFqivcnolhHwxsr] [-m count] [-e pattern] pattern [file ...]: 1 if nothing was selected."""
    options = parse(argv[1:], "EFGPqivcnolLhHwxsrz", "em", _LONG)
    operands = list(options.operands)
    patterns = options.given.get("e") or [operands.pop(0)] if operands or "e" in options else None
    if patterns is None:
        raise Complaint("missing pattern", 2)
    name = posixpath.basename(argv[0])
    selects = _Selection(session, patterns, options, {"egrep": "E", "fgrep": "F"}.get(name, ""))
    names = [each async for each in _walked(session, operands or ["."], given=True)] if "r" in options else operands
    titled = (len(names) > 1 or "r" in options or "H" in options) and "h" not in options
    inputs = Inputs(session, "grep", names)
    found = False
    async for each, reader in inputs:
        found = await selects.run(reader, each, titled) or found
        if found and "q" in options:
            return 0
    return 2 if inputs.code else 0 if found else 1


async def _walked(session: Session, names: Sequence[str], given: bool) -> AsyncIterator[str]:
    """Links are followed only where they are `given`."""
    for name in names:
        if not given and (await session.files.lstat(session.path(name))).target is not None:
            continue
        if await session.files.is_dir(session.path(name)):
            deeper = [f"{name.rstrip('/')}/{each}" for each in await session.files.listdir(session.path(name))]
            async for each in _walked(session, deeper, given=False):
                yield each
        else:
            yield name


class _Selection:
    def __init__(self, session: Session, patterns: Sequence[str], options: Options, kind: str) -> None:
        self._session = session
        self._options = options
        kind = kind or next((letter for letter in "FEP" if letter in options), "")
        every = [line for pattern in patterns for line in pattern.split("\n")]
        source = "|".join(f"(?:{_source(each, kind)})" for each in every)
        if "w" in options:
            source = rf"\b(?:{source})\b"
        if "x" in options:
            source = f"^(?:{source})$"
        self._pattern = compiled(f"(?i){source}" if "i" in options else source, patterns[0], 2)

    async def run(self, reader: Reader, name: str, titled: bool) -> bool:
        """Whether any line was selected."""
        count, options = 0, self._options
        most = int(options.value("m", "0") or 0) if options.value("m", "0").isdecimal() else 0
        index = 0
        silent = any(letter in options for letter in "qclL")
        async for line in lines(reader):
            index += 1
            text = decoded(line.rstrip(b"\n"))
            if (self._pattern.search(text) is None) != ("v" in options):
                continue
            count += 1
            if "q" in options or "l" in options:
                break
            if not silent:
                await self._show(text, index, name if titled else "")
            if count == most:
                break
        await self._sum(count, name, titled)
        return bool(count)

    async def _show(self, text: str, index: int, name: str) -> None:
        prefix = (f"{name}:" if name else "") + (f"{index}:" if "n" in self._options else "")
        if "o" not in self._options:
            await self._session.say(f"{prefix}{text}\n")
            return
        for match in self._pattern.finditer(text):
            if match[0]:
                await self._session.say(f"{prefix}{match[0]}\n")

    async def _sum(self, count: int, name: str, titled: bool) -> None:
        shown = "(standard input)" if name == "-" else name
        if "q" in self._options:
            return
        if ("l" in self._options and count) or ("L" in self._options and not count):
            await self._session.say(f"{shown}\n")
        elif "c" in self._options:
            await self._session.say(f"{shown}:{count}\n" if titled else f"{count}\n")


def _source(pattern: str, kind: str) -> str:
    """As an expression of Go's."""
    if kind == "F":
        return re.escape(pattern)
    return pattern if kind else extended(pattern)
