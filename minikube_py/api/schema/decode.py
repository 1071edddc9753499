"""Decoding: a JSON tree as the API server would write it after reading it into Go and writing it again.

Unknown fields are dropped, what is empty and may be omitted is left out, what may not be is filled in with zero values,
fields stand in Go's order and map keys are sorted, quantities, times and base64 are canonical.

Each Type is made once into a closure that does nothing but this. It tells neither where it failed nor which fields
it did not know: for both, which are rare, diagnosis.py walks the tree again and finds upstream's words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from minikube_py.api.schema import gobase64, goduration, gotime
from minikube_py.api.schema.diagnosis import diagnose
from minikube_py.api.schema.integers import RANGES
from minikube_py.api.schema.types import Field, Type
from minikube_py.api.schema.zero import zero, zero_field
from minikube_py.machinery import quantity

Decoder = Callable[[Any, list[bool]], Any]
"""Takes a value that is not None and a list to which True is added per unknown field, and False per empty list or map
that storing makes null. Raises ValueError or Mismatch."""


class DecodeError(ValueError):
    """The tree does not fit the type; the message is Go's: "json: cannot unmarshal string into Go struct field ..."."""


class Mismatch(Exception):
    """A value of the wrong JSON type was met."""


class Decoded(NamedTuple):
    object: Any
    """A new tree: it shares no dict or list with the input, except inside "raw" values."""
    unknown: list[str]
    """Paths of fields that were dropped because the type does not have them: "spec.containers[0].imagepullpolicy"."""
    empties: bool = False
    """Whether an empty list or map stands where storing makes it null (`null_empties`); until then it can be owned."""


def decode(type: Type, tree: Any) -> Decoded:
    """The canonical form of a value of the type. Raises DecodeError."""
    if type.read is not None:
        return type.read(tree)
    unknown: list[bool] = []
    try:
        value = zero(type) if tree is None else decoder(type)(tree, unknown)
    except (Mismatch, ValueError) as problem:
        raise DecodeError(diagnose(type, tree).error or str(problem)) from None
    if not unknown:
        return Decoded(value, [])
    empties = False in unknown
    paths = [strict.path for strict in diagnose(type, tree).strict] if True in unknown else []
    return Decoded(value, paths, empties)


def null_empties(type: Type, value: Any) -> None:
    """Make null, in place, the empty lists and maps of a decoded value that storing as protobuf would."""
    if type.shape == "struct" and isinstance(value, dict):
        keep_empty = _keeps_empty(type)
        for name, item in value.items():
            field = type.fields.get(name)
            if field is None or item is None:
                continue
            if not item and _mode(field, keep_empty) == _NULL_EMPTY:
                value[name] = None
            else:
                null_empties(field.type, item)
    elif type.elem is not None and type.shape in ("list", "map") and value:
        for item in value.values() if isinstance(value, dict) else value:
            null_empties(type.elem, item)


def decoder(type: Type) -> Decoder:
    """The type's closure, made when it is first asked for."""
    made = type.decoder
    if made is None:
        made = type.decoder = _MAKERS[type.shape](type)
    return made


# -- scalars -----------------------------------------------------------------------------------------------------------


def _string(type: Type) -> Decoder:
    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is not str:
            raise Mismatch
        return value

    return decode


def _bool(type: Type) -> Decoder:
    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is not bool:
            raise Mismatch
        return value

    return decode


def _integer(type: Type) -> Decoder:
    low, high = RANGES[type.shape]

    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is not int or not low <= value <= high:
            raise Mismatch
        return value

    return decode


def _float(type: Type) -> Decoder:
    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is int:
            return value
        if value.__class__ is not float:
            raise Mismatch
        # encoding/json writes 1.0 as 1
        return int(value) if value.is_integer() and abs(value) < 1e21 else value

    return decode


