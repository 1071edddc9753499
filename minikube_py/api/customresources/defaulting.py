"""Defaults of a structural schema (apiextensions-apiserver/pkg/apiserver/schema/defaulting/algorithm.go)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.customresources.decoding import plain
from minikube_py.api.customresources.structural import Structural


def apply_defaults(value: Any, schema: Structural | None) -> None:
    """Fill in, in place, what was left out and what is null and may not be. Idempotent."""
    if schema is None or not schema.defaults_below:
        return
    if value.__class__ is dict:
        _default_object(value, schema)
    elif value.__class__ is list and schema.items is not None:
        items = schema.items
        for index, item in enumerate(value):
            if item is None and not items.nullable and items.default is not None:
                value[index] = plain(items.default)
            apply_defaults(value[index], items)


def _default_object(value: dict[str, Any], schema: Structural) -> None:
    for key, below in schema.properties.items():
        if below.default is not None and value.get(key) is None and (key not in value or not below.nullable):
            value[key] = plain(below.default)
    for key in value:
        below_key = schema.of(key)
        if below_key is None:
            continue
        if value[key] is None and not below_key.nullable and key not in schema.properties:
            value[key] = plain(below_key.default)
        apply_defaults(value[key], below_key)
