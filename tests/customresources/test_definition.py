"""What a CustomResourceDefinition may say."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from minikube_py.api.kinds.apiextensions.defaults import Facts
from minikube_py.api.kinds.apiextensions.definition import validate_crd, validate_crd_update
from minikube_py.api.kinds.apiextensions.formats import unrecognized_formats
from minikube_py.api.kinds.customresourcedefinition import STRATEGY
from minikube_py.api.schema.decode import decode
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionKind, Object
from tests.customresources.definitions import crd, metadata_type, object_of, version

STRING = {"type": "string"}
FACTS = Facts(36, metadata_type())
SCHEMA = "spec.validation.openAPIV3Schema"
_TYPE = Schema("1.36").type_for(GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))


def draft(definition: Object) -> Object:
    """As it is when it is validated."""
    assert _TYPE is not None
    obj: Object = decode(_TYPE, definition).object
    STRATEGY.default(obj)
    return obj


def errors(definition: Object) -> list[str]:
    return [str(error) for error in validate_crd(draft(definition), FACTS)]


def schema_errors(schema: Object, **fields: Any) -> list[str]:
    return [error.replace(SCHEMA, "#") for error in errors(crd(version(schema=schema, **fields)))]


def test_a_plain_one_is_fine() -> None:
    assert errors(crd()) == []


@pytest.mark.parametrize(
    ("definition", "messages"),
    [
        pytest.param(
            {**crd(), "metadata": {"name": "gizmos.example.com"}},
            ['metadata.name: Invalid value: "gizmos.example.com": must be spec.names.plural+"."+spec.group'],
            id="name",
        ),
        pytest.param(
            crd(scope="World"),
            ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
            id="scope",
        ),
        pytest.param(
            crd(listKind="Widget"),
            ['spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same'],
            id="list-kind",
        ),
        pytest.param(
            crd(version("v1"), version("v2", storage=False, schema=object_of(a={"type": "nope"}))),
            [
                'spec.versions[1].schema.openAPIV3Schema.properties[a].type: Unsupported value: "nope": supported '
                'values: "array", "boolean", "integer", "number", "object", "string"'
            ],
            id="schemas-that-differ-stand-in-their-versions",
        ),
        pytest.param(
            crd(version(deprecationWarning="gone")),
            [
                'spec.versions[0].deprecationWarning: Invalid value: "gone": can only be set for deprecated versions',
            ],
            id="deprecation",
        ),
        pytest.param(
            crd(version(additionalPrinterColumns=[{"name": "A", "type": "odd", "jsonPath": "x"}])),
            [
                'spec.additionalPrinterColumns[0].type: Invalid value: "odd": must be one of '
                "boolean,date,integer,number,string",
                'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "x": must be a simple json path starting '
                "with .",
            ],
            id="columns",
        ),
        pytest.param(
            crd(version(subresources={"scale": {"specReplicasPath": ".status.x", "statusReplicasPath": ".status.y"}})),
            ['spec.subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec'],
            id="scale",
        ),
        pytest.param(
            crd(
                version(
                    selectableFields=[{"jsonPath": ".spec.size"}, {"jsonPath": ".spec.size"}, {"jsonPath": ".spec"}]
                )
            ),
            [
                'spec.selectableFields[1].jsonPath: Duplicate value: ".spec.size"',
                'spec.selectableFields[2].jsonPath: Invalid value: ".spec": must point to a field of type string, '
                "boolean "
                "or integer. Enum string fields and strings with formats are allowed.",
            ],
            id="selectable-fields",
        ),
        pytest.param(
            crd(version(selectableFields=[{"jsonPath": ".nope"}, {"jsonPath": ".a[0]"}, {"jsonPath": "a"}])),
            [
                'spec.selectableFields[0].jsonPath: Invalid value: ".nope": is an invalid path: does not refer to a '
                "valid "
                "field",
                'spec.selectableFields[1].jsonPath: Invalid value: ".a[0]": is an invalid path: does not refer to a '
                "valid "
                "field",
                'spec.selectableFields[2].jsonPath: Invalid value: "a": is an invalid path: expected [ or . but got: a',
            ],
            id="paths",
        ),
    ],
)
def test_spec(definition: Object, messages: list[str]) -> None:
    assert errors(definition) == messages


@pytest.mark.parametrize(
    ("schema", "messages"),
    [
        pytest.param(
            object_of(a={}),
            ["#.properties[a].type: Required value: must not be empty for specified object fields"],
            id="no-type",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": STRING},
            ["#.additionalProperties: Forbidden: must not be used at the root"],
            id="root-map",
        ),
        pytest.param(
            object_of(metadata=object_of(labels={"type": "object"})),
            [
                "#.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but "
                "metadata is implicitly specified"
            ],
            id="metadata",
        ),
        pytest.param(object_of(metadata=object_of(name={**STRING, "maxLength": 5})), [], id="names"),
        pytest.param(
            object_of(a={"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
            [],
            id="int-or-string",
        ),
        pytest.param(
            object_of(a={**STRING, "anyOf": [{"type": "string"}]}),
            ["#.properties[a].anyOf[0].type: Forbidden: must be empty to be structural"],
            id="types-in-any-of",
        ),
        pytest.param(
            {**object_of(a=STRING), "oneOf": [{"properties": {"b": {"maxLength": 1}}}]},
            ["#.properties[b]: Required value: because it is defined in #.oneOf[0].properties[b]"],
            id="incomplete",
        ),
        pytest.param(
            object_of(a={**STRING, "pattern": "["}),
            [
                '#.properties[a].pattern: Invalid value: "[": must be a valid regular expression, but isn\'t: error '
                "parsing "
                "regexp: missing closing ]: `[`"
            ],
            id="pattern",
        ),
        pytest.param(
            {**object_of(a=STRING), "nullable": True},
            ["#.nullable: Forbidden: nullable cannot be true at the root"],
            id="nullable-root",
        ),
        pytest.param(
            object_of(a={"type": "array", "items": STRING, "uniqueItems": True}),
            [
                "#.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime "
                "complexity "
                "becomes quadratic"
            ],
            id="unique-items",
        ),
        pytest.param(
            object_of(a={**STRING, "default": 1}),
            ['#.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"'],
            id="default-of-another-type",
        ),
        pytest.param(
            object_of(a={**object_of(b=STRING), "default": {"b": "x", "c": 1}}),
            ['#.properties[a].default: Invalid value: {"b":"x","c":1}: must not have unknown fields'],
            id="default-with-unknown-fields",
        ),
        pytest.param(
            object_of(a={**STRING, "x-kubernetes-validations": [{"rule": " "}]}),
            ["#.properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified"],
            id="rules",
        ),
    ],
)
def test_schema(schema: Object, messages: list[str]) -> None:
    assert schema_errors(schema) == messages


def test_what_the_root_may_say_beside_a_status_subresource() -> None:
    schema = {**object_of(status={"type": "object"}), "minProperties": 1}
    [error] = schema_errors(schema, subresources={"status": {}})
    assert "fields are allowed at the root of the schema if the status subresource is enabled" in error
    assert schema_errors(schema) == []


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        pytest.param({"scope": "Cluster"}, ['spec.scope: Invalid value: "Cluster": field is immutable'], id="scope"),
        pytest.param(
            {"versions": [version("v2")]},
            [
                'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a '
                "storage "
                "version, and must remain in spec.versions until a storage migration ensures no data remains "
                "persisted in "
                "v1 and removes v1 from status.storedVersions"
            ],
            id="stored-version",
        ),
    ],
)
def test_update(change: Object, messages: list[str]) -> None:
    old = draft(crd())
    old["metadata"]["resourceVersion"] = "5"
    old["status"]["conditions"] = [{"type": "Established", "status": "True"}]
    new = copy.deepcopy(old)
    new["spec"].update(change)
    new["status"]["storedVersions"] = ["v1", *(each["name"] for each in change.get("versions", ()))]
    assert [str(error) for error in validate_crd_update(new, old, FACTS)] == messages


def test_versions_are_shown_as_upstreams_internal_type() -> None:
    # What both have alike stands elsewhere; what they have not is shown in full.
    columns = [{"name": "A", "type": "string", "jsonPath": ".a"}]
    [error] = errors(crd(version("v1", additionalPrinterColumns=columns), version("v1", storage=False)))
    assert error == (
        'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,'
        '"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":[{"Name":"A",'
        '"Type":"string","Format":"","Description":"","Priority":0,"JSONPath":".a"}],"SelectableFields":null},'
        '{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,'
        '"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must contain unique version '
        "names"
    )


def test_protected_groups() -> None:
    definition = crd()
    definition["spec"]["group"], definition["metadata"]["name"] = "x.k8s.io", "widgets.x.k8s.io"
    [error] = errors(definition)
    assert error.startswith("metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups")
    for approval in ("https://github.com/kubernetes/enhancements/pull/1", "unapproved, a test"):
        definition["metadata"]["annotations"] = {"api-approved.kubernetes.io": approval}
        assert errors(definition) == []


def test_formats_nobody_knows() -> None:
    schema = object_of(
        a={**STRING, "format": "nonsense"}, b={**STRING, "format": "date"}, c={"type": "integer", "format": "byte"}
    )
    assert unrecognized_formats(draft(crd(version(schema=schema))), 36) == ["nonsense", "byte"]
