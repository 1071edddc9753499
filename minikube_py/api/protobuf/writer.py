"""Writing JSON trees as messages: one list of steps per Go struct, in the order of the fields' numbers.

As generated Go code does, values that are no pointers are written even if they are zero, lists and maps as one field
per item, and maps in the order of their keys: the same object gives the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from minikube_py.api.protobuf import leaves
from minikube_py.api.protobuf.layout import WRAPPED, Layout, layout
from minikube_py.api.protobuf.wire import BYTES, FIXED64, VARINT, delimited, tag, varint
from minikube_py.api.schema.types import Field, Type

_STRING, _MESSAGE, _NUMBER, _STRINGS, _MESSAGES, _STRING_MAP, _LEAF, _LEAVES, _MAP, _NUMBERS, _DOUBLE = range(11)

_Step = tuple[str | None, int, bytes, Any, bytes]
"""JSON name (None: an inlined struct), operation, tag, how to write the value, what an unset value is."""

_NUMBERS_SHAPES = frozenset({"bool", "int32", "int64", "int", "uint8", "uint32", "uint64"})


class MessageWriter:
    """Writes the messages of one struct. Its steps are made at first use."""

    __slots__ = ("_level", "_make", "_steps", "_type")

    def __init__(self, type: Type, make: Callable[[Type], MessageWriter], level: Layout | None = None) -> None:
        """`level` is the layout of a struct inlined in `type`."""
        self._type = type
        self._make = make
        self._level = level
        self._steps: list[_Step] | None = None

    def write(self, obj: dict[Any, Any]) -> bytes:
        """The message of a canonical tree, without its length."""
        steps = self._steps
        if steps is None:
            steps = self._steps = self._compile()
        parts: list[bytes] = []
        append = parts.append
        get = obj.get
        for json, operation, key, how, zero in steps:
            value = get(json)
            if value is None:
                if zero:
                    append(zero)
                elif json is None:
                    _append(append, key, how.write(obj))
            elif operation == _STRING:
                _append(append, key, value.encode("utf-8", "replace"))
            elif operation == _MESSAGE:
                _append(append, key, how.write(value))
            elif operation == _NUMBER:
                append(key + varint(value))
            elif operation == _STRINGS:
                for item in value:
                    _append(append, key, item.encode("utf-8", "replace"))
            elif operation == _MESSAGES:
                for item in value:
                    _append(append, key, how.write(item))
            elif operation == _STRING_MAP:
                for name in sorted(value):
                    _append(append, key, delimited(1, name.encode()) + delimited(2, value[name].encode()))
            elif operation == _LEAF:
                _append(append, key, how(value))
            elif operation == _LEAVES:
                for item in value:
                    _append(append, key, how(item))
            elif operation == _MAP:
                for name in sorted(value):
                    _append(append, key, _entry(name, value[name], how))
            elif operation == _NUMBERS:
                for item in value:
                    append(key + varint(item))
            else:
                append(key + struct.pack("<d", value))
        return b"".join(parts)

    # -- compiling -----------------------------------------------------------------------------------------------

    def _compile(self) -> list[_Step]:
        steps: list[_Step] = []
        for number, field in (layout(self._type) if self._level is None else self._level).items():
            if isinstance(field, dict):
                inlined = MessageWriter(self._type, self._make, field)
                steps.append((None, _MESSAGE, tag(number, BYTES), inlined, b""))
            else:
                operation, wire, how = self._how(field.type)
                key = tag(number, wire)
                steps.append((field.json, operation, key, how, b"" if field.pointer else self._zero(field, key)))
        return steps

    def _how(self, type: Type) -> tuple[int, int, Any]:
        """Operation, wire type, and what writes a value."""
        elem = type.elem
        if type.shape == "list" and elem is not None and type.go not in WRAPPED:
            if elem.shape in _NUMBERS_SHAPES:
                return _NUMBERS, VARINT, None
            if elem.shape == "string":
                return _STRINGS, BYTES, None
            if elem.shape == "struct":
                return _MESSAGES, BYTES, self._make(elem)
            return _LEAVES, BYTES, self._leaf(elem)
        if type.shape == "map" and elem is not None:
            return (_STRING_MAP, BYTES, None) if elem.shape == "string" else (_MAP, BYTES, self._leaf(elem))
        if type.shape == "string":
            return _STRING, BYTES, None
        if type.shape == "struct":
            return _MESSAGE, BYTES, self._make(type)
        if type.shape == "float64":
            return _DOUBLE, FIXED64, None
        if type.shape in _NUMBERS_SHAPES:
            return _NUMBER, VARINT, None
        return _LEAF, BYTES, self._leaf(type)

    def _leaf(self, type: Type) -> Callable[[Any], bytes]:
        elem = type.elem
        if type.shape == "struct":
            return self._make(type).write
        if type.shape == "list" and elem is not None:
            items = MessageWriter(type, self._make, {1: Field("items", Type("list", go="[]", elem=elem), number=1)})
            return lambda value: items.write({"items": value})
        if type.shape == "raw" and elem is not None:
            return leaves.union_writer(self._make(elem), type.name)
        return leaves.WRITERS[type.shape]

    def _zero(self, field: Field, key: bytes) -> bytes:
        """What Go writes of a field that is no pointer and that nobody set."""
        shape = field.type.shape
        if shape in _NUMBERS_SHAPES:
            return key + b"\x00"
        if shape == "float64":
            return key + bytes(8)
        if shape == "struct":
            content = self._make(field.type).write({})
        elif shape == "raw" and field.type.name.endswith("OrBool"):
            content = b"\x08\x00"
        elif shape in leaves.ZEROS:
            content = leaves.ZEROS[shape]
        else:
            return b""
        return key + varint(len(content)) + content


def _append(append: Callable[[bytes], None], key: bytes, content: bytes) -> None:
    append(key)
    append(varint(len(content)))
    append(content)


def _entry(name: str, value: Any, how: Callable[[Any], bytes]) -> bytes:
    """An entry of a map: {key = 1, value = 2}; a null has no value."""
    head = delimited(1, name.encode())
    return head if value is None else head + delimited(2, how(value))
