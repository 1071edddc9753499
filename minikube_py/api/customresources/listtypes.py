"""Validation of lists of type set and map: no item twice (apiextensions-apiserver/pkg/apiserver/schema/listtype)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.customresources.decoding import plain
from minikube_py.api.customresources.embedded import child
from minikube_py.api.customresources.structural import Structural
from minikube_py.machinery.field import FieldError, Path, duplicate, invalid
from minikube_py.machinery.gotext import json_text


def has_list_types(schema: Structural) -> bool:
    """Whether any list below is a set or a map."""
    if schema.list_type in ("set", "map"):
        return True
    below = [*schema.properties.values(), schema.items, schema.additional]
    return any(each is not None and has_list_types(each) for each in below)


def validate_lists(value: Any, schema: Structural | None, path: Path | None) -> list[FieldError]:
    """Errors of the lists in a value."""
    if schema is None:
        return []
    found: list[FieldError] = []
    if isinstance(value, dict):
        for key, item in value.items():
            if schema.additional is not None:
                found += validate_lists(item, schema.additional, path.key(key) if path else Path(f"[{key}]"))
            if key in schema.properties:
                found += validate_lists(item, schema.properties[key], child(path, key))
    elif isinstance(value, list) and path is not None:
        if schema.list_type == "set":
            found += [duplicate(path.index(index), value[index]) for index in repeated(value)]
        elif schema.list_type == "map":
            found += _map_errors(value, schema.list_map_keys, path)
        for index, item in enumerate(value):
            found += validate_lists(item, schema.items, path.index(index))
    return found


def repeated(items: list[Any]) -> list[int]:
    """Where something comes for the second time."""
    seen: dict[str, int] = {}
    found: list[int] = []
    for index, item in enumerate(items):
        text = json_text(plain(item))
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            found.append(index)
    return found


def _map_errors(items: list[Any], names: tuple[str, ...], path: Path) -> list[FieldError]:
    for index, item in enumerate(items):
        if item is not None and not isinstance(item, dict):
            return [invalid(path.index(index), item, "must be an object for an array of list-type map")]
    keys = [{name: item[name] for name in sorted(names) if name in item} if item else {} for item in items]
    return [duplicate(path.index(index), keys[index]) for index in repeated(keys)]
