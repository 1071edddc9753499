"""Label selectors and their string syntax: apimachinery's labels package.

    parse("app=web,tier in (front, back),!canary,gen>3").matches({"app": "web", "tier": "front", "gen": "4"})

Selectors are immutable and compiled when made: `matches` is a plain function of a labels mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from minikube_py.machinery.field import ErrorList, FieldError, Path, aggregate, invalid, not_supported
from minikube_py.machinery.integers import parse_int64
from minikube_py.machinery.names import label_value, qualified_name

Labels = Mapping[str, str]
Matcher = Callable[[Labels], bool]

IN, NOT_IN, EQUALS, DOUBLE_EQUALS, NOT_EQUALS = "in", "notin", "=", "==", "!="
GREATER_THAN, LESS_THAN, EXISTS, DOES_NOT_EXIST = "gt", "lt", "exists", "!"

_BINARY = (IN, NOT_IN, EQUALS, DOUBLE_EQUALS, NOT_EQUALS, GREATER_THAN, LESS_THAN)
_OPERATORS = (*_BINARY, EXISTS, DOES_NOT_EXIST)
_SIGNS = {EQUALS: "=", DOUBLE_EQUALS: "==", NOT_EQUALS: "!=", GREATER_THAN: ">", LESS_THAN: "<"}


class Requirement(NamedTuple):
    """One condition on one label. Of the operators, only in and notin have more than one value."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.operator == EXISTS:
            return self.key
        if self.operator == DOES_NOT_EXIST:
            return f"!{self.key}"
        values = ",".join(sorted(self.values))
        if self.operator in (IN, NOT_IN):
            return f"{self.key} {self.operator} ({values})"
        return f"{self.key}{_SIGNS.get(self.operator, '')}{values}"

    def matcher(self) -> Matcher:
        key, values = self.key, frozenset(self.values)
        if self.operator in (IN, EQUALS, DOUBLE_EQUALS):
            if len(values) == 1:
                (value,) = values
                return lambda labels: labels.get(key) == value
            return lambda labels: labels.get(key) in values
        if self.operator in (NOT_IN, NOT_EQUALS):
            return lambda labels: labels.get(key) not in values
        if self.operator == EXISTS:
            return lambda labels: key in labels
        if self.operator == DOES_NOT_EXIST:
            return lambda labels: key not in labels
        return self._comparison()

    def _comparison(self) -> Matcher:
        bound = parse_int64(self.values[0]) if len(self.values) == 1 else None
        if bound is None or self.operator not in (GREATER_THAN, LESS_THAN):
            return _never
        key, limit, greater = self.key, bound, self.operator == GREATER_THAN

        def matches(labels: Labels) -> bool:
            number = parse_int64(labels.get(key, ""))
            return number is not None and (number > limit if greater else number < limit)

        return matches


def _never(labels: Labels) -> bool:
    return False


def _always(labels: Labels) -> bool:
    return True


def _compiled(requirements: tuple[Requirement, ...]) -> Matcher:
    if not requirements:
        return _always
    if len(requirements) == 1:
        return requirements[0].matcher()
    exact = {each.key: each.values[0] for each in requirements if each.operator == EQUALS and len(each.values) == 1}
    if len(exact) == len(requirements):
        wanted = exact.items()
        return lambda labels: wanted <= labels.items()
    matchers = [each.matcher() for each in requirements]

    def matches(labels: Labels) -> bool:
        return all(matcher(labels) for matcher in matchers)

    return matches


