"""The Scale subresource: reading and writing a workload's replicas."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from minikube_py.api.resource import Resource, Scale, Subresource
from minikube_py.api.scale import cells, scale_for_update, scale_of, validate_scale, with_scale
from minikube_py.machinery.errors import StatusError

Make = Callable[..., Any]

MAIN = {
    "manager": "kubectl",
    "operation": "Update",
    "apiVersion": "apps/v1",
    "time": "2026-01-01T00:00:00Z",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:spec": {"f:replicas": {}, "f:selector": {}}},
}
SCALED = {
    "manager": "hpa",
    "operation": "Update",
    "apiVersion": "autoscaling/v1",
    "subresource": "scale",
    "time": "2026-01-02T00:00:00Z",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:spec": {"f:replicas": {}}},
}


@pytest.fixture
def deployments(kind: Make) -> Resource:
    resource: Resource = kind("Deployment").resource
    return resource


@pytest.fixture
def deployment(kind: Make, workload: Make) -> dict[str, Any]:
    selector = {"matchLabels": {"app": "x"}, "matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}
    made: dict[str, Any] = kind("Deployment").create(workload(selector=selector, replicas=2))
    made["metadata"]["managedFields"] = [MAIN]
    made["status"] = {"replicas": 1}
    return made


def test_scale_of(deployments: Resource, deployment: dict[str, Any]) -> None:
    scale = scale_of(deployments, deployment)
    assert scale == {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {"name": "w", "namespace": "ns", "uid": "u-1", "resourceVersion": "1"},
        "spec": {"replicas": 2},
        "status": {"replicas": 1, "selector": "!a,app=x"},
    }
    assert cells(scale)[:3] == ["w", 2, 1]


def test_none_is_left_out(deployments: Resource, deployment: dict[str, Any]) -> None:
    deployment["spec"]["replicas"] = 0
    assert scale_of(deployments, deployment)["spec"] == {}


def test_with_scale(deployments: Resource, deployment: dict[str, Any]) -> None:
    before = copy.deepcopy(deployment)
    scale = scale_for_update(deployments, deployment)
    assert [entry["apiVersion"] for entry in scale["metadata"]["managedFields"]] == ["autoscaling/v1"]
    scale["spec"]["replicas"] = 5
    scale["metadata"] |= {"resourceVersion": "7", "managedFields": [SCALED]}
    changed = with_scale(deployments, deployment, scale)
    assert deployment == before
    assert changed["spec"] == {**deployment["spec"], "replicas": 5}
    assert changed["spec"]["template"] is deployment["spec"]["template"]
    assert changed["metadata"]["resourceVersion"] == "7"
    fields = {entry["manager"]: entry for entry in changed["metadata"]["managedFields"]}
    assert fields["kubectl"]["fieldsV1"] == {"f:spec": {"f:selector": {}}}
    assert (fields["hpa"]["apiVersion"], fields["hpa"].get("time")) == ("apps/v1", None)


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        pytest.param(
            {"spec": {"replicas": -1}},
            422,
            'Scale.autoscaling "w" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
            id="negative",
        ),
        pytest.param(
            {"metadata": {"name": "w", "namespace": "ns", "uid": "other"}},
            409,
            'Operation cannot be fulfilled on deployments/scale.apps "w": Precondition failed: '
            "UID in precondition: other, UID in object meta: u-1",
            id="other-uid",
        ),
    ],
)
def test_refused(
    deployments: Resource, deployment: dict[str, Any], change: dict[str, Any], code: int, message: str
) -> None:
    with pytest.raises(StatusError) as caught:
        with_scale(deployments, deployment, {**scale_of(deployments, deployment), **change})
    assert (caught.value.code, str(caught.value)) == (code, message)


def test_validate_scale_looks_at_metadata() -> None:
    errors = validate_scale({"metadata": {"name": "Bad_", "namespace": ""}})
    assert [error.field for error in errors] == ["metadata.name", "metadata.namespace"]


@pytest.mark.parametrize(
    ("paths", "obj", "selector"),
    [
        pytest.param(Scale(), {"spec": {"selector": {"b": "2", "a": "1"}}}, "a=1,b=2", id="labels"),
        pytest.param(
            Scale(selector=("status", "selector")),
            {"spec": {}, "status": {"selector": "a in (b)"}},
            "a in (b)",
            id="text",
        ),
        pytest.param(Scale(selector=()), {"spec": {}}, None, id="none"),
    ],
)
def test_selectors(paths: Scale, obj: dict[str, Any], selector: str | None) -> None:
    resource = Resource("example.com", "v1", "things", "Thing", subresources=(Subresource("scale", scale=paths),))
    scale = scale_of(resource, {"metadata": {"name": "t"}, **obj})
    assert scale["status"].get("selector") == selector
    changed = with_scale(
        resource,
        {"metadata": {"name": "t"}, **obj},
        {"metadata": {"name": "t", "namespace": "ns"}, "spec": {"replicas": 3}},
    )
    assert changed["spec"]["replicas"] == 3


def test_a_selector_without_sense(deployments: Resource, deployment: dict[str, Any]) -> None:
    deployment["spec"]["selector"] = {"matchExpressions": [{"key": "a", "operator": "Huh"}]}
    with pytest.raises(StatusError) as caught:
        scale_of(deployments, deployment)
    assert (caught.value.code, str(caught.value)) == (400, '"Huh" is not a valid label selector operator')
