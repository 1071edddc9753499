"""Words to what they mean: parameters, substitutions, arithmetic, splitting, names of files."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable

from minikube_py.controllers.kubelet.shell import patterns
from minikube_py.controllers.kubelet.shell.arithmetic import BadArithmetic, evaluate
from minikube_py.controllers.kubelet.shell.fields import WHITESPACE, Fields, as_pattern, plain
from minikube_py.controllers.kubelet.shell.session import Session
from minikube_py.controllers.kubelet.shell.state import Failed, State
from minikube_py.controllers.kubelet.shell.syntax import (
    Arithmetic,
    Block,
    Parameter,
    Part,
    Substitution,
    Text,
    Word,
)


class Expansion:
    """Of one shell, in a session. `output` runs commands and gives what they wrote. Raises Failed."""

    def __init__(self, state: State, session: Session, output: Callable[[Block], Awaitable[str]]) -> None:
        self._state = state
        self._session = session
        self._output = output

    async def fields(self, words: Iterable[Word]) -> list[str]:
        """What a command gets as its words."""
        found: list[str] = []
        for word in words:
            if len(word) == 1 and isinstance(part := word[0], Text) and (part.quoted or not _is_special(part.value)):
                found.append(part.value)
                continue
            fields = await self._expanded(word)
            for field in fields.done:
                found += await self._files(field)
        return found

    async def text(self, word: Word) -> str:
        """As one text, as it is assigned: neither split nor matched with files."""
        return " ".join(plain(field) for field in (await self._expanded(word, split=False)).done)

    async def pattern(self, word: Word) -> str:
        """As a pattern to match with (patterns.py)."""
        return " ".join(as_pattern(field) for field in (await self._expanded(word, split=False)).done)

    async def regexp(self, word: Word) -> str:
        """As a regular expression: what was quoted matches itself."""
        fields = (await self._expanded(word, split=False)).done
        return " ".join("".join(re.escape(text) if quoted else text for text, quoted in field) for field in fields)

    async def _files(self, field: list[tuple[str, bool]]) -> list[str]:
        text = plain(field)
        if "f" in self._state.options or not any(patterns.is_pattern(part) for part, quoted in field if not quoted):
            return [text]
        session = self._session
        return await patterns.expanded(session.files, session.cwd, as_pattern(field)) or [text]

    async def _expanded(self, word: Word, split: bool = True) -> Fields:
        fields = Fields(self._state.variables.get("IFS", WHITESPACE) if split else "")
        for index, part in enumerate(word):
            if not index and isinstance(part, Text) and not part.quoted and part.value.startswith("~"):
                part = self._home(part, alone=len(word) == 1)
            await self._part(fields, part, split)
        return fields

    def _home(self, part: Text, alone: bool) -> Text:
        name, slash, rest = part.value.partition("/")
        if name != "~" or not (slash or alone):
            return part
        return Text(f"{self._state.variables.get('HOME', '/')}{slash}{rest}", False)

    async def _part(self, fields: Fields, part: Part, split: bool) -> None:
        if isinstance(part, Text):
            fields.add(part.value, part.quoted)
        elif isinstance(part, Parameter):
            await self._parameter(fields, part, split)
        elif isinstance(part, Substitution):
            self._put(fields, await self._output(part.body), part.quoted)
        else:
            self._put(fields, await self._arithmetic(part), part.quoted)

    def _put(self, fields: Fields, value: str, quoted: bool) -> None:
        if quoted:
            fields.add(value, True)
        else:
            fields.split(value)

    async def _arithmetic(self, part: Arithmetic) -> str:
        return str(self._number(await self.text(part.expression)))

    def _number(self, text: str) -> int:
        try:
            return evaluate(text, lambda name: self._state.parameter(name) or "", self._state.assign)
        except BadArithmetic as error:
            raise Failed(str(error)) from None

    async def _parameter(self, fields: Fields, part: Parameter, split: bool) -> None:
        operator = part.operator
        if part.name in ("@", "*") and operator != "length":
            values: list[str] | None = self._state.arguments
            is_set = is_full = bool(values)
        else:
            value = self._length(part) if operator == "length" else self._state.parameter(part.name)
            values = None if value is None else [value]
            is_set, is_full = value is not None, bool(value)
        if operator and operator[-1] in "-=?+" and operator != "length":
            has = is_full if operator.startswith(":") else is_set
            if has == (operator[-1] == "+"):
                if has or operator[-1] in "-+":
                    await self._instead(fields, part, split)
                else:
                    await self._missing(fields, part)
                return
            if operator[-1] == "+":
                self._values(fields, part, [])
                return
        elif values is None and "u" in self._state.options and part.name not in ("@", "*"):
            raise Failed(f"{part.name}: parameter not set")
        if values is not None and operator in ("#", "##", "%", "%%", "/", "//", ":"):
            values = [await self._changed(part, value) for value in values]
        self._values(fields, part, values or ([] if part.name in ("@", "*") else [""]))

    def _length(self, part: Parameter) -> str | None:
        if part.name in ("@", "*"):
            return str(len(self._state.arguments))
        value = self._state.parameter(part.name)
        if value is None:
            return None if "u" in self._state.options else "0"
        return str(len(value))

    def _values(self, fields: Fields, part: Parameter, values: list[str]) -> None:
        if part.name == "*" and part.quoted:
            separator = self._state.variables.get("IFS", " ")[:1]
            fields.add(separator.join(values), True)
            return
        for index, value in enumerate(values):
            if index:
                fields.separate()
            self._put(fields, value, part.quoted)

    async def _instead(self, fields: Fields, part: Parameter, split: bool) -> None:
        """${name-argument}: its quotes count, and what is not quoted is split."""
        if not part.argument and part.quoted:
            fields.add("", True)
        for each in part.argument:
            if isinstance(each, Text) and not each.quoted and split:
                fields.split(each.value)
            else:
                await self._part(fields, each, split)

    async def _missing(self, fields: Fields, part: Parameter) -> None:
        """${name=argument}, ${name?argument}"""
        value = await self.text(part.argument)
        if part.operator[-1] == "?":
            raise Failed(f"{part.name}: {value or 'parameter not set'}")
        self._state.assign(part.name, value)
        self._put(fields, value, part.quoted)

    async def _changed(self, part: Parameter, value: str) -> str:
        if part.operator == ":":
            return await self._piece(part, value)
        pattern = await self.pattern(part.argument)
        if part.operator in ("/", "//"):
            replacement = await self.text(part.second or ())
            if not pattern:
                return value
            return patterns.compiled(pattern).sub(lambda _: replacement, value, count=int(part.operator == "/"))
        return _trimmed(value, pattern, part.operator)

    async def _piece(self, part: Parameter, value: str) -> str:
        start = self._number(await self.text(part.argument))
        start = max(0, start + len(value)) if start < 0 else start
        if part.second is None:
            return value[start:]
        length = self._number(await self.text(part.second))
        return value[start : length if length < 0 else start + length]


def _trimmed(value: str, pattern: str, operator: str) -> str:
    """Without the shortest (or, doubled, longest) beginning (#) or end (%) that matches."""
    sizes = range(len(value) + 1) if len(operator) == 1 else range(len(value), -1, -1)
    for size in sizes:
        if operator[0] == "#" and patterns.matches(pattern, value[:size]):
            return value[size:]
        if operator[0] == "%" and patterns.matches(pattern, value[len(value) - size :]):
            return value[: len(value) - size]
    return value


def _is_special(text: str) -> bool:
    return text.startswith("~") or patterns.is_pattern(text)
