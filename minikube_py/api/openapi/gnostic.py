"""OpenAPI documents as protobuf: gnostic's OpenAPIv2 and OpenAPIv3, which client-go's OpenAPISchema reads.

A message is described by which JSON keys it has, in the order of their numbers; what a document says beyond that is
left out, as gnostic's own reader does. Values of any kind are YAML text, for which JSON will do.
Upstream: github.com/google/gnostic-models openapiv2/OpenAPIv2.proto, openapiv3/OpenAPIv3.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import orjson

from minikube_py.api.protobuf.wire import FIXED64, VARINT, delimited, tag, varint

Write = Callable[[int, Any], bytes]
"""Writes a JSON value as the field of a number."""

Content = Callable[[Any], bytes]
"""Writes a JSON value as the content of a message."""


def text(number: int, value: Any) -> bytes:
    return delimited(number, str(value).encode())


def boolean(number: int, value: Any) -> bytes:
    return tag(number, VARINT) + varint(int(bool(value)))


def integer(number: int, value: Any) -> bytes:
    return tag(number, VARINT) + varint(int(value))


def double(number: int, value: Any) -> bytes:
    return tag(number, FIXED64) + struct.pack("<d", value)


def anything(number: int, value: Any) -> bytes:
    """An Any {yaml = 2}."""
    return delimited(number, delimited(2, orjson.dumps(value) + b"\n"))


def one(content: Content) -> Write:
    return lambda number, value: delimited(number, content(value))


def many(write: Write) -> Write:
    """A repeated field of a JSON array."""
    return lambda number, value: b"".join(write(number, item) for item in value)


def named(write: Write) -> Write:
    """A message {repeated additional_properties = 1} of a JSON object, each {name = 1, value = 2}."""
    return lambda number, value: delimited(number, pairs(write)(1, value))


def pairs(write: Write) -> Write:
    """A repeated {name = 1, value = 2} of a JSON object."""

    def written(number: int, value: Any) -> bytes:
        return b"".join(delimited(number, text(1, name) + write(2, each)) for name, each in value.items())

    return written


def message(extensions: int, **fields: tuple[int, Write]) -> Content:
    """A message of JSON keys; `extensions` is the number of its x- keys, 0 for none. A key
    that Python keeps for itself has a trailing _ ("in_"); "ref" stands for $ref."""
    steps = [(_KEYS.get(name, name.removesuffix("_")), number, write) for name, (number, write) in fields.items()]

    def content(tree: Any) -> bytes:
        parts = [write(number, tree[key]) for key, number, write in steps if key in tree]
        if extensions:
            extra = {key: value for key, value in tree.items() if key.startswith("x-")}
            if extra:
                parts.append(pairs(anything)(extensions, extra))
        return b"".join(parts)

    return content


_KEYS = {"ref": "$ref"}

_strings = many(text)
_string_array = one(lambda value: _strings(1, value))
_security = many(one(lambda value: pairs(_string_array)(1, value)))
_external_docs = one(message(3, description=(1, text), url=(2, text)))


def _either(value: Any, when: Content, number: int, other: int) -> bytes:
    """additionalProperties: a schema, or whether there are any."""
    return boolean(other, value) if isinstance(value, bool) else delimited(number, when(value))


# -- version 2 -----------------------------------------------------------------------------------------------------


def _schema2(tree: Any) -> bytes:
    return _SCHEMA2(tree)


_SCHEMA2 = message(
    31,
    ref=(1, text),
    format=(2, text),
    title=(3, text),
    description=(4, text),
    default=(5, anything),
    multipleOf=(6, double),
    maximum=(7, double),
    exclusiveMaximum=(8, boolean),
    minimum=(9, double),
    exclusiveMinimum=(10, boolean),
    maxLength=(11, integer),
    minLength=(12, integer),
    pattern=(13, text),
    maxItems=(14, integer),
    minItems=(15, integer),
    uniqueItems=(16, boolean),
    maxProperties=(17, integer),
    minProperties=(18, integer),
    required=(19, _strings),
    enum=(20, many(anything)),
    additionalProperties=(21, one(lambda value: _either(value, _schema2, 1, 2))),
    type=(22, one(lambda value: text(1, value))),
    items=(23, one(lambda value: delimited(1, _schema2(value)))),
    allOf=(24, many(one(_schema2))),
    properties=(25, named(one(_schema2))),
    externalDocs=(29, _external_docs),
    example=(30, anything),
)
_INFO2 = message(7, title=(1, text), version=(2, text), description=(3, text))
_BODY2 = message(
    6, description=(1, text), name=(2, text), in_=(3, text), required=(4, boolean), schema=(5, one(_schema2))
)
_QUERY2 = message(
    23,
    required=(1, boolean),
    in_=(2, text),
    description=(3, text),
    name=(4, text),
    type=(6, text),
    format=(7, text),
    uniqueItems=(20, boolean),
)
_PATH2 = message(
    22,
    required=(1, boolean),
    in_=(2, text),
    description=(3, text),
    name=(4, text),
    type=(5, text),
    format=(6, text),
    uniqueItems=(19, boolean),
)


def _parameter2(tree: Any) -> bytes:
    """A Parameter: a body, or one of the others."""
    if tree["in"] == "body":
        return delimited(1, _BODY2(tree))
    if tree["in"] == "path":
        return delimited(2, delimited(4, _PATH2(tree)))
    return delimited(2, delimited(3, _QUERY2(tree)))


def _parameter_item2(tree: Any) -> bytes:
    if "$ref" in tree:
        return delimited(2, text(1, tree["$ref"]))
    return delimited(1, _parameter2(tree))


_RESPONSE2 = message(5, description=(1, text), schema=(2, one(lambda value: delimited(1, _schema2(value)))))
_OPERATION2 = message(
    13,
    tags=(1, _strings),
    summary=(2, text),
    description=(3, text),
    externalDocs=(4, _external_docs),
    operationId=(5, text),
    produces=(6, _strings),
    consumes=(7, _strings),
    parameters=(8, many(one(_parameter_item2))),
    responses=(9, one(lambda value: pairs(one(lambda each: delimited(1, _RESPONSE2(each))))(1, value))),
    schemes=(10, _strings),
    deprecated=(11, boolean),
    security=(12, _security),
)
_PATH_ITEM2 = message(
    10,
    ref=(1, text),
    get=(2, one(_OPERATION2)),
    put=(3, one(_OPERATION2)),
    post=(4, one(_OPERATION2)),
    delete=(5, one(_OPERATION2)),
    options=(6, one(_OPERATION2)),
    head=(7, one(_OPERATION2)),
    patch=(8, one(_OPERATION2)),
    parameters=(9, many(one(_parameter_item2))),
)
_API_KEY2 = message(5, type=(1, text), name=(2, text), in_=(3, text), description=(4, text))
_DOCUMENT2 = message(
    16,
    swagger=(1, text),
    info=(2, one(_INFO2)),
    schemes=(5, _strings),
    consumes=(6, _strings),
    produces=(7, _strings),
    paths=(8, one(lambda value: pairs(one(_PATH_ITEM2))(2, value))),
    definitions=(9, named(one(_schema2))),
    parameters=(10, named(one(_parameter2))),
    security=(12, _security),
    securityDefinitions=(13, named(one(lambda value: delimited(2, _API_KEY2(value))))),
)


def v2(json: bytes) -> bytes:
    """A Swagger 2.0 document as gnostic's openapi.v2.Document."""
    return _DOCUMENT2(orjson.loads(json))


