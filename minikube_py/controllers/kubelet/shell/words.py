"""Words of a script: quotes, escapes and expansions, read character by character."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable

from minikube_py.controllers.kubelet.shell.escapes import unescape
from minikube_py.controllers.kubelet.shell.syntax import (
    Arithmetic,
    Block,
    Incomplete,
    Parameter,
    Part,
    ShellSyntaxError,
    Substitution,
    Text,
    Word,
)

METACHARACTERS = " \t\n;&|<>()"
DEEPEST = 40
"""Levels of commands in commands, quotes in quotes."""

_plain = re.compile(r"[^\s;&|<>()\"'\\$`]+|[^\S \t\n]+").match
_plain_quoted = re.compile(r"[^\"\\$`]+").match
_plain_braced = re.compile(r"[^}/:\"'\\$`]+").match
_plain_arithmetic = re.compile(r"[^()\"\\$`]+").match
_name = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]").match
_braced_name = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]").match
_operator = re.compile(r":[-=?+]|[-=?+]|##?|%%?|//?|:").match
_Matcher = Callable[[str, int], re.Match[str] | None]
_UNTERMINATED = "unterminated quoted string"
_BAD = "bad substitution"


class WordScanner(ABC):
    """A place in a text. Each method reads what its name says from there and goes behind it.

    Raises ShellSyntaxError, and Incomplete where the text ends too early.
    """

    def __init__(self, text: str, depth: int = 0, final: bool = True) -> None:
        self.text = text
        self.at = 0
        self.final = final
        """Whether no more text will come."""
        self.depth = depth
        self._subshells: set[int] = set()
        """Where "$((" was found to begin a command: found out once, lest nested ones double the work."""

    @abstractmethod
    def enclosed(self) -> Block:
        """Commands up to a ")", and that."""

    @abstractmethod
    def program(self) -> Block:
        """Commands up to the end of the text."""

    def peek(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ShellSyntaxError("nested too deep")

    def word(self) -> Word | None:
        """None where no word begins."""
        parts: list[Part] = []
        while (char := self.peek()) and char not in METACHARACTERS:
            self._part(parts, char, _plain)
        return tuple(parts) if parts else None

    def _part(self, parts: list[Part], char: str, plain: _Matcher) -> None:
        """Outside of double quotes."""
        if char == "'":
            end = self._find("'", self.at + 1)
            parts.append(Text(self.text[self.at + 1 : end], True))
            self.at = end + 1
        elif char == '"':
            self.at += 1
            parts += self.quoted('"') or [Text("", True)]
            self.at += 1
        elif char == "\\":
            escaped = self.text[self.at + 1 : self.at + 2]
            self.at += 1 + len(escaped)
            if escaped != "\n":
                parts.append(Text(escaped or "\\", True))
        elif char in "$`":
            parts.append(self._expansion(quoted=False))
        else:
            parts.append(Text(self._run(plain, char), False))

    def _run(self, plain: _Matcher, char: str) -> str:
        """As much as is plain, a character at least."""
        match = plain(self.text, self.at)
        value = match[0] if match else char
        self.at += len(value)
        return value

    def _find(self, what: str, start: int) -> int:
        end = self.text.find(what, start)
        if end < 0:
            raise Incomplete(_UNTERMINATED)
        return end

    def quoted(self, end: str) -> list[Part]:
        """Up to a double quote; with "" up to the end of the text, where a double quote is like any other."""
        parts: list[Part] = []
        while (char := self.peek()) != end:
            if not char:
                raise Incomplete(_UNTERMINATED)
            if char == "\\":
                self._escaped(parts, '$`"\\' if end else "$`\\")
            elif char in "$`":
                parts.append(self._expansion(quoted=True))
            else:
                parts.append(Text(self._run(_plain_quoted, char), True))
        return parts

    def _escaped(self, parts: list[Part], special: str) -> None:
        """A backslash in double quotes."""
        char = self.text[self.at + 1 : self.at + 2]
        self.at += 1 + len(char)
        if char != "\n":
            parts.append(Text(char if char and char in special else f"\\{char}", True))

    def _expansion(self, quoted: bool) -> Part:
        if self.peek() == "`":
            return self._backquoted(quoted)
        ahead = self.peek(3)
        if ahead == "$((":
            found = self._arithmetic(quoted)
            if found is not None:
                return found
        if ahead[1:2] == "(":
            self.at += 2
            return Substitution(self.enclosed(), quoted)
        if ahead[1:2] == "{":
            self.at += 2
            return self._braced(quoted)
        if ahead[1:2] == "'" and not quoted:
            return self._escapes()
        match = _name(self.text, self.at + 1)
        self.at += 1
        if match is None:
            return Text("$", quoted)
        self.at = match.end()
        return Parameter(match[0], quoted)

    def _escapes(self) -> Text:
        r"""$'a\n'"""
        end = self.at + 2
        while self.text[end : end + 1] not in ("'", ""):
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise Incomplete(_UNTERMINATED)
        value, _ = unescape(self.text[self.at + 2 : end])
        self.at = end + 1
        return Text(value, True)

    def _backquoted(self, quoted: bool) -> Substitution:
        inner, at = "", self.at + 1
        while (char := self.text[at : at + 1]) != "`":
            if not char:
                raise Incomplete('unexpected end of file (expecting "`")')
            if char == "\\" and self.text[at + 1 : at + 2] in (("`", "$", "\\", '"') if quoted else ("`", "$", "\\")):
                at, char = at + 1, self.text[at + 1]
            inner += char
            at += 1
        self.at = at + 1
        self.deeper()
        body = type(self)(inner, self.depth).program()
        self.depth -= 1
        return Substitution(body, quoted)

    def _arithmetic(self, quoted: bool) -> Arithmetic | None:
        """$((...)); None, and nothing read, if it is a command in a subshell after all."""
        start, level = self.at, 0
        if start in self._subshells:
            return None
        self.at += 3
        parts: list[Part] = []
        self.deeper()
        while (char := self.peek()) != ")" or level:
            if not char:
                raise Incomplete('unexpected end of file (expecting "))")')
            if char in "()":
                level += 1 if char == "(" else -1
            if char == "\\":
                self._escaped(parts, '$`"\\')
            elif char in "$`":
                parts.append(self._expansion(quoted=True))
            elif (value := self._run(_plain_arithmetic, char)) != '"':
                parts.append(Text(value, True))
        self.depth -= 1
        if self.peek(2) != "))":
            self._subshells.add(start)
            self.at = start
            return None
        self.at += 2
        return Arithmetic(tuple(parts), quoted)

    def _braced(self, quoted: bool) -> Parameter:
        """Behind "${"."""
        self.deeper()
        length = self.peek() == "#" and self.peek(2) not in ("#}", "#") and _braced_name(self.text, self.at + 1)
        match = length or _braced_name(self.text, self.at)
        if match is None:
            raise self._bad()
        self.at = match.end()
        operator, argument, second = ("length", (), None) if length else self._operation(quoted)
        if self.peek() != "}":
            raise self._bad()
        self.at += 1
        self.depth -= 1
        return Parameter(match[0], quoted, operator, argument, second)

    def _operation(self, quoted: bool) -> tuple[str, Word, Word | None]:
        match = _operator(self.text, self.at)
        if match is None:
            return "", (), None
        self.at = match.end()
        operator = match[0]
        quoting = quoted and operator[-1] in "-=?+"
        argument = self._argument(operator[0] if operator in ("/", "//", ":") else "", quoting)
        if operator in ("/", "//", ":") and self.peek() == operator[0]:
            self.at += 1
            return operator, argument, self._argument("", quoted=False)
        return operator, argument, None

    def _argument(self, separator: str, quoted: bool) -> Word:
        """Up to the closing brace or the separator. In double quotes, single ones are like any other character."""
        parts: list[Part] = []
        while (char := self.peek()) != "}" and (not separator or char != separator):
            if not char:
                raise Incomplete('unexpected end of file (expecting "}")')
            if quoted and char == "\\":
                self._escaped(parts, '$`"\\}')
            elif quoted and char not in '"$`':
                parts.append(Text(self._run(_plain_braced, char), True))
            elif quoted and char in "$`":
                parts.append(self._expansion(quoted=True))
            else:
                self._part(parts, char, _plain_braced)
        return tuple(parts)

    def _bad(self) -> ShellSyntaxError:
        return ShellSyntaxError(_BAD) if self.peek() else Incomplete('unexpected end of file (expecting "}")')