def _bytes(type: Type) -> Decoder:
    canonical = gobase64.canonical

    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is str:
            return canonical(value)
        if value.__class__ is list and all(octet(item) for item in value):
            return gobase64.encoded(bytes(item or 0 for item in value))
        raise Mismatch

    def octet(value: Any) -> bool:
        return value is None or (value.__class__ is int and 0 <= value < 256)

    return decode


def _text(read: Callable[[str], str | None]) -> Callable[[Type], Decoder]:
    """Of shapes that are strings with a form of their own."""

    def make(type: Type) -> Decoder:
        def decode(value: Any, unknown: list[bool]) -> Any:
            if value.__class__ is not str:
                raise Mismatch
            return read(value)

        return decode

    return make


def _quantity(type: Type) -> Decoder:
    canonicalize = quantity.canonicalize

    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is str:
            return canonicalize(value.strip())
        if value.__class__ is int or value.__class__ is float:
            return canonicalize(value)
        raise Mismatch

    return decode


def _int_or_string(type: Type) -> Decoder:
    low, high = RANGES["int32"]

    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is str or (value.__class__ is int and low <= value <= high):
            return value
        raise Mismatch

    return decode


# -- what is kept as it is, and the unions of the apiextensions group --------------------------------------------------


def _raw(type: Type) -> Decoder:
    if type.elem is not None:
        return _UNIONS[type.name.rpartition("PropsOr")[2]](type.elem)

    def decode(value: Any, unknown: list[bool]) -> Any:
        return value

    return decode


def _or_bool(schema: Type) -> Decoder:
    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is dict:
            return decoder(schema)(value, [])
        if value.__class__ is bool:
            return value
        raise Mismatch

    return decode


def _or_array(schema: Type) -> Decoder:
    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is dict:
            return decoder(schema)(value, [])
        if value.__class__ is list and value:
            return [zero(schema) if item is None else decoder(schema)(item, []) for item in value]
        return None

    return decode


def _or_string_array(schema: Type) -> Decoder:
    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is dict:
            return decoder(schema)(value, [])
        if value.__class__ is list and value:
            if not all(item is None or item.__class__ is str for item in value):
                raise Mismatch
            return [item or "" for item in value]
        return None

    return decode


_UNIONS: dict[str, Callable[[Type], Decoder]] = {
    "Bool": _or_bool,
    "Array": _or_array,
    "StringArray": _or_string_array,
}

# -- containers --------------------------------------------------------------------------------------------------------


def _list(type: Type) -> Decoder:
    assert type.elem is not None, "a list has elements"
    elem, elem_type, pointer = decoder(type.elem), type.elem, type.elem_pointer or type.elem.nullable
    if elem_type.shape == "string" and not pointer:
        return _strings

    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is not list:
            raise Mismatch
        if None in value:
            return [(None if pointer else zero(elem_type)) if item is None else elem(item, unknown) for item in value]
        return [elem(item, unknown) for item in value]

    return decode


def _strings(value: Any, unknown: list[bool]) -> Any:
    if value.__class__ is not list:
        raise Mismatch
    for item in value:
        if item.__class__ is not str:
            if item is None:
                return _strings(["" if item is None else item for item in value], unknown)
            raise Mismatch
    return value.copy()


def _map(type: Type) -> Decoder:
    assert type.elem is not None, "a map has elements"
    elem, elem_type, pointer = decoder(type.elem), type.elem, type.elem_pointer or type.elem.nullable
    if elem_type.shape == "string" and not pointer:
        return _string_map
    # storing makes nil bytes empty ones
    empty = "" if elem_type.shape == "bytes" else None

    def decode(value: Any, unknown: list[bool]) -> Any:
        if value.__class__ is not dict:
            raise Mismatch
        out: dict[str, Any] = {}
        for key in sorted(value):
            item = value[key]
            if item is not None:
                out[key] = elem(item, unknown)
            else:
                out[key] = None if pointer else zero(elem_type) if empty is None else empty
        return out

    return decode


