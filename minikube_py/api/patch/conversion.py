"""A strategically merged tree on its way into its Go type (apimachinery/pkg/runtime/converter.go).

Upstream takes this tree over value by value, not through JSON text, which has rules and words of its own:
whole floats pass for integers, integers wrap, and a wrong kind is "cannot restore slice from map".
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.patch.patchmeta import kind
from minikube_py.api.schema.decode import DecodeError, decode
from minikube_py.api.schema.types import Type

_BITS = {"int": 64, "int32": 32, "int64": 64, "uint8": 8, "uint32": 32, "uint64": 64}
_CUSTOM = frozenset({"time", "microtime", "duration", "quantity", "intorstring"})
"""Shapes whose Go types read JSON text themselves."""
_KINDS = {dict: "map", list: "slice", str: "string", bool: "bool", int: "int64", float: "float64"}


class ConversionError(ValueError):
    """A value of a kind that its field cannot take; the message is upstream's."""


def converted(type: Type, tree: Any) -> Any:
    """The tree as decode() will accept it, or ConversionError. Unknown fields stay; nothing is changed in place.

    Needed only for trees that decode() refuses: what it accepts, upstream's converter takes over as it is.
    """
    if tree is None or type.shape == "raw":
        return tree
    if type.shape == "struct":
        return _struct(type, tree)
    if type.shape == "map":
        if not isinstance(tree, dict):
            raise ConversionError(f"cannot restore map from {_KINDS[tree.__class__]}")
        return {key: converted(type.elem, value) if type.elem else value for key, value in tree.items()}
    if type.shape in ("list", "bytes"):
        return _list(type, tree)
    return _custom(type, tree) if type.shape in _CUSTOM else _scalar(type, tree)


def _struct(type: Type, tree: Any) -> Any:
    if not isinstance(tree, dict):
        raise ConversionError(f"cannot restore struct from: {_KINDS[tree.__class__]}")
    result = dict(tree)
    for name, field in type.fields.items():
        if name in result:
            result[name] = converted(field.type, result[name])
    return result


def _list(type: Type, tree: Any) -> Any:
    if type.shape == "bytes" and isinstance(tree, str):
        return _custom(type, tree, "error decoding from json: ")
    if not isinstance(tree, list):
        raise ConversionError(f"cannot restore slice from {_KINDS[tree.__class__]}")
    return [converted(type.elem, item) if type.elem else item for item in tree]


def _custom(type: Type, tree: Any, prefix: str = "") -> Any:
    if isinstance(tree, float) and tree.is_integer():
        tree = int(tree)  # as encoding/json writes it
    try:
        decode(type, tree)
    except DecodeError as error:
        raise ConversionError(f"{prefix}{error}") from None
    return tree


def _scalar(type: Type, tree: Any) -> Any:
    """Between bools, numbers and strings nothing converts; Go would make a string of an integer, and it is
    that which is refused as a conversion."""
    given, wanted = tree.__class__, type.shape
    bits = _BITS.get(wanted)
    if given is int:
        if bits is not None:
            return _wrapped(tree, bits, wanted.startswith("u"))
        if wanted == "float64":
            return tree
        if wanted == "string":
            raise ConversionError(f"cannot convert int64 to {type.go or wanted}")
    elif given is float:
        if wanted == "float64":
            return tree
        if bits is not None:
            if tree.is_integer():
                return _wrapped(int(tree), bits, wanted.startswith("u"))
            raise ConversionError(f"cannot convert float64 to {type.go or wanted}")
    elif (given is str and wanted == "string") or (given is bool and wanted == "bool"):
        return tree
    raise ConversionError(f"unrecognized type: {kind(type)}")


def _wrapped(value: int, bits: int, unsigned: bool) -> int:
    """As Go converts between integer types: the low bits are kept."""
    value &= (1 << bits) - 1
    return value if unsigned or value < 1 << (bits - 1) else value - (1 << bits)
