"""Truth, order and texts of values, as Go has them (text/template/exec.go, funcs.go)."""

from __future__ import annotations

from typing import Any

from minikube_py.controllers.kubelet.gotemplate.errors import TemplateError
from minikube_py.machinery.gotext import float_text

NO_VALUE = "<no value>"


def is_true(value: Any) -> bool:
    """Whether it is not the zero of its kind, nor empty."""
    return bool(value)


def printed(value: Any) -> str:
    """As an action prints it."""
    return NO_VALUE if value is None else text(value)


def text(value: Any) -> str:
    """As %v writes it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{text(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list | tuple):
        return f"[{' '.join(map(text, value))}]"
    return str(value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "nil" if value is None else "other"


def is_equal(one: Any, other: Any) -> bool:
    """Raises TemplateError for values that cannot be compared. What is not there is equal to nothing else."""
    kinds = {_kind(one), _kind(other)}
    if "nil" in kinds:
        return one is None and other is None
    if len(kinds) > 1:
        raise TemplateError("incompatible types for comparison")
    return bool(one == other)


def is_less(one: Any, other: Any) -> bool:
    """Raises TemplateError for values without an order."""
    if _kind(one) != _kind(other) or _kind(one) not in ("number", "string"):
        raise TemplateError("incompatible types for comparison")
    return bool(one < other)


def field(value: Any, name: str) -> Any:
    """Of what is not there, nothing is there either. Raises TemplateError for what has no fields."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise TemplateError(f"can't evaluate field {name} in type {type(value).__name__}")
    return value.get(name)
