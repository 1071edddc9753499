"""Strategic merge patch: a merge patch that knows the kind's lists (apimachinery/pkg/util/strategicpatch).

$patch: delete | replace             on a map, or on an item of a merging list
$retainKeys: [a, b]                  everything else leaves the map
$deleteFromPrimitiveList/x: [v]      takes items out of the list x
$setElementOrder/x: [...]            the order of the list x, named by merge keys
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.patch.elementorder import identity, ordered
from minikube_py.api.patch.gotree import go_string, go_text, go_type
from minikube_py.api.patch.patchmeta import PatchMeta, list_meta, map_meta
from minikube_py.api.schema.types import Type
from minikube_py.machinery.errors import StatusError, bad_request, unknown, unprocessable
from minikube_py.machinery.gvr import Object

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
DELETE_FROM_LIST = "$deleteFromPrimitiveList"
SET_ORDER = "$setElementOrder"


def apply_strategic_patch(document: Object, patch: Object, type: Type | None) -> Object:
    """`document` merged with `patch` by the rules of `type`; neither is changed.

    `type` None knows no merging lists. Raises StatusError: 400 for directives of the wrong form, 422 for
    lists of lists, 500 without a reason for whatever else upstream does not classify.
    """
    return consume_strategic_patch(document, _copied(patch), type)


def consume_strategic_patch(document: Object, patch: Object, type: Type | None) -> Object:
    """As apply_strategic_patch, of a patch that nobody else holds: directives are taken out of it as they
    are carried out, and what is left is what upstream's messages quote."""
    return _merge_map(document, patch, type)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _merge_map(original: Object, patch: Object, type: Type | None) -> Object:
    if DIRECTIVE in patch:
        return _whole_map(patch)
    merged = original.copy()
    _retain_keys(merged, patch)
    for key in [key for key in patch if key.startswith(SET_ORDER)]:
        _merge_ordered_list(merged, patch, key, type)
    for key, value in patch.items():
        if key.startswith(DELETE_FROM_LIST):
            _merge_value(merged, _target(key, DELETE_FROM_LIST) or key, value, type, deleting=True)
        else:
            _merge_value(merged, key, value, type, deleting=False)
    return merged


def _whole_map(patch: Object) -> Object:
    """What a map becomes whose patch has a directive."""
    directive = patch[DIRECTIVE]
    if directive == "replace":
        del patch[DIRECTIVE]
        return patch
    if directive == "delete":
        return {}
    raise _bad_directive(directive, patch)


def _retain_keys(merged: Object, patch: Object) -> None:
    if RETAIN_KEYS not in patch:
        return
    listed = patch.pop(RETAIN_KEYS)
    if not isinstance(listed, list):
        raise bad_request("invalid patch format of retainKeys")
    retained = {key for key in listed if isinstance(key, str)}
    for key, value in patch.items():
        if value is not None and key not in retained and not key.startswith((DELETE_FROM_LIST, SET_ORDER)):
            raise bad_request("invalid patch format of retainKeys")
    for key in [key for key in merged if key not in retained]:
        del merged[key]


def _target(key: str, prefix: str) -> str:
    """The list a parallel key such as "$setElementOrder/containers" speaks of."""
    directive, slash, target = key.partition("/")
    if not slash or directive != prefix:
        raise bad_request(
            "invalid patch format of primitive list"
            if prefix == DELETE_FROM_LIST
            else "invalid patch format of setElementOrder list"
        )
    return target


def _merge_value(merged: Object, key: str, value: Any, type: Type | None, deleting: bool) -> None:
    """Merge one key's value; `deleting` when it lists what to take out of the list that is there."""
    if value is None:
        merged.pop(key, None)
        return
    current: Any = merged.get(key)
    if current.__class__ is not value.__class__:
        if not deleting:
            _discard_nulls(value)
            _take(merged, key, value)
    elif isinstance(value, dict):
        meta = map_meta(type, key)
        merged[key] = value if meta.strategy == "replace" else _merge_map(current, value, meta.type)
    elif isinstance(value, list):
        merged[key] = _merge_list(current, value, list_meta(type, key), deleting)[0]
    else:
        merged[key] = value


def _take(merged: Object, key: str, value: Any) -> None:
    """The patch's value as it is, without what its directives take away."""
    if isinstance(value, dict) and DIRECTIVE in value:
        merged.pop(key, None)
    else:
        _remove_directives(value)
        merged[key] = value


def _discard_nulls(value: Any) -> None:
    if isinstance(value, dict):
        for key in [key for key, item in value.items() if item is None]:
            del value[key]
        for item in value.values():
            _discard_nulls(item)
    elif isinstance(value, list):
        for item in value:
            _discard_nulls(item)


def _remove_directives(value: Any) -> None:
    """Take out every map that has a directive, at any depth."""
    if isinstance(value, dict):
        for key in [key for key, item in value.items() if isinstance(item, dict) and DIRECTIVE in item]:
            del value[key]
        for item in value.values():
            _remove_directives(item)
    elif isinstance(value, list):
        value[:] = [item for item in value if not (isinstance(item, dict) and DIRECTIVE in item)]
        for item in value:
            _remove_directives(item)


def _merge_list(original: list[Any], patch: list[Any], meta: PatchMeta, deleting: bool) -> tuple[list[Any], list[Any]]:
    """The merged list, and `original` as upstream's in-place merging leaves it (see _merge_maps)."""
    if meta.strategy != "merge" and not deleting:
        return patch, original
    if not original and not patch:
        return original, original
    if _element_class(original, patch) is dict:
        if not meta.merge_key:
            raise unknown(f"cannot merge lists without merge key for {meta.kind}")
        return _merge_maps(original, patch, meta)
    if deleting:
        gone = {identity(item, "") for item in patch}
        return [item for item in original if identity(item, "") not in gone], original
    united = list({identity(item, ""): item for item in [*original, *patch]}.values())
    return ordered(united, patch, original, ""), original


