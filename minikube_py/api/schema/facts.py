"""The generated tables: Go structs and the OpenAPI definitions of each version.

Both are text files of one entry a line, made by scripts/make_schema_tables.py. Splitting them into lines takes
about a millisecond; an entry's JSON is parsed when it is asked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

TABLES = Path(__file__).parent / "tables"
VERSIONS = tuple(f"1.{minor}" for minor in range(25, 38))
"""The Kubernetes versions whose OpenAPI structure is known."""

OpenAPIDefinition = dict[str, Any]
"""A definition as in /openapi/v2, without descriptions; its $refs start with "#/definitions/"."""


class GoRow(NamedTuple):
    """One field of a Go struct."""

    json: str
    """JSON name: "" for inlined structs and fields without a tag, "-" for fields that JSON does not carry."""
    go: str
    type: str
    """"*k8s.io/api/core/v1.Affinity", "[]string", "map[string]string", "v1.ResourceList:map[...]...", "v1.Protocol"."""
    flags: str = ""
    """i inlined, o omitempty, z omitzero, r repeated."""
    number: int = 0
    wire: str = ""
    patch_strategy: str = ""
    patch_merge_key: str = ""


@cache
def _go_lines() -> dict[str, bytes]:
    lines: dict[str, bytes] = {}
    for line in (TABLES / "go-types.txt").read_bytes().splitlines():
        name, _, text = line.partition(b" ")
        lines[name.decode()] = text
    return lines


def go_struct(name: str) -> tuple[GoRow, ...] | None:
    """The fields of the Go struct "k8s.io/api/core/v1.PodSpec" as declared, inlined structs not flattened."""
    text = _go_lines().get(name)
    return None if text is None else tuple(GoRow(*row) for row in orjson.loads(text))


def definitions(version: str) -> dict[str, bytes]:
    """The definitions of a version ("1.36"): OpenAPI name to its JSON text.

    Raises ValueError for a version without a table.
    """
    if version not in VERSIONS:
        raise ValueError(f"unknown Kubernetes version {version!r}: supported are {VERSIONS[0]} to {VERSIONS[-1]}")
    minor = int(version.partition(".")[2])
    holds: dict[bytes, bool] = {}
    found: dict[str, bytes] = {}
    for line in (TABLES / "openapi.txt").read_bytes().splitlines():
        name, versions, text = line.split(b" ", 2)
        if versions not in holds:
            holds[versions] = _within(minor, versions)
        if holds[versions]:
            found[name.decode()] = text
    return found


def _within(minor: int, versions: bytes) -> bool:
    """Whether "25-29,31" holds the minor version."""
    for part in versions.split(b","):
        first, _, last = part.partition(b"-")
        if int(first) <= minor <= int(last or first):
            return True
    return False


def go_name(name: str) -> str:
    """ "k8s.io/api/core/v1.PodSpec" of "io.k8s.api.core.v1.PodSpec"."""
    package, _, struct = name.removeprefix("io.k8s.").rpartition(".")
    return f"k8s.io/{package.replace('.', '/')}.{struct}"


def openapi_name(go: str) -> str:
    """ "io.k8s.api.core.v1.PodSpec" of "k8s.io/api/core/v1.PodSpec"."""
    return "io.k8s." + go.removeprefix("k8s.io/").replace("/", ".")
