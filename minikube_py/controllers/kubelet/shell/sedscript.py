"""Scripts of sed, parsed: "2,4d; /^#/!s/a/b/g; $p"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from minikube_py.controllers.kubelet.shell.regexps import compiled, extended
from minikube_py.controllers.kubelet.shell.session import Complaint

LAST = "$"
Address = int | str | re.Pattern[str]
"""A line's number, LAST, or what it is to match."""
_number = re.compile(r"\d+").match
_flags = re.compile(r"[gpiI0-9]*").match
_replaced = re.compile(r"\\([0-9n&\\/]|\n)|(&)|\\(.)", re.DOTALL)
_TEXTS = "aic"


class Instruction(NamedTuple):
    name: str
    """One of "spdq=aicy"."""
    first: Address | None
    last: Address | None
    """Of a range."""
    negated: bool
    text: str = ""
    """Of a, i and c; what y makes of characters; what s replaces by, as Python has it."""
    pattern: re.Pattern[str] | None = None
    nth: int = 1
    """Which match s replaces first."""
    every: bool = False
    """And those after it."""
    shown: bool = False


def parse_script(text: str, is_extended: bool) -> list[Instruction]:
    """Raises Complaint."""
    return list(_Script(text, is_extended).instructions())


class _Script:
    def __init__(self, text: str, is_extended: bool) -> None:
        self._text = text
        self._extended = is_extended
        self._at = 0

    def instructions(self) -> Iterator[Instruction]:
        while True:
            self._skip("; \t\n")
            if not self._peek():
                return
            if self._peek() == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
                continue
            yield self._instruction()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, characters: str) -> None:
        while self._peek() and self._peek() in characters:
            self._at += 1

    def _instruction(self) -> Instruction:
        first, last = self._address(), None
        if first is not None and self._peek() == ",":
            self._at += 1
            last = self._address()
            if last is None:
                raise Complaint("no address after comma")
        self._skip(" \t")
        negated = self._peek() == "!"
        self._at += negated
        self._skip(" \t")
        name = self._peek()
        self._at += 1
        addressed = (name, first, last, negated)
        if not name:
            raise Complaint("missing command")
        if name == "s":
            return self._substitution(*addressed)
        if name == "y":
            source, target = self._delimited(self._peek(), 2)
            if len(source) != len(target):
                raise Complaint("y command strings have different lengths")
            return Instruction(*addressed, text=source + target)
        if name in _TEXTS:
            return Instruction(*addressed, text=self._rest())
        if name not in "pdq=":
            raise Complaint(f"unsupported command {name}")
        self._end()
        return Instruction(*addressed)

    def _address(self) -> Address | None:
        if (match := _number(self._text, self._at)) is not None:
            self._at = match.end()
            return int(match[0])
        if self._peek() == LAST:
            self._at += 1
            return LAST
        if self._peek() not in ("/", "\\"):
            return None
        self._at += self._peek() == "\\"
        (pattern,) = self._delimited(self._peek(), 1)
        ignoring = self._peek() == "I"
        self._at += ignoring
        return self._compiled(pattern, ignoring)

    def _delimited(self, delimiter: str, count: int) -> list[str]:
        """So many texts, with the delimiter before, between and behind them."""
        found: list[str] = []
        self._at += 1
        for _ in range(count):
            start = self._at
            while self._peek() != delimiter or not delimiter:
                if not self._peek():
                    raise Complaint(f"unmatched '{delimiter}'")
                self._at += 2 if self._peek() == "\\" else 1
            text = self._text[start : self._at]
            found.append(text if delimiter in "/&" else text.replace(f"\\{delimiter}", delimiter))
            self._at += 1
        return found

    def _compiled(self, pattern: str, ignoring: bool) -> re.Pattern[str]:
        source = pattern.replace(r"\n", "\n").replace(r"\/", "/")
        source = source if self._extended else extended(source)
        return compiled(f"(?i){source}" if ignoring else source, pattern)

    def _substitution(self, name: str, first: Address | None, last: Address | None, negated: bool) -> Instruction:
        pattern, replacement = self._delimited(self._peek(), 2)
        match = _flags(self._text, self._at)
        assert match is not None
        self._at = match.end()
        flags = match[0]
        self._end()
        which = re.sub(r"\D", "", flags)
        return Instruction(
            name,
            first,
            last,
            negated,
            text=_replaced.sub(_as_python, replacement),
            pattern=self._compiled(pattern, "i" in flags.lower()),
            nth=int(which or 1),
            every="g" in flags,
            shown="p" in flags,
        )

    def _rest(self) -> str:
        """The text that follows, up to the end of the line: "a text", or "a\\", a newline and the text."""
        self._skip(" \t")
        if self._peek() == "\\":
            self._at += 1
            self._skip("\n")
        start = self._at
        end = self._text.find("\n", start)
        self._at = len(self._text) if end < 0 else end
        return self._text[start : self._at]

    def _end(self) -> None:
        self._skip(" \t")
        if self._peek() not in ("", ";", "\n", "#"):
            raise Complaint("extra characters after command")


def _as_python(match: re.Match[str]) -> str:
    """Part of a replacement as re's templates have it."""
    if match[2] or match[1] == "0":
        return r"\g<0>"
    if match[3]:
        return match[3]
    if match[1].isdigit():
        return rf"\g<{match[1]}>"
    return "\n" if match[1] == "n" else r"\\" if match[1] == "\\" else match[1]