def _merge_maps(original: list[Any], patch: list[Any], meta: PatchMeta) -> tuple[list[Any], list[Any]]:
    """Merge lists of maps by merge key.

    Upstream deletes and appends within the original's own memory, and $setElementOrder then takes the order
    of what is left there for the server's. So that lists come out in upstream's order, `slots` stands for
    that memory, of which the first `live` items are the list:

        [a s], patch [b, delete a]:  slots [s s], live 1  ->  append b  ->  slots [s b], live 2
    """
    merge_key = meta.merge_key
    slots = original.copy()
    live = len(slots)
    plain: list[Object] = []
    replacing = False
    for item in patch:
        directive = item.get(DIRECTIVE)
        if DIRECTIVE not in item:
            plain.append(item)
        elif directive == "delete":
            live = _delete_matching(slots, live, item, merge_key)
        elif directive == "replace":
            replacing = True
        elif directive == "merge":
            raise unknown("merging lists cannot yet be specified in the patch")
        else:
            raise _bad_directive(directive, item)
    if replacing:
        _require_merge_keys(plain, merge_key)
        return ordered(plain, [], plain, merge_key), slots
    server_order = slots[:live]
    for item in plain:
        live = _merge_item(slots, live, item, meta)
    _require_merge_keys(slots[:live], merge_key)
    return ordered(slots[:live], plain, server_order, merge_key), slots[: len(original)]


def _delete_matching(slots: list[Any], live: int, item: Object, merge_key: str) -> int:
    """Delete every match from the first `live` slots, shifting the rest forward; how many are left."""
    wanted = _merge_identity(item, merge_key)
    index = 0
    while index < live:
        if merge_key in slots[index] and identity(slots[index], merge_key) == wanted:
            slots[index : live - 1] = slots[index + 1 : live]
            live -= 1
        else:
            index += 1
    return live


def _merge_item(slots: list[Any], live: int, item: Object, meta: PatchMeta) -> int:
    """Merge into the first match among the first `live` slots, or append; how many live then."""
    wanted = _merge_identity(item, meta.merge_key)
    for index in range(live):
        if meta.merge_key in slots[index] and identity(slots[index], meta.merge_key) == wanted:
            slots[index] = _merge_map(slots[index], item, meta.type)
            return live
    slots[live : live + 1] = [item]
    return live + 1


def _merge_identity(item: Any, merge_key: str) -> tuple[Any, Any]:
    _require_merge_keys([item], merge_key)
    return identity(item, merge_key)


def _require_merge_keys(items: list[Any], merge_key: str) -> None:
    for item in items:
        if not isinstance(item, dict):
            raise _bad_argument({}, item)
        if merge_key not in item:
            raise unknown(f"map: {go_text(item)} does not contain declared merge key: {merge_key}")


def _merge_ordered_list(merged: Object, patch: Object, key: str, type: Type | None) -> None:
    """Carry out $setElementOrder/x together with the patch of x, and take both out of the patch."""
    order = patch.pop(key)
    if not isinstance(order, list):
        raise _bad_argument([], order)
    name = _target(key, SET_ORDER)
    for value in (merged.get(name, []), patch.get(name, [])):
        if not isinstance(value, list):
            raise _bad_argument([], value)
    meta = list_meta(type, name)
    original: list[Any] = merged.get(name, [])
    change: list[Any] = patch.get(name, [])
    _check_order(change, order, meta.merge_key)
    server_order = original
    if name not in patch:
        if name not in merged:
            return
        united = original
    elif name not in merged:
        quoted = change.copy()
        _remove_directives(quoted)
        united = quoted
    else:
        united, server_order = _merge_list(original, change, meta, deleting=False)
    if meta.merge_key:
        _require_merge_keys([*united, *order], meta.merge_key)
    _element_class(server_order, change)
    merged[name] = ordered(united, order, server_order, meta.merge_key)
    patch.pop(name, None)


def _check_order(change: list[Any], order: list[Any], merge_key: str) -> None:
    """Every item of the patch must stand in `order`, in the same sequence; deletions need not."""
    if not change or not order:
        return
    if merge_key:
        _require_merge_keys([item for item in change if not isinstance(item, dict)], merge_key)
    items = [item for item in change if not (merge_key and item.get(DIRECTIVE) == "delete")]
    at = position = 0
    while at < len(items) and position < len(order):
        item = items[at]
        if isinstance(item, dict) and DIRECTIVE in item:
            at += 1
            continue
        if merge_key:
            _require_merge_keys([item, order[position]], merge_key)
        at += identity(item, merge_key) == identity(order[position], merge_key)
        position += 1
    if at < len(items):
        raise unknown(
            f"The order in patch list:\n{go_text(change)}\n doesn't match {SET_ORDER} list:\n{go_text(order)}\n"
        )


def _element_class(*lists: list[Any]) -> type:
    """What all items of the lists are."""
    found: type | None = None
    for item in (item for items in lists for item in items):
        if found is None:
            found = item.__class__
            if found is list:
                raise unprocessable()
        elif item.__class__ is not found:
            raise unknown(f"list element types are not identical: {go_text(list(lists))}")
    if found is None:
        raise unknown("no elements in any of the given slices")
    return found


def _bad_directive(directive: Any, patch: Object) -> StatusError:
    return unknown(f"unknown patch type: {go_string(directive)} in map: {go_text(patch)}")


def _bad_argument(expected: Any, actual: Any) -> StatusError:
    return unknown(f"expected a {go_type(expected)}, but received a {go_type(actual)}")
