"""Field paths and field errors: apimachinery's util/validation/field.

spec = Path("spec")
invalid(spec.child("containers").index(0).child("name"), "A", "a lowercase ... must consist of")
str(...)   spec.containers[0].name: Invalid value: "A": a lowercase ... must consist of
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from minikube_py.machinery.gotext import float_text, json_text, quote


class Path:
    """The way from a root to a field. Immutable; text is made only when an error asks for it."""

    __slots__ = ("_name", "_parent", "_subscript")

    def __init__(self, name: str, *more: str) -> None:
        parent: Path | None = None
        for last in more:
            parent = _step(parent, name, "")
            name = last
        self._parent = parent
        self._name = name
        self._subscript = ""

    def child(self, name: str, *more: str) -> Path:
        path = _step(self, name, "")
        for last in more:
            path = _step(path, last, "")
        return path

    def index(self, index: int) -> Path:
        return _step(self, "", str(index))

    def key(self, key: str) -> Path:
        return _step(self, "", key)

    def __str__(self) -> str:
        parts: list[str] = []
        path: Path | None = self
        while path is not None:
            parts.append(path._name or f"[{path._subscript}]")
            if path._name and path._parent is not None:
                parts.append(".")
            path = path._parent
        parts.reverse()
        return "".join(parts)

    def __repr__(self) -> str:
        return f"Path({str(self)!r})"


def _step(parent: Path | None, name: str, subscript: str) -> Path:
    path = Path.__new__(Path)
    path._parent = parent
    path._name = name
    path._subscript = subscript
    return path


class Literal(str):
    """A bad value whose JSON is known already, printed as it is."""

    __slots__ = ()


def as_json(value: Any) -> Literal:
    """The bad value of a Go type that messages print as JSON even if it is a string underneath (a UID, an enum)."""
    return Literal(json_text(value))


class _Omitted:
    def __repr__(self) -> str:
        return "OMITTED"


OMITTED: Final = _Omitted()
"""A bad value that messages leave out: "Too many: must have at most 2 items"."""

_TITLES = {
    "FieldValueNotFound": "Not found",
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
    "FieldValueTooMany": "Too many",
    "FieldValueTooFew": "Too few",
    "FieldValueTooShort": "Too short",
    "InternalError": "Internal error",
    "FieldValueTypeInvalid": "Invalid value",
}
_WITHOUT_VALUE = frozenset(
    {"FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong", "FieldValueTooShort", "InternalError"}
)


class FieldError:
    """What is wrong with one field.

    `type` is the cause's reason ("FieldValueInvalid", ...), `field` the rendered path. `bad_value` is a JSON value:
    a dict is printed in the order of its keys, which for a Go map must be sorted (gotext.sorted_map) and for a struct
    be Go's; a Literal is printed as it is; OMITTED not at all. `origin` names the rule, for declarative validation.
    """

    __slots__ = ("bad_value", "detail", "field", "origin", "type")

    def __init__(self, type: str, field: Path | str | None, bad_value: Any, detail: str, origin: str = "") -> None:
        self.type = type
        self.field = "<nil>" if field is None else str(field)
        self.bad_value = bad_value
        self.detail = detail
        self.origin = origin

    def error_body(self) -> str:
        """The message without the field, as causes carry it."""
        body = _TITLES[self.type]
        if self.type not in _WITHOUT_VALUE and self.bad_value is not OMITTED:
            body = f"{body}: {_value_text(self.bad_value)}"
        return f"{body}: {self.detail}" if self.detail else body

    def message(self) -> str:
        return f"{self.field}: {self.error_body()}"

    def cause(self) -> dict[str, Any]:
        """A metav1.StatusCause."""
        cause = {"reason": self.type, "message": self.error_body()}
        if self.field:
            cause["field"] = self.field
        return cause

    __str__ = message

    def __repr__(self) -> str:
        return f"FieldError({self.message()!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldError) and (self.type, self.message()) == (other.type, other.message())

    __hash__ = None  # type: ignore[assignment]


def _value_text(value: Any) -> str:
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float):
        return float_text(value)
    return json_text(value)


ErrorList = list[FieldError]


def required(path: Path | str | None, detail: str = "") -> FieldError:
    return FieldError("FieldValueRequired", path, "", detail)


def invalid(path: Path | str | None, value: Any, detail: str, origin: str = "") -> FieldError:
    return FieldError("FieldValueInvalid", path, value, detail, origin)


def type_invalid(path: Path | str | None, value: Any, detail: str) -> FieldError:
    return FieldError("FieldValueTypeInvalid", path, value, detail)


def not_supported(path: Path | str | None, value: Any, supported: Iterable[str]) -> FieldError:
    """`supported` is named in the order given; upstream's sets come sorted, so sort those."""
    names = ", ".join(quote(name) for name in supported)
    return FieldError("FieldValueNotSupported", path, value, f"supported values: {names}" if names else "")


def duplicate(path: Path | str | None, value: Any) -> FieldError:
    return FieldError("FieldValueDuplicate", path, value, "")


def not_found(path: Path | str | None, value: Any) -> FieldError:
    return FieldError("FieldValueNotFound", path, value, "")


def forbidden(path: Path | str | None, detail: str) -> FieldError:
    return FieldError("FieldValueForbidden", path, "", detail)


def too_long(path: Path | str | None, maximum: int) -> FieldError:
    """Bytes; a negative maximum is not named."""
    return FieldError("FieldValueTooLong", path, OMITTED, _at_most(maximum, "byte"))


def too_long_characters(path: Path | str | None, maximum: int) -> FieldError:
    return FieldError("FieldValueTooLong", path, OMITTED, _at_most(maximum, "character"))


def too_short(path: Path | str | None, minimum: int) -> FieldError:
    """Characters."""
    detail = f"must be at least {_counted(minimum, 'character')}" if minimum >= 0 else "value is too short"
    return FieldError("FieldValueTooShort", path, OMITTED, detail)


def too_many(path: Path | str | None, actual: int, maximum: int) -> FieldError:
    """A negative `actual` is left out, a negative `maximum` not named."""
    detail = f"must have at most {_counted(maximum, 'item')}" if maximum >= 0 else "has too many items"
    return FieldError("FieldValueTooMany", path, actual if actual >= 0 else OMITTED, detail)


def too_few(path: Path | str | None, actual: int, minimum: int) -> FieldError:
    detail = f"must have at least {_counted(minimum, 'item')}" if minimum >= 0 else "has too few items"
    return FieldError("FieldValueTooFew", path, actual, detail)


def internal(path: Path | str | None, text: str) -> FieldError:
    return FieldError("InternalError", path, OMITTED, text)


def _at_most(maximum: int, unit: str) -> str:
    return f"may not be more than {_counted(maximum, unit)}" if maximum >= 0 else "value is too long"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def aggregate(errors: Sequence[FieldError]) -> str:
    """One text for all: "" for none, the message itself for one, "[a, b]" for more; the same is said once."""
    messages = list(dict.fromkeys(error.message() for error in errors))
    if len(messages) == 1:
        return messages[0]
    return f"[{', '.join(messages)}]" if messages else ""


def invalid_each(path: Path | str | None, value: Any, problems: Iterable[str], origin: str = "") -> ErrorList:
    """One Invalid per problem: what a name validator's answers become."""
    return [invalid(path, value, problem, origin) for problem in problems]
