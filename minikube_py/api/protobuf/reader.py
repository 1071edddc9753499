"""Reading messages as JSON trees: one table per Go struct, from tag to what its value becomes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from minikube_py.api.protobuf import leaves
from minikube_py.api.protobuf.layout import WRAPPED, Layout, layout
from minikube_py.api.protobuf.wire import (
    BYTES,
    FIXED64,
    VARINT,
    ProtobufError,
    UnexpectedEOF,
    check_tag,
    read_size,
    read_varint,
    signed,
    signed32,
    skip,
)
from minikube_py.api.schema.types import Field, Type

_STRING, _MESSAGE, _STRINGS, _MESSAGES, _STRING_MAP, _LEAF, _LEAVES, _MAP, _EMBEDDED, _PACKED = range(10)
_DELIMITED = 10
"""Operations below this one are of length-delimited values."""
_NUMBER, _NUMBERS, _DOUBLE = range(10, 13)

_Entry = tuple[int, str, Any]

_NUMBERS_BY_SHAPE: dict[str, Callable[[int], Any]] = {
    "bool": bool,
    "int32": signed32,
    "int64": signed,
    "int": signed,
    "uint8": lambda value: value & 0xFF,
    "uint32": lambda value: value & 0xFFFFFFFF,
    "uint64": lambda value: value,
}


class MessageReader:
    """Reads the messages of one struct. Its table is made at first use, so that recursive structs are no trouble."""

    __slots__ = ("_level", "_make", "_table", "_type")

    def __init__(self, type: Type, make: Callable[[Type], MessageReader], level: Layout | None = None) -> None:
        """`level` is the layout of a struct inlined in `type`."""
        self._type = type
        self._make = make
        self._level = level
        self._table: dict[int, _Entry] | None = None

    def read(self, data: bytes, at: int, end: int, out: dict[str, Any]) -> None:
        """Read the message in data[at:end] into `out`. Raises ProtobufError; IndexError where the data ends."""
        table = self._table
        if table is None:
            table = self._table = self._compile()
        while at < end:
            tag = data[at]
            at += 1
            if tag > 127:
                tag, at = read_varint(data, at - 1, end)
            entry = table.get(tag)
            if entry is None:
                at = self._unknown(data, tag, at, end)
                continue
            operation, json, how = entry
            if operation >= _DELIMITED:
                at = _scalar(data, at, end, out, entry)
                continue
            size = data[at]
            at += 1
            if size > 127:
                at, stop = read_size(data, at - 1, end)
            else:
                stop = at + size
                if stop > end:
                    raise UnexpectedEOF
            if operation == _STRING:
                out[json] = str(data[at:stop], "utf-8", "replace")
            elif operation == _MESSAGE:
                how.read(data, at, stop, out.setdefault(json, {}))
            elif operation == _STRINGS:
                out.setdefault(json, []).append(str(data[at:stop], "utf-8", "replace"))
            elif operation == _MESSAGES:
                item: dict[str, Any] = {}
                out.setdefault(json, []).append(item)
                how.read(data, at, stop, item)
            elif operation == _STRING_MAP:
                _string_entry(data, at, stop, out.setdefault(json, {}))
            elif operation == _LEAF:
                out[json] = how(data, at, stop)
            elif operation == _LEAVES:
                out.setdefault(json, []).append(how(data, at, stop))
            elif operation == _MAP:
                _entry(data, at, stop, out.setdefault(json, {}), how)
            elif operation == _EMBEDDED:
                how.read(data, at, stop, out)
            else:
                _packed(data, at, stop, out.setdefault(json, []), how)
            at = stop
        if at > end:
            raise UnexpectedEOF

    def value(self, data: bytes, at: int, end: int) -> dict[str, Any]:
        """The message in data[at:end]."""
        out: dict[str, Any] = {}
        self.read(data, at, end, out)
        return out

    def _unknown(self, data: bytes, tag: int, at: int, end: int) -> int:
        """Where the value of a tag that the table lacks ends. Raises ProtobufError for a known field's wrong type."""
        name = self._type.go.rpartition(".")[2]
        check_tag(tag, name)
        for known, (_, json, _) in (self._table or {}).items():
            if known >> 3 == tag >> 3:
                field = self._type.fields.get(json)
                raise ProtobufError(f"proto: wrong wireType = {tag & 7} for field {field.go_name if field else json}")
        return skip(data, tag, at, end)

    # -- compiling -----------------------------------------------------------------------------------------------

    def _compile(self) -> dict[int, _Entry]:
        table: dict[int, _Entry] = {}
        for number, field in (layout(self._type) if self._level is None else self._level).items():
            if isinstance(field, dict):
                table[number << 3 | BYTES] = _EMBEDDED, "", MessageReader(self._type, self._make, field)
            else:
                self._add(table, number, field)
        return table

    def _add(self, table: dict[int, _Entry], number: int, field: Field) -> None:
        type, json = field.type, field.json
        delimited = number << 3 | BYTES
        elem = type.elem
        if type.shape == "list" and elem is not None and type.go not in WRAPPED:
            convert = _NUMBERS_BY_SHAPE.get(elem.shape)
            if convert is not None:
                table[number << 3 | VARINT] = _NUMBERS, json, convert
                table[delimited] = _PACKED, json, convert
            elif elem.shape == "string":
                table[delimited] = _STRINGS, json, None
            elif elem.shape == "struct":
                table[delimited] = _MESSAGES, json, self._make(elem)
            else:
                table[delimited] = _LEAVES, json, self._leaf(elem)
        elif type.shape == "map" and elem is not None:
            if elem.shape == "string":
                table[delimited] = _STRING_MAP, json, None
            else:
                table[delimited] = _MAP, json, self._leaf(elem)
        elif type.shape == "string":
            table[delimited] = _STRING, json, None
        elif type.shape == "struct":
            table[delimited] = _MESSAGE, json, self._make(type)
        elif type.shape == "float64":
            table[number << 3 | FIXED64] = _DOUBLE, json, None
        elif type.shape in _NUMBERS_BY_SHAPE:
            table[number << 3 | VARINT] = _NUMBER, json, _NUMBERS_BY_SHAPE[type.shape]
        else:
            table[delimited] = _LEAF, json, self._leaf(type)

    def _leaf(self, type: Type) -> Callable[[bytes, int, int], Any]:
        """What reads a length-delimited value that is no plain struct, or stands in a map."""
        elem = type.elem
        if type.shape == "struct":
            return self._make(type).value
        if type.shape == "list" and elem is not None:
            return MessageReader(type, self._make, {1: Field("items", Type("list", go="[]", elem=elem))}).items
        if type.shape == "raw" and elem is not None:
            return leaves.union_reader(self._make(elem), type.name)
        return leaves.READERS[type.shape]

    def items(self, data: bytes, at: int, end: int) -> list[Any]:
        """The list in a message that stands for a named slice: {repeated items = 1}."""
        found: list[Any] = self.value(data, at, end).get("items", [])
        return found


