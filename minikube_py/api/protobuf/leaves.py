"""Values that are messages on the wire and something smaller in JSON: times, quantities, raw JSON."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

import orjson

from minikube_py.api.protobuf.wire import (
    BYTES,
    VARINT,
    ProtobufError,
    check_tag,
    delimited,
    read_size,
    read_varint,
    signed,
    signed32,
    skip,
    tag,
    varint,
)
from minikube_py.api.schema import goduration

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO_TIME = -62135596800
"""Go's zero time, which is null in JSON."""


class Reader(Protocol):
    def value(self, data: bytes, at: int, end: int) -> Any: ...


class Writer(Protocol):
    def write(self, value: Any) -> bytes: ...


def fields(data: bytes, at: int, end: int, name: str = "") -> dict[int, Any]:
    """The last value of each field of a small message: numbers as they are, the rest as bytes.

    `name` is the Go struct's, for error messages. Raises ProtobufError.
    """
    found: dict[int, Any] = {}
    while at < end:
        key, at = read_varint(data, at, end)
        check_tag(key, name)
        if key & 7 == VARINT:
            found[key >> 3], at = read_varint(data, at, end)
        elif key & 7 == BYTES:
            start, at = read_size(data, at, end)
            found[key >> 3] = data[start:at]
        else:
            at = skip(data, key, at, end)
    return found


# -- reading: (data, at, end) to a JSON value ----------------------------------------------------------------------


def read_string(data: bytes, at: int, end: int) -> str:
    return str(data[at:end], "utf-8", "replace")


def read_bytes(data: bytes, at: int, end: int) -> str:
    return binascii.b2a_base64(data[at:end], newline=False).decode()


def read_time(data: bytes, at: int, end: int) -> str | None:
    return _time(data[at:end], "%Y-%m-%dT%H:%M:%SZ")


