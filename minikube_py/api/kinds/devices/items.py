"""Lists, sets and maps whose size is limited; too many items are not looked at (pkg/apis/resource/validation)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from minikube_py.machinery.field import ErrorList, FieldError, Path, too_many

Check = Callable[[Any, Path], ErrorList]
UNLIMITED = -1
_SHORTEST_SHOWN = 16


def validate_list(items: Sequence[Any], most: int, check: Check, path: Path) -> ErrorList:
    if UNLIMITED < most < len(items):
        return [too_many(path, len(items), most)]
    return [error for index, item in enumerate(items) for error in check(item, path.index(index))]


def validate_set(
    items: Sequence[Any], most: int, check: Check, key: Callable[[Any], Hashable], path: Path
) -> ErrorList:
    """A list without two items of the same key; duplicates are told last."""
    if UNLIMITED < most < len(items):
        return [too_many(path, len(items), most)]
    errors = validate_list(items, UNLIMITED, check, path)
    seen: set[Hashable] = set()
    for index, item in enumerate(items):
        found = key(item)
        if found in seen:
            errors.append(FieldError("FieldValueDuplicate", path.index(index), found, ""))
        seen.add(found)
    return errors


def validate_map(
    items: Mapping[str, Any], most: int, longest_key: int, check_key: Check, check: Check, path: Path
) -> ErrorList:
    """Keys are told of at the map, values at their (shortened) keys."""
    if UNLIMITED < most < len(items):
        return [too_many(path, len(items), most)]
    errors: ErrorList = []
    for key in sorted(items):
        errors += check_key(key, path)
        errors += check(items[key], path.key(_shortened(key, max(longest_key, _SHORTEST_SHOWN))))
    return errors


def _shortened(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    remaining = longest - len("...")
    return f"{text[: (remaining + 1) // 2]}...{text[len(text) - remaining // 2 :]}"