def _scalar(data: bytes, at: int, end: int, out: dict[str, Any], entry: _Entry) -> int:
    operation, json, how = entry
    if operation == _DOUBLE:
        if at + 8 > end:
            raise UnexpectedEOF
        out[json] = struct.unpack_from("<d", data, at)[0]
        return at + 8
    value = data[at]
    at += 1
    if value > 127:
        value, at = read_varint(data, at - 1, end)
    if operation == _NUMBER:
        out[json] = how(value)
    else:
        out.setdefault(json, []).append(how(value))
    return at


def _packed(data: bytes, at: int, end: int, out: list[Any], how: Callable[[int], Any]) -> None:
    while at < end:
        value, at = read_varint(data, at, end)
        out.append(how(value))


def _string_entry(data: bytes, at: int, end: int, out: dict[str, Any]) -> None:
    """An entry of a map of strings: {key = 1, value = 2}."""
    if end - at > 3 and data[at] == 10 and data[at + 1] < 128:
        middle = at + 2 + data[at + 1]
        if middle + 1 < end and data[middle] == 18 and data[middle + 1] < 128 and middle + 2 + data[middle + 1] == end:
            out[str(data[at + 2 : middle], "utf-8", "replace")] = str(data[middle + 2 : end], "utf-8", "replace")
            return
    _entry(data, at, end, out, leaves.READERS["string"])


def _entry(data: bytes, at: int, end: int, out: dict[str, Any], how: Callable[[bytes, int, int], Any]) -> None:
    key, start, stop = "", 0, 0
    while at < end:
        tag, at = read_varint(data, at, end)
        if tag == 10:
            first, at = read_size(data, at, end)
            key = str(data[first:at], "utf-8", "replace")
        elif tag == 18:
            start, at = read_size(data, at, end)
            stop = at
        else:
            at = skip(data, tag, at, end)
    out[key] = how(data, start, stop)
