"""What is wrong with a JSON tree, in the words and order of sigs.k8s.io/json (internal/golang/encoding/json/decode.go).

Go's decoder goes on after a value of the wrong type and reports the first such; a value that reads itself (time,
quantity, int-or-string) ends it at once, and its error wins. Unknown and duplicate fields matter only without either.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from minikube_py.api.schema import gobase64, goduration, gotime
from minikube_py.api.schema.integers import RANGES
from minikube_py.api.schema.types import Type
from minikube_py.machinery import quantity
from minikube_py.machinery.gotext import quote

STRICT_LIMIT = 100
"""More strict errors than this are not reported."""


class Strict(NamedTuple):
    """A strict decoding error; as text `unknown field "spec.replica"`."""

    problem: str
    """"unknown field" or "duplicate field"."""
    path: str

    def __str__(self) -> str:
        return f"{self.problem} {quote(self.path)}"


class Diagnosis(NamedTuple):
    error: str
    """Empty if the tree can be decoded."""
    strict: list[Strict]


class Pairs(list[tuple[str, Any]]):
    """A JSON object with its keys as often as they stand there."""


def diagnose(type: Type, tree: Any) -> Diagnosis:
    """Objects of the tree are dicts, or Pairs where duplicate fields are to be found too."""
    walk = _Walk()
    try:
        walk.value(type, tree, "", "")
    except _Abort as abort:
        return Diagnosis(str(abort), [])
    return Diagnosis(walk.error, [] if walk.error else list(walk.strict))


def strict_errors(type: Type, text: bytes | str) -> list[Strict]:
    """The unknown and duplicate fields of a JSON text that can be decoded, in the order in which they stand."""
    return diagnose(type, json.loads(text, object_pairs_hook=Pairs)).strict


class _Abort(Exception):
    """Decoding ends here."""


class _Wrong(Exception):
    """What a union met inside: Go reports it with the struct and field around the union."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(found, wanted)
        self.found = found
        self.wanted = wanted


