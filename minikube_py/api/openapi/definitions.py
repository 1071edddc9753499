"""Definitions: the schemas of the built-in kinds as OpenAPI v2 and v3 show them.

Their structure comes from the schema tables, their texts from the package kubernetes-validate where it is installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from minikube_py.api.openapi import enums, words
from minikube_py.api.openapi.defaults import UNSET, default
from minikube_py.api.schema import texts
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type

Tree = dict[str, Any]

V2 = "#/definitions/"
V3 = "#/components/schemas/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
GVKS = "x-kubernetes-group-version-kind"

OF_EVERY_GROUP = frozenset({f"{META}.DeleteOptions", f"{META}.WatchEvent"})
"""Kinds registered in every group version: a v3 document names those of its own alone."""

NO_CLIENT_GROUPS = frozenset(
    {"admission.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "imagepolicy.k8s.io"}
)
"""Groups that client-go's scheme lacks, which the documents of custom resources are made with."""

_UNIONS: dict[str, Tree] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {
        "format": "int-or-string",
        "oneOf": [{"type": "integer"}, {"type": "string"}],
    },
}
"""What v3 says of types that are one of two, and v2 cannot."""

_REFERENCE = re.compile(rb'"\$ref":"#/components/schemas/([^"]+)"')


class Definitions:
    """The definitions of one Kubernetes version. Each is made when first asked for, and kept as JSON."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._v3: dict[str, bytes] = {}
        self._references: dict[str, frozenset[str]] = {}

    def v2(self, name: str) -> Tree | None:
        """A definition as in /openapi/v2; a new tree."""
        raw = self._schema.raw(name)
        if raw is None:
            return None
        text = texts.definitions(self._schema.version).get(name) or {}
        found = _described(raw, text)
        if name in words.DEFINITIONS and "description" not in found:
            found["description"] = words.DEFINITIONS[name]
        for json, prop in found.get("properties", {}).items():
            enums.limit(name, json, prop)
        return found

    def v3_tree(self, name: str) -> Tree | None:
        """A definition as in /openapi/v3; a new tree."""
        found = self.v2(name)
        if found is None:
            return None
        union = _UNIONS.get(name)
        if union is not None:
            found.pop("type", None)
            return found | union
        type = self._schema.definition(name)
        properties: Tree = found.get("properties", {})
        for json, prop in properties.items():
            self._set_default(name, type, json, prop)
            properties[json] = to_v3(prop)
        return found

    def v3(self, name: str) -> bytes:
        """A definition as in /openapi/v3, as JSON. Raises LookupError."""
        found = self._v3.get(name)
        if found is None:
            tree = self.v3_tree(name)
            if tree is None:
                raise LookupError(f"there is no definition {name}")
            found = self._v3[name] = orjson.dumps(tree)
        return found

    def closure(self, names: Iterable[str]) -> set[str]:
        """The names and all they refer to, those of unknown definitions left out."""
        found: set[str] = set()
        pending = list(names)
        while pending:
            name = pending.pop()
            if name in found or self._schema.raw(name) is None:
                continue
            found.add(name)
            pending.extend(self._refers_to(name))
        return found

    def schemas(self, names: Iterable[str], group: str, version: str) -> dict[str, Any]:
        """components.schemas of a document: by name JSON ready to be written, as `orjson.Fragment`."""
        found: dict[str, Any] = {}
        for name in sorted(self.closure(names)):
            if name in OF_EVERY_GROUP:
                found[name] = self._of_group(name, group, version)
            else:
                found[name] = orjson.Fragment(self.v3(name))
        return found

    def client_schemas(self, names: Iterable[str]) -> dict[str, Any]:
        """As `schemas`, with the kinds of every group that client-go knows."""
        found: dict[str, Any] = {name: orjson.Fragment(self.v3(name)) for name in sorted(self.closure(names))}
        for name in OF_EVERY_GROUP & found.keys():
            tree = orjson.loads(self.v3(name))
            tree[GVKS] = [kind for kind in tree[GVKS] if kind["group"] not in NO_CLIENT_GROUPS]
            found[name] = tree
        return found

    def _of_group(self, name: str, group: str, version: str) -> Tree:
        tree: Tree = orjson.loads(self.v3(name))
        kind = name.rpartition(".")[2]
        groups = sorted({("", "v1"), (group, version)})
        tree[GVKS] = [{"group": each, "kind": kind, "version": of} for each, of in groups]
        return tree

    def _set_default(self, name: str, type: Type | None, json: str, prop: Tree) -> None:
        field = type.fields.get(json) if type is not None and type.shape == "struct" else None
        if field is not None and (value := default(name, field)) is not UNSET:
            prop["default"] = value

    def _refers_to(self, name: str) -> frozenset[str]:
        found = self._references.get(name)
        if found is None:
            names = (match.decode() for match in _REFERENCE.findall(self.v3(name)))
            found = self._references[name] = frozenset(names)
        return found


def to_v3(schema: Tree) -> Tree:
    """A v2 schema in v3: a reference with anything beside it is within allOf."""
    found = dict(schema)
    reference = found.pop("$ref", None)
    if reference is not None:
        reference = {"$ref": V3 + reference.removeprefix(V2)}
        found = {"allOf": [reference], **found} if found else reference
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = to_v3(found[key])
    if "properties" in found:
        found["properties"] = {name: to_v3(each) for name, each in found["properties"].items()}
    return found


def _described(raw: Tree, text: Tree) -> Tree:
    """The structure with the texts of the same definition."""
    found = dict(raw)
    if text.get("description"):
        found["description"] = text["description"]
    if "properties" in raw:
        known = text.get("properties") or {}
        found["properties"] = {
            name: _described(prop, known.get(name) or {}) for name, prop in raw["properties"].items()
        }
    return found
