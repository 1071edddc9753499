"""Descriptions of types and fields, from the package kubernetes-validate where it is installed (extra `explain`).

Only texts come from there: without it everything works, and descriptions are empty.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import orjson


def description(version: str, name: str) -> str:
    """The text of a definition ("io.k8s.api.core.v1.Pod") or of one of its fields ("io.k8s.api.core.v1.Pod#spec")."""
    definition, _, field = name.partition("#")
    found = definitions(version).get(definition) or {}
    if field:
        found = (found.get("properties") or {}).get(field) or {}
    return str(found.get("description", ""))


@cache
def definitions(version: str) -> dict[str, Any]:
    """All definitions of a Kubernetes version ("1.37") with their texts; {} where the package is not installed."""
    found = importlib.util.find_spec("kubernetes_validate")
    if found is None or found.origin is None:
        return {}
    path = Path(found.origin).parent / "kubernetes-json-schema" / f"v{version}.0-local" / "_definitions.json"
    if not path.exists():
        return {}
    tree: dict[str, Any] = orjson.loads(path.read_bytes())
    return tree.get("$defs") or tree.get("definitions") or {}
