"""Types as server-side apply sees them: compiling a Type to an Atom, once.

Upstream: k8s.io/kube-openapi schemaconv (which OpenAPI becomes which atom).
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.apply.atom import BOOLEAN, NUMERIC, OPAQUE, STRING, UNTYPED, Atom
from minikube_py.api.apply.fieldset import LEAF, FieldSet, ordered
from minikube_py.api.apply.lists import AtomicList, MapList, SetList
from minikube_py.api.apply.maps import DEDUCED, AtomicMap, Map
from minikube_py.api.schema.types import Field, Type

_SCALARS: dict[str, Atom] = {
    "string": STRING,
    "bytes": STRING,
    "duration": STRING,
    "bool": BOOLEAN,
    "time": UNTYPED,
    "microtime": UNTYPED,
    "quantity": UNTYPED,
    "intorstring": UNTYPED,
}
_NUMBERS = frozenset({"int", "int32", "int64", "uint8", "uint32", "uint64", "float32", "float64"})
_RAW_EXTENSION = "RawExtension"

_KEY_DEFAULTS = {
    ("io.k8s.api.core.v1.ContainerPort", "protocol"): "TCP",
    ("io.k8s.api.core.v1.ServicePort", "protocol"): "TCP",
}
"""Defaults of keys of list items, which OpenAPI v3 states and v2 does not."""


_MOST_FLAT = 64
"""So many nodes does a struct keep."""


class _Struct(Map):
    """A struct: its fields are compiled when first met, for types may hold themselves."""

    __slots__ = ("_atoms", "_flat", "_other", "_type")

    def __init__(self, type: Type) -> None:
        self._type = type
        self._atoms: dict[str, Atom] = {}
        self._flat: dict[tuple[str, ...], FieldSet] = {}
        # an object schema without properties is of free form, like one that preserves unknown fields
        self._other = DEDUCED if type.preserve_unknown or not type.fields else None

    def named_child(self, name: str) -> Atom | None:
        atom = self._atoms.get(name)
        if atom is None:
            field = self._type.fields.get(name)
            if field is None:
                return None
            atom = self._atoms[name] = compile_type(field.type)
        return atom

    def other(self) -> Atom | None:
        return self._other

    def child(self, name: str) -> Atom:
        return self._atoms.get(name) or self.named_child(name) or DEDUCED

    def whole(self, value: Any) -> FieldSet:
        """Of a value whose parts are all leaves (a condition) the node is made once for these names."""
        if not value or not isinstance(value, dict):
            return LEAF
        names = tuple(value)
        known = self._flat.get(names)
        if known is not None:
            return known
        node = ordered(super().whole(value))
        if len(self._flat) < _MOST_FLAT and all(type(self.child(name)).whole is Atom.whole for name in names):
            self._flat[names] = node
        return node


class _Dictionary(Map):
    """A map[string]T."""

    __slots__ = ("_elem",)

    def __init__(self, elem: Atom) -> None:
        self._elem = elem

    def other(self) -> Atom | None:
        return self._elem

    def child(self, name: str) -> Atom:
        return self._elem


_compiled: dict[int, tuple[Type, Atom]] = {}
"""Of structs, maps and lists, by the identity of the Type, which is kept alive beside its atom."""

_MAX_COMPILED = 8192
"""So that the types of definitions long gone are let go: whoever uses an atom holds it."""


def compile_type(type: Type) -> Atom:
    """The atom of a type; the same one for the same Type."""
    shape = type.shape
    if shape in _SCALARS:
        return _SCALARS[shape]
    if shape in _NUMBERS:
        return NUMERIC
    if shape == "raw":
        return OPAQUE if _RAW_EXTENSION in type.go or _RAW_EXTENSION in type.name else DEDUCED
    known = _compiled.get(id(type))
    if known is not None:
        return known[1]
    atom = _compile(type)
    if len(_compiled) >= _MAX_COMPILED:
        _compiled.clear()
    _compiled[id(type)] = type, atom
    return atom


def _compile(type: Type) -> Atom:
    if type.shape == "struct":
        struct = _Struct(type)
        return AtomicMap(struct) if type.map_type == "atomic" else struct
    if type.shape == "map":
        dictionary = _Dictionary(compile_type(type.elem) if type.elem is not None else DEDUCED)
        return AtomicMap(dictionary) if type.map_type == "atomic" else dictionary
    return _compile_list(type)


def _compile_list(type: Type) -> Atom:
    elem = compile_type(type.elem) if type.elem is not None else OPAQUE
    if type.list_type == "set":
        return SetList(elem)
    if type.list_type == "map" and type.map_keys and type.elem is not None:
        fields = type.elem.fields
        defaults = {
            name: default
            for name in type.map_keys
            if name in fields and (default := _key_default(type.elem.name, fields[name])) is not None
        }
        return MapList(elem, type.map_keys, defaults)
    return AtomicList(elem)


def _key_default(struct: str, field: Field) -> Any:
    """What OpenAPI says a key is where it is left out: its default, or for a Go field that is always on the wire
    its zero value."""
    default = field.default if field.default is not None else _KEY_DEFAULTS.get((struct, field.json))
    if default is not None:
        return default
    if field.omitempty or field.pointer or not field.go_name:
        return None
    if field.type.shape == "string":
        return ""
    if field.type.shape == "bool":
        return False
    return 0 if field.type.shape in _NUMBERS else None
