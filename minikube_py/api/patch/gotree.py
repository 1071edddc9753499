"""A JSON tree as Go prints it: map[a:1 b:[x y]]."""

from __future__ import annotations

from typing import Any

from minikube_py.machinery.gotext import float_text


def go_text(value: Any) -> str:
    """As %v and %+v print what JSON decodes to: keys sorted, null as <nil>."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_text(item)}" for key, item in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(go_text, value)) + "]"
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return float_text(value) if isinstance(value, float) else str(value)


def go_string(value: Any) -> str:
    """As %s prints it: what is no string says so, "%!s(int64=5)"."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{go_string(item)}" for key, item in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(go_string, value)) + "]"
    return "%!s(<nil>)" if value is None else f"%!s({go_type(value)}={go_text(value)})"


def go_type(value: Any) -> str:
    """The Go type that JSON decodes to, as reflect.Type prints: "[]interface {}", "int64"."""
    if value is None:
        return "%!s(<nil>)"
    if isinstance(value, bool):
        return "bool"
    return {
        dict: "map[string]interface {}", list: "[]interface {}", str: "string", int: "int64", float: "float64",
    }[type(value)]  # fmt: skip
