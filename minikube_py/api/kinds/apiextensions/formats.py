"""Formats that a CRD's schemas name and nobody validates: creating such a CRD is warned of.

Upstream: apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go getUnrecognizedFormatsInCRD.
"""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.api.customresources.formats import known_format
from minikube_py.machinery.gvr import Object


def unrecognized_formats(crd: Object, minor: int) -> list[str]:
    """In the order in which they are met; one that is met twice is named twice. A schema that all versions share is
    looked at once."""
    schemas = []
    for version in crd["spec"].get("versions") or ():
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is not None:
            schemas.append(schema)
    if schemas and all(schema == schemas[0] for schema in schemas):
        schemas = schemas[:1]
    found: list[str] = []
    for schema in schemas:
        for node in walk(schema):
            format, type = node.get("format") or "", node.get("type") or ""
            if format and not known_format(format, (type,) if type else (), minor):
                found.append(format)
    return found


def walk(schema: Object) -> Iterator[Object]:
    """A schema and all within it (validation.SchemaHas's order, properties by name)."""
    yield schema
    items = schema.get("items")
    for each in items if isinstance(items, list) else (items,):
        if isinstance(each, dict):
            yield from walk(each)
    for junctor in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(junctor) or ():
            yield from walk(each)
    if schema.get("not") is not None:
        yield from walk(schema["not"])
    for _, each in sorted((schema.get("properties") or {}).items()):
        yield from walk(each)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from walk(schema["additionalProperties"])
