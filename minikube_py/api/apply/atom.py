"""Atoms: what server-side apply can do with a value of a certain type. Compiled once per Type, see typed.py.

An atom is a leaf (one manager owns it as a whole: scalars, atomic lists and maps) or granular (its parts are owned
one by one: structs, maps, lists of type set and map). This file has the contract and the leaves.

Upstream: sigs.k8s.io/structured-merge-diff typed/{compare,merge,tofieldset,remove,validate,reconcile_schema}.go.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.apply.fieldset import LEAF, FieldSet
from minikube_py.machinery.gotext import float_text, quote


class TypedError(Exception):
    """A value does not fit its type; the text is upstream's."""


class Atom:
    """A leaf; granular atoms override everything but `child`.

    Values are JSON trees and never changed; results share what did not change.
    """

    __slots__ = ()

    def whole(self, value: Any) -> FieldSet:
        """The node of a value that only one side of a comparison has: it and everything in it."""
        return LEAF

    def compare(self, old: Any, new: Any, key: str, changed: FieldSet, removed: FieldSet) -> None:
        """Notes under `key` how two values differ that both are there and are not equal: what was added or
        modified into `changed`, what is gone into `removed`."""
        changed[key] = LEAF

    def field_set(self, value: Any) -> FieldSet | None:
        """The node of what a manager owns who applies `value`; None for nothing. Whether the value itself is
        owned beside its parts is for the caller to add."""
        return LEAF

    def merge(self, old: Any, new: Any) -> Any:
        """`new` applied over `old`: nothing is removed, leaves are the new ones."""
        return new

    def remove(self, value: Any, fields: FieldSet) -> Any:
        """`value` without the members of the node `fields`; None if nothing is left of it."""
        return value

    def named(self, fields: FieldSet) -> FieldSet:
        """The node with those fields of structs made members that have members below them."""
        return fields

    def reconcile(self, fields: FieldSet) -> FieldSet:
        """The node as this type would have it, if it was written when parts of it were of another list or map
        type: what is atomic now is owned as a whole."""
        return fields

    def validate(self, value: Any, path: str, errors: list[str]) -> None:
        """Notes what does not fit: wrong types, unknown fields, duplicates in sets and maps."""


class Scalar(Atom):
    __slots__ = ("_kind",)

    def __init__(self, kind: str) -> None:
        """`kind`: "numeric", "string", "boolean" or "untyped" (any scalar)."""
        self._kind = kind

    def validate(self, value: Any, path: str, errors: list[str]) -> None:
        if value is None:
            return
        kind = self._kind
        if kind == "string":
            if not isinstance(value, str):
                report(errors, path, f"expected string, got &value.valueUnstructured{{Value:{go_syntax(value)}}}")
        elif kind == "numeric":
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                report(errors, path, f"expected numeric (int or float), got {go_type(value)}")
        elif kind == "boolean":
            if not isinstance(value, bool):
                report(errors, path, f"expected boolean, got {go_pointer(value)}")
        elif isinstance(value, (dict, list)):
            report(errors, path, f"expected any scalar, got {go_pointer(value)}")


class Opaque(Atom):
    """Any value, owned as a whole (runtime.RawExtension; upstream's __untyped_atomic_)."""

    __slots__ = ()

    def remove(self, value: Any, fields: FieldSet) -> Any:
        return None if isinstance(value, (dict, list)) else value

    def reconcile(self, fields: FieldSet) -> FieldSet:
        return LEAF


NUMERIC, STRING, BOOLEAN, UNTYPED = Scalar("numeric"), Scalar("string"), Scalar("boolean"), Scalar("untyped")
OPAQUE = Opaque()


def report(errors: list[str], path: str, message: str) -> None:
    errors.append(f"{path}: {message}" if path else message)


def go_type(value: Any) -> str:
    """%T of a value that was decoded into interface{}."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "float64"
    return "[]interface {}" if isinstance(value, list) else "map[string]interface {}"


def go_syntax(value: Any) -> str:
    """%#v of it."""
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(go_syntax, value))}}}"
    if isinstance(value, dict):
        items = ", ".join(f"{quote(key)}:{go_syntax(value[key])}" for key in sorted(value))
        return f"map[string]interface {{}}{{{items}}}"
    return go_text(value)


def go_text(value: Any) -> str:
    """%v of it; numbers were decoded as float64."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return float_text(float(value))
    if isinstance(value, list):
        return "[" + " ".join(map(go_text, value)) + "]"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_text(value[key])}" for key in sorted(value)) + "]"
    return str(value)


def go_pointer(value: Any) -> str:
    """%v of the pointer that wraps it in structured-merge-diff."""
    return f"&{{{go_text(value)}}}"
