r"""Field selectors and their string syntax: apimachinery's fields package.

parse(r"status.phase!=Running,metadata.name=a\,b").matches({"status.phase": "Pending", "metadata.name": "a,b"})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

Transform = Callable[[str, str], tuple[str, str]]

_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", "=": "\\="})


class FieldRequirement(NamedTuple):
    """`operator` is "=" or "!="; an absent field is the empty string."""

    field: str
    operator: str
    value: str

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{self.value.translate(_ESCAPED)}"


class FieldSelector:
    """All its requirements must hold. Immutable; `requirements` are in the order of their text."""

    __slots__ = ("requirements",)

    def __init__(self, requirements: Iterable[FieldRequirement] = ()) -> None:
        self.requirements = tuple(requirements)

    @property
    def empty(self) -> bool:
        return not self.requirements

    def matches(self, fields: Mapping[str, str]) -> bool:
        """`fields`: values by field label, as a kind's GetAttrs gives them."""
        return all((fields.get(field, "") == value) is (sign == "=") for field, sign, value in self.requirements)

    def requires_exact_match(self, field: str) -> str | None:
        """The one value `field` must have, if there is one."""
        for requirement in self.requirements:
            if requirement.field == field and requirement.operator == "=":
                return requirement.value
        return None

    def transform(self, convert: Transform) -> FieldSelector:
        """Each field and value through a kind's conversion, which raises for fields it does not know.
        What becomes ("", "") is dropped."""
        converted = ((operator, *convert(field, value)) for field, operator, value in self.requirements)
        return FieldSelector(FieldRequirement(field, op, value) for op, field, value in converted if field or value)

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))

    def __repr__(self) -> str:
        return f"FieldSelector({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSelector) and self.requirements == other.requirements

    def __hash__(self) -> int:
        return hash(self.requirements)


_EVERYTHING = FieldSelector()


def everything() -> FieldSelector:
    return _EVERYTHING


def equals(field: str, value: str) -> FieldSelector:
    return FieldSelector([FieldRequirement(field, "=", value)])


@lru_cache(maxsize=1024)
def parse(text: str) -> FieldSelector:
    """The selector a query string's fieldSelector means. Raises ValueError in upstream's words."""
    requirements = [_requirement(term, text) for term in sorted(_terms(text)) if term]
    return FieldSelector(each for each in requirements if each.field or each.value)


def _terms(text: str) -> list[str]:
    """Split at the commas that no backslash precedes."""
    if "\\" not in text:
        return text.split(",")
    terms, start, escaped = [], 0, False
    for index, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == ",":
            terms.append(text[start:index])
            start = index + 1
    return [*terms, text[start:]]


def _requirement(term: str, text: str) -> FieldRequirement:
    for index in range(len(term)):
        for sign in ("!=", "==", "="):
            if term.startswith(sign, index):
                value = unescape(term[index + len(sign) :])
                return FieldRequirement(term[:index], "!=" if sign == "!=" else "=", value)
    raise ValueError(f"invalid selector: '{text}'; can't understand '{term}'")


def unescape(text: str) -> str:
    """A value without its backslashes. Raises ValueError for a bare "," or "=" and for unknown escapes."""
    if not any(char in text for char in "\\,="):
        return text
    value: list[str] = []
    escaped = False
    for char in text:
        if escaped:
            if char not in "\\,=":
                raise ValueError(f"invalid field selector: invalid escape sequence: \\{char}")
            value.append(char)
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in ",=":
            # upstream prints the rune's number
            raise ValueError(f"invalid field selector: unescaped character in value: {ord(char)}")
        else:
            value.append(char)
    if escaped:
        raise ValueError("invalid field selector: invalid escape sequence: \\")
    return "".join(value)
