"""HorizontalPodAutoscaler: two versions of one object."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minikube_py.api.kinds.autoscaling.versions import to_v1, to_v2

Make = Callable[..., Any]

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}}
MEMORY = {"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}}
PODS = {"type": "Pods", "pods": {"metric": {"name": "p"}, "target": {"type": "AverageValue", "averageValue": "5"}}}
OBJECT = {
    "type": "Object",
    "object": {"describedObject": TARGET, "target": {"type": "Value", "value": "3"}, "metric": {"name": "o"}},
}
EXTERNAL = {
    "type": "External",
    "external": {
        "metric": {"name": "e", "selector": {"matchLabels": {"a": "b"}}},
        "target": {"type": "AverageValue", "averageValue": "2"},
    },
}
CONTAINER = {
    "type": "ContainerResource",
    "containerResource": {
        "name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": 50},
        "container": "c",
    },
}
ANNOTATION = "autoscaling.alpha.kubernetes.io/"


def body(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "a"}, "spec": {"scaleTargetRef": TARGET, "maxReplicas": 5, **spec}}


def test_v1_is_stored_as_v2(kind: Make) -> None:
    made = kind("HorizontalPodAutoscaler/v1").create(body(targetCPUUtilizationPercentage=50))
    assert made["apiVersion"] == "autoscaling/v2"
    assert made["spec"]["metrics"] == [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    ]
    assert made["spec"]["minReplicas"] == 1
    assert made["status"] == {"desiredReplicas": 0, "currentMetrics": None}
    assert to_v1(made)["spec"]["targetCPUUtilizationPercentage"] == 50


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_without_metrics_it_is_the_cpu(kind: Make, version: str) -> None:
    made = kind(f"HorizontalPodAutoscaler/{version}").create(body())
    assert to_v1(made)["spec"]["targetCPUUtilizationPercentage"] == 80
    assert "annotations" not in to_v1(made)["metadata"]


def test_v1_shows_the_rest_in_annotations(kind: Make) -> None:
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    made = kind("HorizontalPodAutoscaler/v2").create(body(metrics=[CPU, MEMORY], behavior=behavior))
    v1 = to_v1(made)
    assert v1["spec"]["targetCPUUtilizationPercentage"] == 60
    assert v1["metadata"]["annotations"] == {
        ANNOTATION + "behavior": '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":['
        '{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}],'
        '"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max","Policies":['
        '{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
        ANNOTATION + "metrics": '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]',
    }


def test_a_v1_update_keeps_what_v1_does_not_know(kind: Make) -> None:
    made = kind("HorizontalPodAutoscaler/v2").create(body(metrics=[CPU, MEMORY], behavior={"scaleUp": {}}))
    changed = kind("HorizontalPodAutoscaler/v1").update(made, {"spec": {"targetCPUUtilizationPercentage": 70}})
    assert changed["spec"]["behavior"] == made["spec"]["behavior"]
    assert [metric["resource"]["name"] for metric in changed["spec"]["metrics"]] == ["memory", "cpu"]
    assert changed["spec"]["metrics"][1]["resource"]["target"]["averageUtilization"] == 70
    assert "annotations" not in changed["metadata"]


_metrics = st.lists(st.sampled_from([CPU, MEMORY, PODS, OBJECT, EXTERNAL, CONTAINER]), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(metrics=_metrics.filter(lambda found: found.count(CPU) <= 1))
def test_v1_and_back_loses_no_metric(metrics: list[dict[str, Any]]) -> None:
    """Only the CPU's moves to the end, as upstream has it."""
    obj = {"apiVersion": "autoscaling/v2", **body(minReplicas=1, metrics=metrics)}
    back = to_v2(json.loads(json.dumps(to_v1(obj))))
    assert back["spec"]["metrics"] == [each for each in metrics if each != CPU] + [CPU] * metrics.count(CPU)
    assert to_v2(to_v1(back)) == back


