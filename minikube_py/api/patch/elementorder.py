"""The order of merged lists in strategic merge patches: what the patch names stands as the patch orders it,
what only the server has stands as it stood, and the two are interleaved by the server's order where it knows
both (apimachinery/pkg/util/strategicpatch, normalizeElementOrder).

    server [one two], patch [three]          ->  [three one two]
    server [one two], patch [two three]      ->  [one two three]
"""

from __future__ import annotations

from typing import Any

Key = tuple[type, Any]
"""What two items are compared by: the value and its type, for 1, 1.0 and true are three."""


def identity(item: Any, merge_key: str) -> Key:
    """An item's key: the value under `merge_key` for maps, the item itself for scalars (merge_key "")."""
    value = item.get(merge_key) if merge_key and isinstance(item, dict) else item
    try:
        hash(value)
    except TypeError:
        value = id(value)
    return type(value), value


def ordered(merged: list[Any], patch_order: list[Any], server_order: list[Any], merge_key: str) -> list[Any]:
    """`merged` in its final order. Items of `patch_order` may be bare, like those of $setElementOrder."""
    named = _positions(patch_order, merge_key)
    known = _positions(server_order, merge_key)
    from_patch: list[tuple[Key, Any]] = []
    server_only: list[tuple[Key, Any]] = []
    for item in merged:
        key = identity(item, merge_key)
        (from_patch if key in named else server_only).append((key, item))
    return _interleaved(_sorted(server_only, known), _sorted(from_patch, named), known)


def _positions(items: list[Any], merge_key: str) -> dict[Key, int]:
    positions: dict[Key, int] = {}
    for index, item in enumerate(items):
        positions.setdefault(identity(item, merge_key), index)
    return positions


def _sorted(items: list[tuple[Key, Any]], order: dict[Key, int]) -> list[tuple[Key, Any]]:
    """By position; an item `order` does not know moves in front of those before it, as upstream's comparison
    makes it (an insertion sort, as Go's stable sort of short slices is)."""
    result: list[tuple[Key, Any]] = []
    for item in items:
        at = len(result)
        position = order.get(item[0])
        while at and _before(position, order.get(result[at - 1][0])):
            at -= 1
        result.insert(at, item)
    return result


def _before(left: int | None, right: int | None) -> bool:
    return left < right if left is not None and right is not None else True


def _interleaved(
    server_only: list[tuple[Key, Any]], from_patch: list[tuple[Key, Any]], known: dict[Key, int]
) -> list[Any]:
    """Both in their own order; the server's item goes first where its order says so, else the patch's."""
    result: list[Any] = []
    left = right = 0
    while left < len(server_only) and right < len(from_patch):
        mine, theirs = known.get(server_only[left][0]), known.get(from_patch[right][0])
        if mine is not None and theirs is not None and mine < theirs:
            result.append(server_only[left][1])
            left += 1
        else:
            result.append(from_patch[right][1])
            right += 1
    result.extend(item for _, item in server_only[left:])
    result.extend(item for _, item in from_patch[right:])
    return result
