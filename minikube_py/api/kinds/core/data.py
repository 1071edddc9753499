"""The data of ConfigMaps and Secrets: keys, size, and what `immutable` forbids."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid_each
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import config_map_key

MAXIMUM_SIZE = 1024 * 1024
"""Bytes of all values together (core.MaxSecretSize)."""

IMMUTABLE = "field is immutable when `immutable` is set"


def decoded_length(base64: str) -> int:
    """How many bytes a padded base64 text stands for."""
    return len(base64) // 4 * 3 - base64[-2:].count("=")


def validate_key(key: str, path: Path) -> ErrorList:
    problems = config_map_key(key)
    return invalid_each(path.key(key), key, problems) if problems else []


def validate_immutable(obj: Object, old: Object, fields: Iterable[str]) -> ErrorList:
    """What may not change once `immutable` is true, itself included."""
    if not old.get("immutable"):
        return []
    errors: ErrorList = []
    if not obj.get("immutable"):
        errors.append(forbidden(Path("immutable"), IMMUTABLE))
    changed = [field for field in fields if (obj.get(field) or {}) != (old.get(field) or {})]
    errors += [forbidden(Path(field), IMMUTABLE) for field in changed]
    return errors
