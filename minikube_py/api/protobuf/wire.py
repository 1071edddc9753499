"""Protobuf's wire format: varints, tags, and generated Go's words for what is wrong with them.

Upstream: gogo/protobuf's generated Unmarshal and skipGenerated (generated.pb.go of every API group).
"""

from __future__ import annotations

from minikube_py.machinery.gvr import GroupVersionKind

VARINT, FIXED64, BYTES, GROUP, END_GROUP, FIXED32 = range(6)
"""Wire types: the lowest three bits of a tag."""

MAX_UINT64 = (1 << 64) - 1


class ProtobufError(ValueError):
    """A body that is no protobuf message, in upstream's words.

    `kind` is what the body says it is, or None if it could not be read that far.
    """

    kind: GroupVersionKind | None = None


class UnexpectedEOF(ProtobufError):
    """The data ends within a message."""

    def __init__(self) -> None:
        super().__init__("unexpected EOF")


def read_varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """The varint at `at`, and where it ends. Raises ProtobufError."""
    result = shift = 0
    while True:
        if shift >= 64:
            raise ProtobufError("proto: integer overflow")
        if at >= end:
            raise UnexpectedEOF
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & MAX_UINT64, at
        shift += 7


def read_size(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the length-delimited value whose length stands at `at` begins, and where it ends. Raises ProtobufError."""
    size, at = read_varint(data, at, end)
    if size >> 63:
        raise ProtobufError("proto: negative length found during unmarshaling")
    if at + size > end:
        raise UnexpectedEOF
    return at, at + size


def check_tag(tag: int, name: str) -> None:
    """Raises ProtobufError for a tag that no message of the struct `name` may hold."""
    number, wire = tag >> 3 & 0xFFFFFFFF, tag & 7
    if wire == END_GROUP:
        raise ProtobufError(f"proto: {name}: wiretype end group for non-group")
    if not 0 < number < 1 << 31:
        raise ProtobufError(f"proto: {name}: illegal tag {signed32(number)} (wire type {tag})")


def skip(data: bytes, tag: int, at: int, end: int) -> int:
    """Where the value of a tag at `at` ends; groups are skipped whole. Raises ProtobufError."""
    depth = 0
    while True:
        wire = tag & 7
        if wire == VARINT:
            _, at = read_varint(data, at, end)
        elif wire == FIXED64:
            at += 8
        elif wire == BYTES:
            _, at = read_size(data, at, end)
        elif wire == GROUP:
            depth += 1
        elif wire == END_GROUP:
            if not depth:
                raise ProtobufError("proto: unexpected end of group")
            depth -= 1
        elif wire == FIXED32:
            at += 4
        else:
            raise ProtobufError(f"proto: illegal wireType {wire}")
        if at > end:
            raise UnexpectedEOF
        if not depth:
            return at
        tag, at = read_varint(data, at, end)


def signed(value: int) -> int:
    """A varint as Go's int64."""
    return value - (1 << 64) if value >> 63 else value


def signed32(value: int) -> int:
    """A varint as Go's int32, which drops the upper half."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


_ONE_BYTE = tuple(bytes((value,)) for value in range(128))


def varint(value: int) -> bytes:
    """A varint; negative numbers as 64-bit two's complement."""
    if 0 <= value < 128:
        return _ONE_BYTE[value]
    value &= MAX_UINT64
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


def delimited(number: int, content: bytes) -> bytes:
    """A length-delimited field: a string, bytes or a message."""
    return tag(number, BYTES) + varint(len(content)) + content
