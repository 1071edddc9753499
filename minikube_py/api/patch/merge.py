"""JSON Merge Patch (RFC 7386) as gopkg.in/evanphx/json-patch.v4 merges: null deletes a key, an object
merges into an object, anything else replaces."""

from __future__ import annotations

from typing import Any

from minikube_py.api.patch.decode import decode_merge_patch
from minikube_py.machinery.errors import bad_request

_CONTAINERS = (dict, list)


def apply_merge_patch(document: Any, patch: Any) -> Any:
    """`document` (an object) merged with `patch`: a JSON tree, or its bytes.

    A list takes the document's place, as upstream: decoding it as the kind is what then fails. Raises
    StatusError, 400, for bytes that are no JSON object and for a patch that is null or a scalar.
    """
    if isinstance(patch, bytes):
        patch = decode_merge_patch(patch).tree
    if isinstance(patch, list):
        return _without_nulls(patch)
    if not isinstance(patch, dict):
        raise bad_request("Invalid JSON Patch")
    if not isinstance(document, dict):
        return _without_nulls(patch)
    return _merged(document, patch)


def _merged(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    merged = document.copy()
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(current := merged.get(key), dict):
            merged[key] = _merged(current, value) if isinstance(value, dict) else value
        else:
            merged[key] = _without_nulls(value)
    return merged


def _without_nulls(value: Any) -> Any:
    """Without the keys whose value is null, at any depth; null items of lists stay."""
    if isinstance(value, dict):
        return {
            key: _without_nulls(item) if isinstance(item, _CONTAINERS) else item
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