class _Walk:
    def __init__(self) -> None:
        self.error = ""
        self.strict: dict[Strict, None] = {}
        self.struct = ""
        self.fields: tuple[str, ...] = ()
        self.inside_union = False

    # -- what was found ------------------------------------------------------------------------------------------

    def mismatch(self, found: str, wanted: str) -> str:
        place = f"struct field {self.struct}.{'.'.join(self.fields)} of" if self.fields else "value of"
        return f"json: cannot unmarshal {found} into Go {place} type {wanted}"

    def save(self, message: str) -> None:
        self.error = self.error or message

    def wrong(self, value: Any, wanted: str) -> None:
        """A value of another JSON type than Go's."""
        if self.inside_union:
            raise _Wrong(_word(value), wanted)
        self.save(self.mismatch(_word(value), wanted))

    def wrong_number(self, value: Any, wanted: str) -> None:
        if self.inside_union:
            raise _Wrong(_number_word(value), wanted)
        self.save(self.mismatch(_number_word(value), wanted))

    def abort(self, value: Any, wanted: str, *, number: bool = False) -> None:
        """A value that reads itself met another JSON type."""
        found = _number_word(value) if number else _word(value)
        if self.inside_union:
            raise _Wrong(found, wanted)
        raise _Abort(self.mismatch(found, wanted))

    def report(self, problem: str, path: str, key: str) -> None:
        if not self.inside_union and len(self.strict) < STRICT_LIMIT:
            self.strict[Strict(problem, _below(path, key))] = None

    # -- walking -------------------------------------------------------------------------------------------------

    def value(self, type: Type, value: Any, path: str, key: str) -> None:
        """`path` is the strict path of the value itself."""
        if value is None:
            return
        shape = type.shape
        if shape == "struct":
            self.object(type, value, path)
        elif shape == "map":
            self.map(type, value, path)
        elif shape == "list":
            self.list(type, value, path)
        elif shape == "raw":
            if type.elem is not None:
                self.union(type, type.elem, value)
        elif shape in _READERS:
            self.reader(shape, value)
        else:
            self.scalar(type, value)

    def object(self, type: Type, value: Any, path: str) -> None:
        if not isinstance(value, dict | Pairs):
            self.wrong(value, type.go)
            return
        around, seen = (self.struct, self.fields), set()
        for key, item in _items(value):
            field = type.fields.get(key)
            if field is None:
                if not type.preserve_unknown:
                    self.report("unknown field", path, key)
                continue
            if key in seen:
                self.report("duplicate field", path, key)
            seen.add(key)
            self.struct, self.fields = type.go.rpartition(".")[2], (*around[1], *field.inlined, key)
            self.value(field.type, item, _below(path, key), key)
            self.struct, self.fields = around

    def map(self, type: Type, value: Any, path: str) -> None:
        assert type.elem is not None, "a map has elements"
        if not isinstance(value, dict | Pairs):
            self.wrong(value, type.go)
            return
        seen = set()
        for key, item in _items(value):
            if key in seen:
                self.report("duplicate field", path, key)
            seen.add(key)
            self.value(type.elem, item, _below(path, key), key)

    def list(self, type: Type, value: Any, path: str) -> None:
        assert type.elem is not None, "a list has elements"
        if not isinstance(value, list) or isinstance(value, Pairs):
            self.wrong(value, type.go)
            return
        for index, item in enumerate(value):
            self.value(type.elem, item, f"{path}[{index}]", "")

    def scalar(self, type: Type, value: Any) -> None:
        shape = type.shape
        if shape == "bytes":
            self.bytes(value)
        elif shape in RANGES:
            low, high = RANGES[shape]
            if not _is_number(value):
                self.wrong(value, type.go)
            elif not isinstance(value, int) or not low <= value <= high:
                self.wrong_number(value, type.go)
        elif not (_is_number(value) if shape == "float64" else isinstance(value, {"bool": bool}.get(shape, str))):
            self.wrong(value, type.go)

    def bytes(self, value: Any) -> None:
        if isinstance(value, list) and not isinstance(value, Pairs):
            for item in value:
                self.scalar(_UINT8, 0 if item is None else item)
        elif not isinstance(value, str):
            self.wrong(value, "[]uint8")
        else:
            try:
                gobase64.canonical(value)
            except ValueError as problem:
                self.save(str(problem))

    def reader(self, shape: str, value: Any) -> None:
        """A value that reads itself."""
        low, high = RANGES["int32"]
        if shape == "intorstring":
            if not isinstance(value, str) and (type(value) is not int or not low <= value <= high):
                self.abort(value, "int32", number=_is_number(value))
            return
        if shape != "quantity" and not isinstance(value, str):
            self.abort(value, "string")
        try:
            _READERS[shape](value)
        except ValueError as problem:
            raise _Abort(str(problem)) from None

    def union(self, type: Type, schema: Type, value: Any) -> None:
        """JSONSchemaPropsOrBool and its like: not strict inside, and errors are those of the field around."""
        name = type.name.rpartition("PropsOr")[2]
        within = _Walk()
        within.inside_union = True
        try:
            if isinstance(value, dict | Pairs):
                within.value(schema, value, "", "")
            elif name == "Bool" and not isinstance(value, bool):
                raise _Abort("boolean or JSON schema expected")
            elif name != "Bool" and isinstance(value, list):
                inner = schema if name == "Array" else _STRING
                for item in value:
                    within.value(inner, item, "", "")
        except _Wrong as wrong:
            if self.inside_union:
                raise
            raise _Abort(self.mismatch(wrong.found, wrong.wanted)) from None
        if within.error:
            raise _Abort(within.error)


_UINT8 = Type("uint8", go="uint8")
_STRING = Type("string", go="string")


def _quantity(value: Any) -> str:
    """What is no string is read as its JSON text, which for all but numbers is none."""
    text = value.strip() if isinstance(value, str) else value if _is_number(value) else "{}"
    return quantity.canonicalize(text)


_READERS: dict[str, Any] = {
    "time": gotime.time,
    "microtime": gotime.microtime,
    "duration": goduration.duration,
    "quantity": _quantity,
    "intorstring": None,
}


def _items(value: Any) -> Any:
    return value if isinstance(value, Pairs) else value.items()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _word(value: Any) -> str:
    """What Go calls a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict | Pairs):
        return "object"
    return "array" if isinstance(value, list) else "number"


def _number_word(value: Any) -> str:
    return f"number {value!r}" if _is_number(value) else _word(value)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
