"""Layouts: how a struct's fields are numbered, with inlined structs as the nested messages they are on the wire."""

from __future__ import annotations

from minikube_py.api.schema.facts import go_name, go_struct
from minikube_py.api.schema.types import Field, Type

Layout = dict[int, "Field | Layout"]
"""Fields by number, ascending; an inlined struct is a layout of its own: {1: name, 2: {1: hostPath, ...}} of Volume."""

WRAPPED = frozenset({"v1.Verbs"})
"""Named Go slices that are messages of their own even as a field: {repeated items = 1}."""

_TYPE_META = "k8s.io/apimachinery/pkg/apis/meta/v1.TypeMeta"


def layout(type: Type) -> Layout:
    """The layout of a struct; fields without a number are not in it."""
    found: Layout = {}
    hidden = _type_meta(type)
    for field in type.fields.values():
        if not field.number or field.json in hidden:
            continue
        level = found
        for number in field.embedded:
            inner = level.setdefault(number, {})
            assert isinstance(inner, dict)
            level = inner
        level[field.number] = field
    return _ascending(found)


def _type_meta(type: Type) -> frozenset[str]:
    """kind and apiVersion, where they are inlined without a number: the envelope carries them."""
    rows = go_struct(go_name(type.name)) or ()
    inlined = any(row.type == _TYPE_META and "i" in row.flags and not row.number for row in rows)
    return frozenset(("kind", "apiVersion")) if inlined else frozenset()


def _ascending(level: Layout) -> Layout:
    return {
        number: _ascending(inner) if isinstance(inner := level[number], dict) else inner for number in sorted(level)
    }
