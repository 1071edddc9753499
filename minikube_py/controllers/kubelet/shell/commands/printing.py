"""Commands that write what they are told: echo, printf, seq, yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

from minikube_py.controllers.kubelet.shell.commands.options import parse
from minikube_py.controllers.kubelet.shell.escapes import unescape
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, encoded
from minikube_py.machinery.clock import next_turn

_WIDEST = 65536
_AT_ONCE = 1024
_conversion = re.compile(r"%([-+ 0#]*)(\*|[0-9]*)(?:\.(\*|[0-9]*))?([a-zA-Z%])")
_echo_options = re.compile(r"-[neE]+").fullmatch


async def echo(session: Session, argv: Sequence[str]) -> int:
    """echo [-neE] word ...: without -e, backslashes are like any other character."""
    words, end, escapes = list(argv[1:]), "\n", False
    while words and _echo_options(words[0]):
        for letter in words.pop(0)[1:]:
            end = "" if letter == "n" else end
            escapes = letter == "e" if letter in "eE" else escapes
    text, stop = " ".join(words), False
    if escapes:
        text, stop = unescape(text)
    await session.say(text if stop else text + end)
    return 0


async def printf(session: Session, argv: Sequence[str]) -> int:
    words = list(argv[2:] if argv[1:2] == ["--"] else argv[1:])
    if not words:
        raise Complaint("usage: printf FORMAT [ARG]...", 2)
    output = _Printf(words[0], words[1:])
    await session.stdout.write(encoded(output.run()))
    for problem in output.problems:
        await session.complain(f"printf: {problem}")
    return 1 if output.problems else 0


class _Printf:
    """The format is used again until no arguments are left."""

    def __init__(self, template: str, arguments: list[str]) -> None:
        self._template = template
        self._arguments = arguments
        self._stopped = False
        self.problems: list[str] = []

    def run(self) -> str:
        output = ""
        while not self._stopped:
            before = len(self._arguments)
            output += self._round()
            if not self._arguments or len(self._arguments) == before:
                break
        return output

    def _round(self) -> str:
        output, at = "", 0
        for match in _conversion.finditer(self._template):
            output += self._plain(self._template[at : match.start()])
            if self._stopped:
                return output
            output += self._converted(match)
            if self._stopped:
                return output
            at = match.end()
        return output + self._plain(self._template[at:])

    def _plain(self, text: str) -> str:
        text, self._stopped = unescape(text)
        return text

    def _next(self) -> str:
        return self._arguments.pop(0) if self._arguments else ""

    def _converted(self, match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        width = str(self._number(self._next())) if width == "*" else width
        if width.startswith("-"):
            flags, width = flags + "-", width[1:]
        precision = str(max(0, self._number(self._next()))) if precision == "*" else precision
        form = f"%{flags}{min(int(width or 0), _WIDEST) or ''}"
        if precision is not None:
            form += f".{min(int(precision or 0), _WIDEST)}"
        if kind in "sbc":
            return self._text(form, kind)
        if kind in "diuxXo":
            return f"{form}{'d' if kind in 'iu' else kind}" % self._number(self._next())
        if kind in "feEgG":
            return f"{form}{kind}" % self._float(self._next())
        self.problems.append(f"%{kind}: invalid format")
        self._stopped = True
        return ""

    def _text(self, form: str, kind: str) -> str:
        value = self._next()
        if kind == "b":
            value, self._stopped = unescape(value)
        return f"{form.replace('0', '', 1) if form[1:2] == '0' else form}s" % (value[:1] if kind == "c" else value)

    def _number(self, text: str) -> int:
        if text[:1] in ("'", '"'):
            return ord(text[1]) if len(text) > 1 else 0
        try:
            digits = text.strip().lstrip("+-")
            octal = len(digits) > 1 and digits.startswith("0") and digits.isdigit()
            return int(text, 8 if octal else 0) if text else 0
        except ValueError:
            self.problems.append(f"invalid number '{text}'")
            return 0

    def _float(self, text: str) -> float:
        try:
            return float(text) if text else 0.0
        except ValueError:
            self.problems.append(f"invalid number '{text}'")
            return 0.0


async def seq(session: Session, argv: Sequence[str]) -> int:
    """seq [-w] [-s separator] [first [step]] last"""
    words = list(argv[1:])
    options = parse([w for w in words if not _is_number(w)], "w", "s")
    values = [word for word in words if _is_number(word)]
    if options.operands:
        raise Complaint(f"invalid number '{options.operands[0]}'")
    if not 1 <= len(values) <= 3:
        raise Complaint("missing operand")
    first = float(values[0]) if len(values) > 1 else 1.0
    step = float(values[1]) if len(values) > 2 else 1.0
    last = float(values[-1])
    if not step:
        raise Complaint("increment of 0")
    digits = max(len(value.partition(".")[2]) for value in values)
    count = max(0, int((last - first) / step + 1e-9) + 1) if (last - first) / step >= 0 else 0
    width = max(len(f"{value:.{digits}f}") for value in (first, last)) if "w" in options else 0
    numbers = (f"{first + index * step:0{width}.{digits}f}" for index in range(count))
    await _joined(session, numbers.__next__, options.value("s", "\n"), count)
    return 0


async def _joined(session: Session, following: Callable[[], str], separator: str, count: int) -> None:
    """So many, written by and by."""
    for start in range(0, count, _AT_ONCE):
        size = min(_AT_ONCE, count - start)
        text = separator.join(following() for _ in range(size))
        await session.say(text + ("\n" if start + size == count else separator))
        await next_turn()


def _is_number(word: str) -> bool:
    return re.fullmatch(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)", word) is not None


async def yes(session: Session, argv: Sequence[str]) -> int:
    line = encoded(" ".join(argv[1:]) + "\n") if len(argv) > 1 else b"y\n"
    while True:
        await session.stdout.write(b"".join(islice(iter(lambda: line, b""), 64)))
        await next_turn()
