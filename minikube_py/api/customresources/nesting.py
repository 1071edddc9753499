"""Values at a path of keys, where something else may stand (apimachinery's unstructured.NestedFieldNoCopy)."""

from __future__ import annotations

from typing import Any

from minikube_py.machinery.gvr import Object

_GO = {str: "string", bool: "bool", int: "int64", float: "float64", list: "[]interface {}"}
_GO |= {dict: "map[string]interface {}"}


def dotted(path: tuple[str, ...]) -> str:
    return "." + ".".join(path)


def nested(obj: Object, path: tuple[str, ...], kind: type) -> tuple[Any, str]:
    """The value at a path, None if nothing is there, and what is wrong with it (unstructured.NestedFieldNoCopy)."""
    value: Any = obj
    for index, key in enumerate(path):
        if value is None:
            return None, ""
        if not isinstance(value, dict):
            text = f"{dotted(path[: index + 1])} accessor error: {_go_value(value)} is of the type {_go(value)}, "
            return None, text + "expected map[string]interface{}"
        if key not in value:
            return None, ""
        value = value[key]
    if value.__class__ is not kind:
        shown = _go_value(value)
        return None, f"{dotted(path)} accessor error: {shown} is of the type {_go(value)}, expected {_GO[kind]}"
    return value, ""


def _go(value: Any) -> str:
    return _GO.get(value.__class__, "<nil>")


def _go_value(value: Any) -> str:
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