def test_statuses_go_round_too(kind: Make) -> None:
    some = kind("HorizontalPodAutoscaler/v2")
    status = {
        "currentReplicas": 2,
        "desiredReplicas": 3,
        "currentMetrics": [
            {
                "type": "Resource",
                "resource": {"name": "cpu", "current": {"averageUtilization": 40, "averageValue": "1"}},
            }
        ],
        "conditions": [{"type": "AbleToScale", "status": "True", "lastTransitionTime": "2024-01-01T00:00:00Z"}],
    }
    made = some.update(some.create(body(metrics=[CPU])), {"status": status}, "status")
    v1 = to_v1(made)
    assert v1["status"] == {"currentReplicas": 2, "desiredReplicas": 3, "currentCPUUtilizationPercentage": 40}
    assert to_v2(v1)["status"] == made["status"]
    cells = ["a", "Deployment/d", "cpu: 40%/60%", "1", 5, 2, "<age>"]
    assert some.cells(made) == cells
    assert kind("HorizontalPodAutoscaler/v1").cells(v1) == cells


def test_nonsense_in_annotations_is_lost() -> None:
    annotations = {ANNOTATION + "metrics": "[1]", ANNOTATION + "behavior": "{", ANNOTATION + "conditions": "7"}
    obj = {**body(targetCPUUtilizationPercentage=50), "metadata": {"name": "a", "annotations": annotations}}
    made = to_v2(obj)
    assert [metric["type"] for metric in made["spec"]["metrics"]] == ["Resource"]
    assert "behavior" not in made["spec"] and "conditions" not in made["status"]


@pytest.mark.parametrize(
    ("metrics", "shown"),
    [
        pytest.param([MEMORY], "memory: <unknown>/1Gi", id="value"),
        pytest.param([PODS, OBJECT], "<unknown>/5, <unknown>/3", id="others"),
        pytest.param([EXTERNAL, CONTAINER, CPU], "<unknown>/2 (avg), cpu: <unknown>/50% + 1 more...", id="many"),
    ],
)
def test_targets(kind: Make, metrics: list[dict[str, Any]], shown: str) -> None:
    some = kind("HorizontalPodAutoscaler/v2")
    assert some.cells(some.create(body(metrics=metrics)))[2] == shown


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        pytest.param({"metrics": [CPU, MEMORY, PODS, OBJECT, EXTERNAL, CONTAINER]}, [], id="fine"),
        pytest.param(
            {"minReplicas": 9},
            ["spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`"],
            id="more-than-the-most",
        ),
        pytest.param(
            {"maxReplicas": 0, "minReplicas": 0},
            [
                "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
                "spec.maxReplicas: Required value: must be set and greater than 0",
                "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to "
                "zero replicas",
            ],
            id="zeros",
        ),
        pytest.param(
            {"scaleTargetRef": {"kind": "Deployment", "name": "a/b"}},
            [
                "spec.scaleTargetRef.name: Invalid value: \"a/b\": may not contain '/'",
                'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
            ],
            id="target",
        ),
        pytest.param(
            {"scaleTargetRef": {"kind": "ReplicationController", "name": "a", "apiVersion": "v1"}}, [], id="rc"
        ),
        pytest.param(
            {"metrics": [{**CPU, "pods": PODS["pods"]}]},
            ["spec.metrics[0].pods: Forbidden: must populate the given metric source only"],
            id="two-sources",
        ),
        pytest.param(
            {"metrics": [{"type": "Pods"}]},
            ["spec.metrics[0].pods: Required value: must populate information for the given metric source"],
            id="no-source",
        ),
        pytest.param(
            {"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 0}}}]},
            [
                "spec.metrics[0].resource.target.type: Required value: must specify a metric target type",
                'spec.metrics[0].resource.target.type: Invalid value: "": '
                "must be either Utilization, Value, or AverageValue",
                "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
            ],
            id="target-of-a-metric",
        ),
        pytest.param(
            {"behavior": {"scaleUp": {"policies": [{"type": "X", "value": 0, "periodSeconds": 1801}]}}},
            [
                'spec.behavior.scaleUp.policies[0].type: Unsupported value: "X": supported values: "Percent", "Pods"',
                "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
                "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: "
                "must be less than or equal to 1800",
            ],
            id="behavior",
        ),
    ],
)
def test_rules(kind: Make, spec: dict[str, Any], messages: list[str]) -> None:
    assert kind("HorizontalPodAutoscaler/v2").errors(body(**spec)) == messages


def test_a_target_that_stood_may_stay(kind: Make) -> None:
    some = kind("HorizontalPodAutoscaler/v2")
    made = some.create(body())
    made["spec"]["scaleTargetRef"] = {"kind": "Deployment", "name": "d"}
    assert some.update_errors(made, {"spec": {"maxReplicas": 6}}) == []
    assert some.update_errors(made, {"spec": {"scaleTargetRef": {"kind": "Other"}}}) == [
        'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group'
    ]