def read_microtime(data: bytes, at: int, end: int) -> str | None:
    return _time(data[at:end], "%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=4096)
def _time(message: bytes, layout: str) -> str | None:
    """A Timestamp {seconds = 1, nanos = 2}."""
    if not message:
        return None
    found = fields(message, 0, len(message), "Timestamp")
    seconds, micros = signed(found.get(1, 0)), signed32(found.get(2, 0)) // 1000
    if seconds == _ZERO_TIME:
        return None
    try:
        moment = _EPOCH + timedelta(seconds=seconds, microseconds=micros)
    except OverflowError:
        raise ProtobufError("Time.MarshalJSON: year outside of range [0,9999]") from None
    # strftime does not pad years before 1000
    return f"{moment.year:04}" + moment.strftime(layout)[len(str(moment.year)) if moment.year < 1000 else 4 :]


def read_duration(data: bytes, at: int, end: int) -> str:
    return goduration.written(signed(fields(data, at, end, "Duration").get(1, 0)))


def read_quantity(data: bytes, at: int, end: int) -> str:
    if end - at > 2 and data[at] == 10 and data[at + 1] == end - at - 2:
        return str(data[at + 2 : end], "utf-8", "replace")
    return str(fields(data, at, end, "Quantity").get(1, b"0"), "utf-8", "replace")


def read_int_or_string(data: bytes, at: int, end: int) -> int | str:
    found = fields(data, at, end, "IntOrString")
    if signed(found.get(1, 0)) == 0:
        return signed32(found.get(2, 0))
    return str(found.get(3, b""), "utf-8", "replace")


def read_raw(data: bytes, at: int, end: int) -> Any:
    """JSON in a message {raw = 1}."""
    raw = fields(data, at, end, "RawExtension").get(1, b"")
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ProtobufError(str(error)) from None


READERS: dict[str, Callable[[bytes, int, int], Any]] = {
    "string": read_string,
    "bytes": read_bytes,
    "time": read_time,
    "microtime": read_microtime,
    "duration": read_duration,
    "quantity": read_quantity,
    "intorstring": read_int_or_string,
    "raw": read_raw,
}
"""By shape: what reads a length-delimited value."""


def union_reader(schema: Reader, name: str) -> Callable[[bytes, int, int], Any]:
    """What reads a JSONSchemaPropsOrBool, OrArray or OrStringArray."""
    bool_first = name.endswith("OrBool")
    strings = name.endswith("OrStringArray")

    def read(data: bytes, at: int, end: int) -> Any:
        items: list[Any] = []
        allows, found = False, None
        while at < end:
            key, at = read_varint(data, at, end)
            if key & 7 == VARINT and bool_first:
                number, at = read_varint(data, at, end)
                allows = bool(number)
                continue
            if key & 7 != BYTES:
                at = skip(data, key, at, end)
                continue
            start, at = read_size(data, at, end)
            if key >> 3 == (2 if bool_first else 1):
                found = schema.value(data, start, at)
            elif strings:
                items.append(read_string(data, start, at))
            else:
                items.append(schema.value(data, start, at))
        if found is not None and not items:
            return found
        return allows if bool_first else items

    return read


# -- writing: a JSON value to a message's content ------------------------------------------------------------------


def write_string(value: str) -> bytes:
    return value.encode("utf-8", "replace")


def write_bytes(value: str) -> bytes:
    return binascii.a2b_base64(value)


@lru_cache(maxsize=4096)
def write_time(value: str) -> bytes:
    """A Timestamp of whole seconds: metav1.Time drops nanos."""
    return b"\x08" + varint(_since_epoch(value)[0]) + b"\x10\x00"


@lru_cache(maxsize=4096)
def write_microtime(value: str) -> bytes:
    seconds, micros = _since_epoch(value)
    return b"\x08" + varint(seconds) + b"\x10" + varint(micros * 1000)


def _since_epoch(value: str) -> tuple[int, int]:
    past = datetime.fromisoformat(value) - _EPOCH
    return past.days * 86400 + past.seconds, past.microseconds


def write_duration(value: str) -> bytes:
    return b"\x08" + varint(goduration.nanoseconds(value))


def write_quantity(value: str | float) -> bytes:
    return delimited(1, str(value).encode())


def write_int_or_string(value: int | str) -> bytes:
    if isinstance(value, str):
        return b"\x08\x01\x10\x00" + delimited(3, value.encode("utf-8", "replace"))
    return b"\x08\x00\x10" + varint(value) + b"\x1a\x00"


def write_raw(value: Any) -> bytes:
    return delimited(1, orjson.dumps(value))


WRITERS: dict[str, Callable[[Any], bytes]] = {
    "string": write_string,
    "bytes": write_bytes,
    "time": write_time,
    "microtime": write_microtime,
    "duration": write_duration,
    "quantity": write_quantity,
    "intorstring": write_int_or_string,
    "raw": write_raw,
}
"""By shape: what writes a length-delimited value's content."""

ZEROS: dict[str, bytes] = {
    "string": b"",
    "time": b"",
    "microtime": b"",
    "duration": b"\x08\x00",
    "quantity": b"\n\x010",
    "intorstring": b"\x08\x00\x10\x00\x1a\x00",
    "raw": b"",
}
"""By shape: the content of a value that is no pointer and that nobody set."""


def union_writer(schema: Writer, name: str) -> Callable[[Any], bytes]:
    """What writes a JSONSchemaPropsOrBool, OrArray or OrStringArray."""
    bool_first = name.endswith("OrBool")

    def write(value: Any) -> bytes:
        if isinstance(value, bool):
            return tag(1, VARINT) + varint(value)
        if isinstance(value, list):
            written = (item.encode() if isinstance(item, str) else schema.write(item) for item in value)
            return b"".join(delimited(2, item) for item in written)
        if bool_first:  # Go sets Allows along with a schema
            return b"\x08\x01" + delimited(2, schema.write(value))
        return delimited(1, schema.write(value))

    return write
