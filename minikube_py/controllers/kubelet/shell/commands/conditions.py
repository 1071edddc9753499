"""test and [, and what is between [[ and ]]."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence

from minikube_py.controllers.kubelet.cri.filesystem import Files
from minikube_py.controllers.kubelet.shell.patterns import matches
from minikube_py.controllers.kubelet.shell.regexps import compiled
from minikube_py.controllers.kubelet.shell.session import Complaint, Session

_integer = re.compile(r"\s*[-+]?[0-9]{1,18}\s*").fullmatch
_NUMERIC: Mapping[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}
_TEXTUAL: Mapping[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_BINARY = frozenset({*_NUMERIC, *_TEXTUAL, "-nt", "-ot", "-ef"})
PATTERNED = frozenset({"=", "==", "!="})
"""Before patterns, within [[ ]]."""
_UNARY = frozenset(f"-{letter}" for letter in "bcdefghknoprsStuwxzLOG")
_EXECUTABLE = 0o111
_DEEPEST = 40


async def test(session: Session, argv: Sequence[str]) -> int:
    """test expression, or [ expression ]: 0 if it holds, 1 if not, 2 if it is none."""
    words = list(argv[1:])
    if argv[0].endswith("["):
        if words[-1:] != ["]"]:
            raise Complaint("missing ]", 2)
        words.pop()
    if not words:
        return 1
    condition = _Condition(session, words)
    return 0 if await condition.run() else 1


async def conditional(session: Session, words: Sequence[str]) -> bool:
    """Whether what is between [[ and ]] holds. Raises Complaint."""
    return await _Conditional(session, list(words)).run()


class _Condition:
    binary = _BINARY
    either, both = "-o", "-a"

    def __init__(self, session: Session, words: list[str]) -> None:
        self._session = session
        self._words = words
        self._at = 0
        self._depth = 0

    async def run(self) -> bool:
        holds = await self._any()
        if self._at < len(self._words):
            raise Complaint(f"{self._words[self._at]}: unknown operand", 2)
        return holds

    def _peek(self, ahead: int = 0) -> str | None:
        index = self._at + ahead
        return self._words[index] if index < len(self._words) else None

    async def _any(self) -> bool:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Complaint("too deep", 2)
        holds = await self._all()
        while self._peek() == self.either:
            self._at += 1
            other = await self._all()
            holds = holds or other
        self._depth -= 1
        return holds

    async def _all(self) -> bool:
        holds = await self._not()
        while self._peek() == self.both:
            self._at += 1
            other = await self._not()
            holds = holds and other
        return holds

    async def _not(self) -> bool:
        negated = False
        while self._peek() == "!" and self._peek(1) is not None and self._peek(1) not in self.binary:
            self._at += 1
            negated = not negated
        return await self._primary() != negated

    async def _primary(self) -> bool:
        word, second = self._peek(), self._peek(1)
        if word is None:
            raise Complaint("argument expected", 2)
        if second in self.binary and self._peek(2) is not None:
            self._at += 3
            return await self._binary(word, second or "", self._words[self._at - 1])
        if word == "(" and second is not None:
            self._at += 1
            holds = await self._any()
            if self._peek() != ")":
                raise Complaint("closing paren expected", 2)
            self._at += 1
            return holds
        if word in _UNARY and second is not None:
            self._at += 2
            return await self._unary(word, second)
        self._at += 1
        return bool(word)

    async def _binary(self, left: str, sign: str, right: str) -> bool:
        if sign in _TEXTUAL:
            return _TEXTUAL[sign](left, right)
        if sign in _NUMERIC:
            return _NUMERIC[sign](_number(left), _number(right))
        return await self._newer(left, sign, right)

    async def _newer(self, left: str, sign: str, right: str) -> bool:
        files, one, other = self._session.files, self._session.path(left), self._session.path(right)
        if sign == "-ef":
            return await files.real(one) == await files.real(other)
        if sign == "-ot":
            one, other = other, one
        if not await files.exists(one):
            return False
        return not await files.exists(other) or (await files.stat(one)).mtime > (await files.stat(other)).mtime

    async def _unary(self, sign: str, word: str) -> bool:
        if sign in ("-n", "-z"):
            return bool(word) == (sign == "-n")
        files, path = self._session.files, self._session.path(word)
        if sign in ("-h", "-L"):
            return bool(word) and await _is_link(files, path)
        if sign == "-t" or not word or not await files.exists(path):
            return False
        stat = await files.stat(path)
        if sign in ("-e", "-r", "-w", "-O", "-G"):
            return True
        if sign == "-d":
            return stat.is_dir
        if sign == "-f":
            return not stat.is_dir and not path.startswith("/dev/")
        if sign == "-c":
            return not stat.is_dir and path.startswith("/dev/")
        if sign == "-s":
            return stat.is_dir or stat.size > 0
        return sign == "-x" and (stat.is_dir or bool(stat.mode & _EXECUTABLE))


class _Conditional(_Condition):
    """In which = compares with patterns, =~ with regular expressions, and what is no number is 0."""

    binary = _BINARY | {"=~"}
    either, both = "||", "&&"

    async def _binary(self, left: str, sign: str, right: str) -> bool:
        if sign in PATTERNED:
            return matches(right, left) == (sign != "!=")
        if sign == "=~":
            return compiled(right, right, 2).search(left) is not None
        if sign in _NUMERIC:
            return await super()._binary(left or "0", sign, right or "0")
        return await super()._binary(left, sign, right)


async def _is_link(files: Files, path: str) -> bool:
    try:
        return (await files.lstat(path)).target is not None
    except OSError:
        return False


def _number(text: str) -> int:
    if not _integer(text):
        raise Complaint(f"{text}: bad number", 2)
    return int(text)
