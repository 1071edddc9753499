"""Enums: the values that some fields are limited to, and what each means, as the API server publishes them.

The table has one JSON array a line: the fields ("io.k8s.api.core.v1.ContainerPort#protocol"), the values, and a text
for each value. The texts are Kubernetes' own API documentation (Apache License 2.0).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from minikube_py.api.schema.facts import TABLES


def limit(definition: str, field: str, prop: dict[str, Any]) -> None:
    """Tell the values of a field in its property: in its items' where it is a list or a map."""
    found = _enums().get(f"{definition}#{field}")
    if found is None:
        return
    values, texts = found
    inner = prop.get("items") or prop.get("additionalProperties")
    if inner is not None:
        inner["enum"] = values
        return
    prop["enum"] = values
    if texts:
        parts = [prop["description"]] if prop.get("description") else []
        prop["description"] = "\n\n".join([*parts, "Possible enum values:\n" + "\n".join(texts)])


@cache
def _enums() -> dict[str, tuple[list[str], list[str]]]:
    found: dict[str, tuple[list[str], list[str]]] = {}
    for line in (TABLES / "enums.txt").read_bytes().splitlines():
        fields, values, texts = orjson.loads(line)
        for field in fields:
            found[field] = values, texts
    return found
