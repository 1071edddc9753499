"""Protobuf bodies: application/vnd.kubernetes.protobuf, to and from JSON trees.

A body is "k8s\\0" and a runtime.Unknown {typeMeta = 1 {apiVersion = 1, kind = 2}, raw = 2, contentEncoding = 3,
contentType = 4} around the object's own message. Upstream: apimachinery/pkg/runtime/serializer/protobuf/protobuf.go.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from minikube_py.api.protobuf.leaves import fields
from minikube_py.api.protobuf.reader import MessageReader
from minikube_py.api.protobuf.wire import ProtobufError, UnexpectedEOF, delimited
from minikube_py.api.protobuf.writer import MessageWriter
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type
from minikube_py.machinery.gvr import GroupVersionKind, Object

__all__ = ["PREFIX", "ProtobufError", "decode", "encode", "watch_frame"]

PREFIX = b"k8s\x00"
_NO_CONTENT_TYPE = b"\x1a\x00\x22\x00"
"""runtime.Unknown's contentEncoding and contentType, both empty."""


class _Codec:
    """The readers and writers of one schema's types, made at first use."""

    __slots__ = ("_heads", "_readers", "_writers")

    def __init__(self) -> None:
        self._readers: dict[Type, MessageReader] = {}
        self._writers: dict[Type, MessageWriter] = {}
        self._heads: dict[tuple[str, str], bytes] = {}

    def reader(self, type: Type) -> MessageReader:
        found = self._readers.get(type)
        if found is None:
            found = self._readers[type] = MessageReader(type, self.reader)
        return found

    def writer(self, type: Type) -> MessageWriter:
        found = self._writers.get(type)
        if found is None:
            found = self._writers[type] = MessageWriter(type, self.writer)
        return found

    def head(self, api_version: str, kind: str) -> bytes:
        """The prefix and the envelope's TypeMeta."""
        found = self._heads.get((api_version, kind))
        if found is None:
            type_meta = delimited(1, api_version.encode()) + delimited(2, kind.encode())
            found = self._heads[api_version, kind] = PREFIX + delimited(1, type_meta)
        return found


_codecs: WeakKeyDictionary[Schema, _Codec] = WeakKeyDictionary()


def _codec(schema: Schema) -> _Codec:
    found = _codecs.get(schema)
    if found is None:
        found = _codecs[schema] = _Codec()
    return found


def decode(body: bytes, schema: Schema, expected: GroupVersionKind | None = None) -> Object:
    """The tree of a body, in any form that decoding JSON would take: nothing is defaulted or canonical.

    kind and apiVersion are the envelope's, or `expected`'s where it has none. Of a kind that the schema does not know
    the tree has nothing else. Raises ProtobufError; its `kind` is set if only the object itself is unreadable.
    """
    if not body:
        raise ProtobufError("empty data")
    if not body.startswith(PREFIX):
        shown = " ".join(str(byte) for byte in PREFIX)
        raise ProtobufError(f"provided data does not appear to be a protobuf message, expected prefix [{shown}]")
    if len(body) == len(PREFIX):
        raise ProtobufError("empty body")
    kind, raw = _envelope(body)
    if expected is not None:
        kind = _defaulted(kind, expected)
    tree: Object = {"kind": kind.kind, "apiVersion": kind.api_version}
    type = schema.type_for(kind)
    if type is None or type.shape != "struct":
        return tree
    try:
        _codec(schema).reader(type).read(raw, 0, len(raw), tree)
    except IndexError:
        error: ProtobufError = UnexpectedEOF()
        error.kind = kind
        raise error from None
    except ProtobufError as error:
        error.kind = kind
        raise
    return tree


def encode(tree: Object, schema: Schema) -> bytes:
    """The body of a canonical object, a list, a Status or PartialObjectMetadata.

    Raises ProtobufError for kinds that have no protobuf form: custom resources and tables.
    """
    kind = GroupVersionKind.of(tree)
    # discovery of the legacy group leaves out the version of its own documents
    type = schema.type_for(kind if kind.version else kind._replace(version="v1"))
    if type is None or type.shape != "struct" or kind.kind == "Table":
        raise ProtobufError(
            f"object *unstructured.Unstructured ({kind.api_version}, Kind={kind.kind}) does not implement the protobuf "
            "marshalling interface and cannot be encoded to a protobuf message"
        )
    codec = _codec(schema)
    raw = codec.writer(type).write(tree)
    return codec.head(kind.api_version, kind.kind) + delimited(2, raw) + _NO_CONTENT_TYPE


def watch_frame(type: str, obj: Object, schema: Schema) -> bytes:
    """One event of a watch: its length in four bytes, big-endian, and a WatchEvent {type = 1, object = 2 {raw = 1}}.

    Raises ProtobufError as `encode`.
    """
    event = delimited(1, type.encode()) + delimited(2, delimited(1, encode(obj, schema)))
    return len(event).to_bytes(4, "big") + event


def _envelope(body: bytes) -> tuple[GroupVersionKind, bytes]:
    """What a body says it is, and the object's own message."""
    found = fields(body, len(PREFIX), len(body), "Unknown")
    meta = found.get(1, b"")
    if not isinstance(meta, bytes):
        raise ProtobufError("proto: wrong wireType = 0 for field TypeMeta")
    names = fields(meta, 0, len(meta), "TypeMeta")
    version, kind = (bytes(names.get(number, b"")).decode("utf-8", "replace") for number in (1, 2))
    raw = found.get(2, b"")
    if not isinstance(raw, bytes):
        raise ProtobufError("proto: wrong wireType = 0 for field Raw")
    group, _, version = version.rpartition("/")
    return GroupVersionKind(group, version, kind), raw


def _defaulted(kind: GroupVersionKind, expected: GroupVersionKind) -> GroupVersionKind:
    """What is missing taken from the expected kind (protobuf.go's copyKindDefaults)."""
    if not kind.version:
        kind = kind._replace(group=expected.group, version=expected.version)
    return kind if kind.kind else kind._replace(kind=expected.kind)