class Selector:
    """All its requirements must hold. `selectable` is False for nothing(), which no labels match."""

    __slots__ = ("matches", "requirements", "selectable")

    def __init__(self, requirements: Iterable[Requirement] = (), selectable: bool = True) -> None:
        self.requirements = tuple(sorted(requirements, key=lambda each: each.key))
        self.selectable = selectable
        self.matches: Matcher = _compiled(self.requirements) if selectable else _never

    @property
    def empty(self) -> bool:
        """Whether it matches everything, having no requirements."""
        return self.selectable and not self.requirements

    def add(self, *requirements: Requirement) -> Selector:
        return Selector((*self.requirements, *requirements)) if self.selectable else self

    def requires_exact_match(self, label: str) -> str | None:
        """The one value that `label` must have, if its first requirement says so."""
        for requirement in self.requirements:
            if requirement.key == label:
                exact = requirement.operator in (EQUALS, DOUBLE_EQUALS, IN) and len(requirement.values) == 1
                return requirement.values[0] if exact else None
        return None

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))

    def __repr__(self) -> str:
        return f"Selector({str(self)!r})" if self.selectable else "nothing()"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Selector)
            and self.selectable == other.selectable
            and self.requirements == other.requirements
        )

    def __hash__(self) -> int:
        return hash((self.selectable, self.requirements))


_EVERYTHING = Selector()
_NOTHING = Selector(selectable=False)


def everything() -> Selector:
    return _EVERYTHING


def nothing() -> Selector:
    return _NOTHING


def from_set(labels: Labels | None) -> Selector:
    """What has all these labels; not validated. Empty or None is everything."""
    return Selector(Requirement(key, EQUALS, (value,)) for key, value in labels.items()) if labels else _EVERYTHING


def requirement(key: str, operator: str, values: Iterable[str]) -> Requirement:
    """A validated requirement (labels.NewRequirement). Raises ValueError with the field errors' text."""
    made = Requirement(key, operator, tuple(values))
    if errors := _requirement_errors(made):
        raise ValueError(aggregate(errors))
    return made


def _requirement_errors(made: Requirement) -> ErrorList:
    key, operator, values = made
    errors: ErrorList = []
    if (error := _key_error(key, Path("key"))) is not None:
        errors.append(error)
    if operator not in _OPERATORS:
        errors.append(not_supported(Path("operator"), operator, _OPERATORS))
    elif detail := _count_problem(operator, len(values)):
        errors.append(invalid(Path("values"), list(values), detail))
    if operator in (GREATER_THAN, LESS_THAN):
        detail = "for 'Gt', 'Lt' operators, the value must be an integer"
        errors += [
            invalid(Path("values").index(index), value, detail)
            for index, value in enumerate(values)
            if parse_int64(value) is None
        ]
    for index, value in enumerate(values):
        if problems := label_value(value):
            errors.append(invalid(Path("values").index(index).key(key), value, "; ".join(problems)))
    return errors


def _count_problem(operator: str, count: int) -> str:
    if operator in (IN, NOT_IN):
        return "" if count else "for 'in', 'notin' operators, values set can't be empty"
    if operator in (EXISTS, DOES_NOT_EXIST):
        return "values set must be empty for exists and does not exist" if count else ""
    if count == 1:
        return ""
    if operator in (GREATER_THAN, LESS_THAN):
        return "for 'Gt', 'Lt' operators, exactly one value is required"
    return "exact-match compatibility requires one single value"


def _key_error(key: str, path: Path | None) -> FieldError | None:
    problems = qualified_name(key)
    return invalid(path, key, "; ".join(problems)) if problems else None


@lru_cache(maxsize=1024)
def parse(text: str) -> Selector:
    """The selector a query string's labelSelector means. Raises ValueError in upstream's words."""
    return Selector(_Parser(text).parse())


_SPECIAL = frozenset("=!(),><")
_SPACE = frozenset(" \t\r\n")
_TOKENS = frozenset({")", ",", "!", "==", "=", ">", "in", "<", "!=", "notin", "("})
_END = "end"
_WORD = "word"
_BAD = "bad"


def _tokens(text: str) -> list[tuple[str, str]]:
    """(token, literal) pairs; a keyword or sign is its own token. The last is the end."""
    found: list[tuple[str, str]] = []
    text = text.partition("\0")[0]
    position = 0
    while True:
        while position < len(text) and text[position] in _SPACE:
            position += 1
        if position >= len(text):
            found.append((_END, ""))
            return found
        if text[position] in _SPECIAL:
            token, literal, position = _sign(text, position)
        else:
            token, literal, position = _word(text, position)
        found.append((token, literal))


