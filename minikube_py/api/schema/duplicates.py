"""Duplicate keys in JSON texts, which a parsed tree does not show any more."""

from __future__ import annotations

import json
from typing import Any

import orjson

from minikube_py.api.schema.diagnosis import STRICT_LIMIT, Pairs


def duplicates(text: bytes, tree: Any = None) -> list[str]:
    """Paths of keys that an object has more than once: "data.k", in the order in which they stand.

    `tree` is the text parsed, where the caller has it: a text that reads as its tree written again has none, and most
    clients write so. Raises ValueError if the text is not JSON.
    """
    if tree is not None and orjson.dumps(tree) == text.strip():
        return []
    found: dict[str, None] = {}
    _walk(json.loads(text, object_pairs_hook=Pairs), "", found)
    return list(found)[:STRICT_LIMIT]


def _walk(value: Any, path: str, found: dict[str, None]) -> None:
    if isinstance(value, Pairs):
        seen = set()
        for key, item in value:
            below = f"{path}.{key}" if path else key
            if key in seen:
                found[below] = None
            seen.add(key)
            _walk(item, below, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, f"{path}[{index}]", found)
