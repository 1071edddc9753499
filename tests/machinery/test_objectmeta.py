from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery.field import Path
from minikube_py.machinery.names import name_is_dns_subdomain
from minikube_py.machinery.objectmeta import (
    validate_field_manager,
    validate_kube_object_meta,
    validate_kube_object_meta_update,
    validate_object_meta,
    validate_object_meta_update,
)

METADATA = Path("metadata")
GOOD: dict[str, Any] = {"name": "a", "namespace": "default", "resourceVersion": "5", "uid": "u"}
OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}
MANAGED = {"manager": "m", "operation": "Update", "fieldsType": "FieldsV1"}
TWO = (
    'metadata.ownerReferences: Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u","controller":true},'
    '{"apiVersion":"v1","kind":"Pod","name":"q","uid":"u","controller":true}]: Only one reference can have Controller '
    'set to true. Found "true" in references for Pod/p and Pod/q'
)


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        pytest.param({}, [], id="good"),
        pytest.param({"name": ""}, ["metadata.name: Required value: name or generateName is required"], id="nameless"),
        pytest.param({"generateName": "a-"}, [], id="generate-name"),
        pytest.param({"namespace": ""}, ["metadata.namespace: Required value"], id="no-namespace"),
        pytest.param({"namespace": "a.b"}, ['metadata.namespace: Invalid value: "a.b": must not contain dots'],
                     id="namespace-bad"),
        pytest.param({"generation": -1}, ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
                     id="generation"),
        pytest.param({"labels": {"/a": "a" * 64}}, [
            'metadata.labels: Invalid value: "/a": prefix part must be non-empty',
            f'metadata.labels: Invalid value: "{"a" * 64}": must be no more than 63 bytes'], id="labels"),
        pytest.param({"annotations": {"Example.COM/A": "é\n"}}, [], id="annotation-capitals"),
        pytest.param({"annotations": {"a": "b" * 2**18}},
                     ["metadata.annotations: Too long: may not be more than 262144 bytes"], id="annotations-long"),
        pytest.param({"ownerReferences": [{"kind": "Pod"}]}, [
            'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
            'metadata.ownerReferences.name: Invalid value: "": must not be empty',
            'metadata.ownerReferences.uid: Invalid value: "": must not be empty'], id="owner-incomplete"),
        pytest.param({"ownerReferences": [{**OWNER, "apiVersion": "a/b/c"}]},
                     ['metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty'],
                     id="owner-version"),
        pytest.param({"ownerReferences": [{**OWNER, "kind": "Event"}]}, [
            'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"p","uid":"u"}: '
            "/v1, Kind=Event is disallowed from being an owner"], id="owner-event"),
        pytest.param({"ownerReferences": [{**OWNER, "controller": True}, {"controller": True, **OWNER, "name": "q"}]},
                     [TWO], id="two-controllers"),
        pytest.param({"finalizers": ["orphan", "foregroundDeletion"]}, [
            'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: '
            "finalizer orphan and foregroundDeletion cannot be both set"], id="finalizers"),
        pytest.param({"finalizers": ["/x"]},
                     ['metadata.finalizers: Invalid value: "/x": prefix part must be non-empty'], id="finalizer-bad"),
        pytest.param({"managedFields": [MANAGED, {"operation": "Do", "fieldsType": "X", "subresource": "s" * 257}]}, [
            'metadata.managedFields[1].operation: Invalid value: "Do": must be `Apply` or `Update`',
            'metadata.managedFields[1].fieldsType: Invalid value: "X": must be `FieldsV1`',
            "metadata.managedFields[1].subresource: Too long: may not be more than 256 bytes"], id="managed-fields"),
    ],
)  # fmt: skip
def test_new_objects(change: dict[str, Any], messages: list[str]) -> None:
    errors = validate_object_meta({**GOOD, **change}, True, name_is_dns_subdomain, METADATA)
    assert [error.message() for error in errors] == messages


def test_cluster_scoped_objects_have_no_namespace() -> None:
    errors = validate_object_meta(GOOD, False, name_is_dns_subdomain, METADATA)
    assert [error.message() for error in errors] == ["metadata.namespace: Forbidden: not allowed on this type"]


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        pytest.param({}, {}, [], id="same"),
        pytest.param({}, {"resourceVersion": ""},
                     ['metadata.resourceVersion: Invalid value: "": must be specified for an update'], id="no-version"),
        pytest.param({"generation": 2}, {"generation": 1},
                     ["metadata.generation: Invalid value: 1: must not be decremented"], id="generation"),
        pytest.param({}, {"name": "b"}, ['metadata.name: Invalid value: "b": field is immutable'], id="name"),
        pytest.param({}, {"uid": "v"}, ['metadata.uid: Invalid value: "v": field is immutable'], id="uid"),
        pytest.param({"deletionGracePeriodSeconds": 30}, {},
                     ["metadata.deletionGracePeriodSeconds: Invalid value: null: field is immutable"], id="grace"),
        pytest.param({}, {"deletionTimestamp": "2026-01-01T00:00:00Z"},
                     ['metadata.deletionTimestamp: Invalid value: "2026-01-01T00:00:00Z": field is immutable'],
                     id="deletion"),
        pytest.param({"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/a"]},
                     {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/c", "a/b", "a/a"]},
                     ["metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
                      'found new finalizers []string{"a/b", "a/c"}'], id="no-new-finalizers"),
        pytest.param({}, {"labels": {"/a": ""}},
                     ['metadata.labels: Invalid value: "/a": prefix part must be non-empty'], id="labels"),
    ],
)  # fmt: skip
def test_changed_objects(old: dict[str, Any], new: dict[str, Any], messages: list[str]) -> None:
    errors = validate_object_meta_update({**GOOD, **new}, {**GOOD, **old}, METADATA)
    assert [error.message() for error in errors] == messages


def test_a_generate_name_can_be_left_to_the_name_it_became() -> None:
    metadata = {**GOOD, "generateName": "A_"}
    assert len(validate_kube_object_meta(metadata, True, name_is_dns_subdomain, METADATA)) == 1
    assert not validate_kube_object_meta(metadata, True, name_is_dns_subdomain, METADATA, check_generate_name=False)


def test_built_in_kinds_know_their_finalizers() -> None:
    wanted = (
        'metadata.finalizers[1]: Invalid value: "plain": '
        "name is neither a standard finalizer name nor is it fully qualified"
    )
    changed = {**GOOD, "finalizers": ["kubernetes", "plain", "a/b", "orphan"]}
    new = validate_kube_object_meta(changed, True, name_is_dns_subdomain, METADATA)
    update = validate_kube_object_meta_update(changed, GOOD, METADATA)
    assert [error.message() for error in new] == [error.message() for error in update] == [wanted]


@pytest.mark.parametrize(
    ("manager", "bodies"),
    [
        pytest.param("kubectl é", [], id="printable"),
        pytest.param("m" * 129, ["Too long: may not be more than 128 bytes"], id="long"),
        pytest.param("é\n", [r'Invalid value: "é\n": invalid character U+000A (at position 2)'], id="newline"),
    ],
)
def test_field_manager(manager: str, bodies: list[str]) -> None:
    assert [error.error_body() for error in validate_field_manager(manager, Path("fieldManager"))] == bodies
