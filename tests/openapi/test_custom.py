"""How a CRD's schema is published."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from minikube_py.api.catalog import Catalog
from minikube_py.api.openapi import OpenAPI, crd
from minikube_py.api.openapi.definitions import Definitions
from minikube_py.api.resource import Resource, Subresource
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind

SCHEMA = Schema("1.36")
GROUP = "stable.example.com"
NAME = "com.example.stable.v1.Widget"
SCALE = Subresource("scale", kind=GroupVersionKind("autoscaling", "v1", "Scale"))


def widget(schema: dict[str, Any] | None, *subresources: Subresource) -> Resource:
    return Resource(GROUP, "v1", "widgets", "Widget", custom=True, openapi=schema, subresources=subresources)


def published(schema: dict[str, Any], *, v2: bool = False) -> Any:
    """What is published of one field."""
    resource = widget({"type": "object", "properties": {"field": schema}})
    return crd.definitions(resource, Definitions(SCHEMA), v2=v2)[NAME]["properties"]["field"]


ANY = {"x-kubernetes-preserve-unknown-fields": True}
EMBEDDED = {"type": "object", "x-kubernetes-embedded-resource": True}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param(
            {"type": "integer", "minimum": 0, "default": 1}, {"type": "integer", "minimum": 0, "default": 1}, id="plain"
        ),
        pytest.param(
            {"type": "string", "nullable": False, "enum": ["a"]}, {"type": "string", "enum": ["a"]}, id="false flag"
        ),
        pytest.param(
            {"x-kubernetes-int-or-string": True},
            {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            id="int or string",
        ),
        pytest.param(
            {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}], "pattern": "x"},
            {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}], "pattern": "x"},
            id="int or string that says so",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": {"type": "string", "junk": 1}},
            {"type": "object", "additionalProperties": {"type": "string"}},
            id="map",
        ),
        pytest.param(
            {"type": "string", "oneOf": [{"enum": ["x"]}, {"pattern": "y"}]},
            {"type": "string", "oneOf": [{"enum": ["x"]}, {"pattern": "y"}]},
            id="junctor",
        ),
    ],
)
def test_v3(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert published(schema) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param({"type": "string", "nullable": True}, {}, id="nullable"),
        pytest.param({"type": "object", "properties": {"a": {"type": "string"}}, **ANY}, ANY, id="unknown fields"),
        pytest.param({"type": "array", "items": {"type": "string"}, **ANY}, ANY, id="array of unknown"),
        pytest.param({"type": "string", "oneOf": [{"enum": ["x"]}]}, {"type": "string"}, id="junctor"),
        pytest.param({"x-kubernetes-int-or-string": True}, {"x-kubernetes-int-or-string": True}, id="int or string"),
        pytest.param(
            {
                "type": "object",
                "required": ["a", "b"],
                "properties": {"a": {"nullable": True}, "b": {"type": "string"}},
            },
            {"type": "object", "required": ["b"], "properties": {"a": {}, "b": {"type": "string"}}},
            id="required and nullable",
        ),
    ],
)
def test_v2(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert published(schema, v2=True) == expected


def test_embedded_resources_have_metadata() -> None:
    found = published({**EMBEDDED, "properties": {"spec": {"type": "object"}}})
    assert set(found["properties"]) == {"apiVersion", "kind", "metadata", "spec"}
    assert found["required"] == ["kind", "apiVersion"]
    assert published({**EMBEDDED, **ANY}, v2=True) == {"x-kubernetes-embedded-resource": True, **ANY}


def test_of_a_kind_without_a_schema_nothing_is_said() -> None:
    found = crd.definitions(widget(None), Definitions(SCHEMA))[NAME]
    kind = {"group": GROUP, "version": "v1", "kind": "Widget"}
    assert found == {"type": "object", "x-kubernetes-group-version-kind": [kind]}


def test_the_document_follows_the_catalog() -> None:
    catalog = Catalog(SCHEMA)
    openapi = OpenAPI(catalog, "1.36")
    name = f"apis/{GROUP}/v1"
    assert openapi.v3(name) is None
    before = openapi.index().tag
    catalog.add(widget({"type": "object", "description": "A widget."}, Subresource("status"), SCALE))
    document = openapi.v3(name)
    assert document is not None
    assert document.tag in openapi.index().json.decode()
    tree = orjson.loads(document.json)
    assert tree["info"] == {"title": "Kubernetes CRD Swagger", "version": "v0.1.0"}
    assert tree["components"].keys() == {"schemas"}
    root = f"/apis/{GROUP}/v1"
    item = root + "/namespaces/{namespace}/widgets/{name}"
    assert list(tree["paths"]) == sorted(
        [f"{root}/widgets", root + "/namespaces/{namespace}/widgets", item, f"{item}/scale", f"{item}/status"]
    )
    scale = tree["paths"][f"{item}/scale"]["get"]
    assert scale["x-kubernetes-group-version-kind"]["kind"] == "Widget"
    assert openapi.v3(f"apis/{GROUP}") is None
    assert NAME in orjson.loads(openapi.v2().json)["definitions"]
    resource = next(each for each in catalog if each.custom)
    catalog.remove(resource.gvr)
    assert openapi.v3(name) is None
    assert openapi.index().tag == before