def _string_map(value: Any, unknown: list[bool]) -> Any:
    if value.__class__ is not dict:
        raise Mismatch
    for item in value.values():
        if item.__class__ is not str:
            if item is None:
                return _string_map({key: "" if item is None else item for key, item in value.items()}, unknown)
            raise Mismatch
    keys = sorted(value)
    return value.copy() if keys == list(value) else {key: value[key] for key in keys}


# -- structs -----------------------------------------------------------------------------------------------------------

_KEEP, _DROP_EMPTY, _NULL_EMPTY, _STRING, _DROP_STRING = range(5)
"""What becomes of a field's decoded value: kept; left out when empty; null once stored when empty. Strings are decoded
in place."""

_JSON_STORED = ("io.k8s.apiextensions-apiserver.", "io.k8s.kube-aggregator.")
"""Kinds stored as JSON, where an empty list stays one. Others go through protobuf, which makes it null; a list of
objects is not stored at all."""

_EMPTY_MATTERS = frozenset(("struct", "duration", "quantity", "intorstring", "raw"))


def _mode(field: Field, keep_empty: bool) -> int:
    shape = field.type.shape
    if shape == "string":
        return _DROP_STRING if field.omitempty and not field.pointer else _STRING
    if field.pointer or shape in _EMPTY_MATTERS:
        return _KEEP
    if field.omitempty:
        return _DROP_EMPTY
    return _NULL_EMPTY if shape in ("list", "map") and not keep_empty else _KEEP


def _keeps_empty(type: Type) -> bool:
    return type.name.startswith(_JSON_STORED) or type.name.endswith("List")


_Entry = tuple[int, int, Decoder, bool]
"""A field: its index in Go's order, its mode, its closure, whether null is a value of it."""


def _entries(type: Type) -> dict[str, _Entry]:
    keep_empty = _keeps_empty(type)
    return {
        field.json: (index, _mode(field, keep_empty), decoder(field.type), field.type.nullable)
        for index, field in enumerate(type.fields.values())
    }


def _struct(type: Type) -> Decoder:
    # Fields are looked up at the first value, so that recursive types end.
    entries: dict[str, _Entry] | None = None
    always: list[Field] = []
    position: dict[str, int] = {}
    preserve = type.preserve_unknown

    def decode(value: Any, unknown: list[bool]) -> Any:
        nonlocal entries, always, position
        if value.__class__ is not dict:
            raise Mismatch
        if entries is None:
            entries = _entries(type)
            always = [field for field in type.fields.values() if not field.omitempty]
            position = {name: index for index, name in enumerate(type.fields)}
        out: dict[str, Any] = {}
        last, ordered = -1, True
        for key, item in value.items():
            entry = entries.get(key)
            if entry is None:
                if not preserve:
                    unknown.append(True)
                continue
            index, mode, read, nullable = entry
            if item is None:
                if not nullable:
                    continue
            elif mode >= _STRING:
                if item.__class__ is not str:
                    raise Mismatch
                if not item and mode == _DROP_STRING:
                    continue
            else:
                item = read(item, unknown)
                if mode and not item:
                    if mode == _DROP_EMPTY:
                        continue
                    unknown.append(False)
            out[key] = item
            if index < last:
                ordered = False
            last = index
        for field in always:
            if field.json not in out:
                out[field.json] = zero_field(field)
                ordered = False
        if not ordered:
            out = {key: out[key] for key in sorted(out, key=position.__getitem__)}
        if preserve:
            out.update((key, item) for key, item in value.items() if key not in entries)
        return out

    return decode


_MAKERS: dict[str, Callable[[Type], Decoder]] = {
    "string": _string,
    "bool": _bool,
    "float64": _float,
    "bytes": _bytes,
    "time": _text(gotime.time),
    "microtime": _text(gotime.microtime),
    "duration": _text(goduration.duration),
    "quantity": _quantity,
    "intorstring": _int_or_string,
    "raw": _raw,
    "list": _list,
    "map": _map,
    "struct": _struct,
} | dict.fromkeys(RANGES, _integer)