def _word(text: str, start: int) -> tuple[str, str, int]:
    end = start
    while end < len(text) and text[end] not in _SPECIAL and text[end] not in _SPACE:
        end += 1
    word = text[start:end]
    return (word if word in _TOKENS else _WORD), word, end


def _sign(text: str, start: int) -> tuple[str, str, int]:
    """The longest sign there, growing a character at a time as upstream's lexer does."""
    end = start + 1
    best = text[start:end]  # each special character is a sign by itself
    while end < len(text) and text[end] in _SPECIAL and text[start : end + 1] in _TOKENS:
        end += 1
        best = text[start:end]
    return best, best, end


class _Parser:
    """Recursive descent over the tokens; each method eats what it names."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._position = 0

    def _peek(self) -> tuple[str, str]:
        """The next token where names and values stand: there, in and notin are words."""
        token, literal = self._tokens[self._position]
        return (_WORD if token in (IN, NOT_IN) else token), literal

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._position += 1
        return token

    def parse(self) -> list[Requirement]:
        found: list[Requirement] = []
        while True:
            token, literal = self._peek()
            if token == _END:
                return found
            if token not in (_WORD, "!"):
                raise ValueError(f"found '{literal}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self._requirement())
            except ValueError as error:
                raise ValueError(f"unable to parse requirement: {error}") from None
            token, literal = self._next()
            if token == _END:
                return found
            if token != ",":
                raise ValueError(f"found '{literal}', expected: ',' or 'end of string'")
            token, literal = self._peek()
            if token not in (_WORD, "!"):
                raise ValueError(f"found '{literal}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        token, literal = self._next()
        absent = token == "!"
        if absent:
            token, literal = self._next()
        if token != _WORD:
            raise ValueError(f"found '{literal}', expected: identifier")
        if (error := _key_error(literal, None)) is not None:
            raise ValueError(str(error))
        if absent:
            return requirement(literal, DOES_NOT_EXIST, ())
        if self._peek()[0] in (_END, ","):
            return requirement(literal, EXISTS, ())
        operator = self._operator()
        values = self._list() if operator in (IN, NOT_IN) else [self._value()]
        return requirement(literal, operator, sorted(set(values)))

    def _operator(self) -> str:
        token, literal = self._tokens[self._position]
        self._position += 1
        operator = {">": GREATER_THAN, "<": LESS_THAN}.get(token, token)
        if operator not in _BINARY:
            raise ValueError(f"found '{literal}', expected: {', '.join(_BINARY)}")
        return operator

    def _value(self) -> str:
        if self._peek()[0] in (_END, ","):
            return ""
        token, literal = self._next()
        if token != _WORD:
            raise ValueError(f"found '{literal}', expected: identifier")
        return literal

    def _list(self) -> list[str]:
        """ "(a, b)"; "()" and empty places between commas are the empty value."""
        token, literal = self._next()
        if token != "(":
            raise ValueError(f"found '{literal}' expected: '('")
        token, literal = self._peek()
        if token == ")":
            self._next()
            return [""]
        if token not in (_WORD, ","):
            raise ValueError(f"found '{literal}', expected: ',', ')' or identifier")
        values = self._members()
        self._next()  # the closing parenthesis, which _members has seen
        return values

    def _members(self) -> list[str]:
        values: list[str] = []
        while True:
            token, literal = self._next()
            if token == _WORD:
                values.append(literal)
                token, literal = self._peek()
                if token == ")":
                    return values
                if token != ",":
                    raise ValueError(f"found '{literal}', expected: ',' or ')'")
            elif token == ",":
                if not values:
                    values.append("")
                token, _ = self._peek()
                if token in (")", ","):
                    values.append("")
                if token == ")":
                    return values
            else:
                raise ValueError(f"found '{literal}', expected: ',', or identifier")
