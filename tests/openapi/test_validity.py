"""The documents are OpenAPI, by the word of openapi-spec-validator."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator

from minikube_py.machinery.clock import next_turn
from tests.versions.asking import control_plane, tree

WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "port": {"x-kubernetes-int-or-string": True},
                                    "size": {"type": "integer", "format": "int32", "default": 1, "minimum": 0},
                                    "any": {"x-kubernetes-preserve-unknown-fields": True, "nullable": True},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}


def without_zeros(value: Any) -> Any:
    """Without defaults of "" and {}: Kubernetes gives them to all fields of such Go types, even where an empty value
    is none of the enum or lacks what is required."""
    if isinstance(value, dict):
        return {key: without_zeros(each) for key, each in value.items() if not (key == "default" and each in ("", {}))}
    return [without_zeros(each) for each in value] if isinstance(value, list) else value


def complaints(validator: type[Any], document: Any) -> list[str]:
    return [f"{list(each.absolute_path)}: {each.message}" for each in validator(without_zeros(document)).iter_errors()]


@pytest.mark.parametrize(
    ("version", "path"),
    [
        pytest.param("1.37", "api/v1", id="1.37 core"),
        pytest.param("1.37", "apis", id="1.37 groups"),
        pytest.param("1.37", "apis/apps", id="1.37 a group"),
        pytest.param("1.37", "apis/autoscaling/v2", id="1.37 autoscaling"),
        pytest.param("1.37", "apis/apiextensions.k8s.io/v1", id="1.37 recursive schemas"),
        pytest.param("1.37", "version", id="1.37 version"),
        pytest.param("1.25", "apis/policy/v1", id="1.25 policy"),
    ],
)
async def test_documents_of_groups(version: str, path: str) -> None:
    async with control_plane(version) as ask:
        assert complaints(OpenAPIV30SpecValidator, tree(await ask("GET", f"/openapi/v3/{path}"))) == []


async def test_document_of_a_custom_group() -> None:
    async with control_plane("1.37") as ask:
        assert (await ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", WIDGETS)).status == 201
        await next_turn()  # in which its names are accepted
        document = tree(await ask("GET", "/openapi/v3/apis/example.com/v1"))
        assert "com.example.v1.Widget" in document["components"]["schemas"]
        assert complaints(OpenAPIV30SpecValidator, document) == []


async def test_the_whole_as_v2() -> None:
    async with control_plane("1.28") as ask:
        assert complaints(OpenAPIV2SpecValidator, tree(await ask("GET", "/openapi/v2"))) == []