# -- version 3 -----------------------------------------------------------------------------------------------------


def _or_reference(content: Content) -> Write:
    """A message {the thing = 1, reference = 2}."""

    def written(tree: Any) -> bytes:
        return delimited(2, text(1, tree["$ref"])) if "$ref" in tree else delimited(1, content(tree))

    return one(written)


def _schema3(tree: Any) -> bytes:
    return _SCHEMA3(tree)


def _additional3(value: Any) -> bytes:
    return boolean(2, value) if isinstance(value, bool) else _schema_or_reference(1, value)


def _default3(value: Any) -> bytes:
    """A DefaultType; lists and objects have none."""
    if isinstance(value, bool):
        return boolean(2, value)
    if isinstance(value, str):
        return text(3, value)
    return double(1, value) if isinstance(value, int | float) else b""


_schema_or_reference = _or_reference(_schema3)
_SCHEMA3 = message(
    36,
    nullable=(1, boolean),
    externalDocs=(6, _external_docs),
    example=(7, anything),
    deprecated=(8, boolean),
    title=(9, text),
    multipleOf=(10, double),
    maximum=(11, double),
    exclusiveMaximum=(12, boolean),
    minimum=(13, double),
    exclusiveMinimum=(14, boolean),
    maxLength=(15, integer),
    minLength=(16, integer),
    pattern=(17, text),
    maxItems=(18, integer),
    minItems=(19, integer),
    uniqueItems=(20, boolean),
    maxProperties=(21, integer),
    minProperties=(22, integer),
    required=(23, _strings),
    enum=(24, many(anything)),
    type=(25, text),
    allOf=(26, many(_schema_or_reference)),
    oneOf=(27, many(_schema_or_reference)),
    anyOf=(28, many(_schema_or_reference)),
    not_=(29, one(_schema3)),
    items=(30, one(lambda value: _schema_or_reference(1, value))),
    properties=(31, named(_schema_or_reference)),
    additionalProperties=(32, one(_additional3)),
    default=(33, one(_default3)),
    description=(34, text),
    format=(35, text),
)
_INFO3 = message(7, title=(1, text), description=(2, text), version=(6, text))
_MEDIA_TYPE3 = message(5, schema=(1, _schema_or_reference))
_content3 = named(one(_MEDIA_TYPE3))
_PARAMETER3 = message(
    14, name=(1, text), in_=(2, text), description=(3, text), required=(4, boolean), schema=(10, _schema_or_reference)
)
_parameters3 = many(_or_reference(_PARAMETER3))
_BODY3 = message(4, description=(1, text), content=(2, _content3), required=(3, boolean))
_RESPONSE3 = message(5, description=(1, text), content=(3, _content3))
_OPERATION3 = message(
    13,
    tags=(1, _strings),
    summary=(2, text),
    description=(3, text),
    externalDocs=(4, _external_docs),
    operationId=(5, text),
    parameters=(6, _parameters3),
    requestBody=(7, _or_reference(_BODY3)),
    responses=(8, one(lambda value: pairs(_or_reference(_RESPONSE3))(2, value))),
    deprecated=(10, boolean),
    security=(11, _security),
)
_PATH_ITEM3 = message(
    14,
    ref=(1, text),
    get=(4, one(_OPERATION3)),
    put=(5, one(_OPERATION3)),
    post=(6, one(_OPERATION3)),
    delete=(7, one(_OPERATION3)),
    options=(8, one(_OPERATION3)),
    head=(9, one(_OPERATION3)),
    patch=(10, one(_OPERATION3)),
    parameters=(13, _parameters3),
)
_SECURITY_SCHEME3 = message(9, type=(1, text), description=(2, text), name=(3, text), in_=(4, text))
_COMPONENTS3 = message(
    10,
    schemas=(1, named(_schema_or_reference)),
    securitySchemes=(7, named(_or_reference(_SECURITY_SCHEME3))),
)
_DOCUMENT3 = message(
    9,
    openapi=(1, text),
    info=(2, one(_INFO3)),
    paths=(4, one(lambda value: pairs(one(_PATH_ITEM3))(1, value))),
    components=(5, one(_COMPONENTS3)),
    security=(6, _security),
)


def v3(json: bytes) -> bytes:
    """An OpenAPI 3.0 document as gnostic's openapi.v3.Document."""
    return _DOCUMENT3(orjson.loads(json))
