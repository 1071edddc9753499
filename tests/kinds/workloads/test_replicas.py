"""Deployment, ReplicaSet, ReplicationController: defaults, rules, generations, tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]


def test_deployment_defaults(kind: Make, workload: Make) -> None:
    made = kind("Deployment").create(workload())
    assert {name: value for name, value in made["spec"].items() if name not in ("selector", "template")} == {
        "replicas": 1,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    assert made["spec"]["template"]["spec"]["restartPolicy"] == "Always"
    assert made["metadata"]["generation"] == 1
    assert made["status"] == {}


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        pytest.param({"strategy": {"type": "Recreate"}}, [], id="recreate"),
        pytest.param({"replicas": 0, "revisionHistoryLimit": 0}, [], id="zeros"),
        pytest.param(
            {"selector": {}},
            ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
            id="empty-selector",
        ),
        pytest.param(
            {"selector": {"matchLabels": {"app": "y"}}},
            ['spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`'],
            id="selector-of-others",
        ),
        pytest.param(
            {"replicas": -1, "minReadySeconds": -2, "revisionHistoryLimit": -3, "progressDeadlineSeconds": -4},
            [
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                "spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0",
                "spec.revisionHistoryLimit: Invalid value: -3: must be greater than or equal to 0",
                "spec.progressDeadlineSeconds: Invalid value: -4: must be greater than or equal to 0",
                "spec.progressDeadlineSeconds: Invalid value: -4: must be greater than minReadySeconds",
            ],
            id="negatives",
        ),
        pytest.param(
            {"minReadySeconds": 10, "progressDeadlineSeconds": 10},
            ["spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds"],
            id="deadline-too-short",
        ),
        pytest.param(
            {"strategy": {"type": "Nope", "rollingUpdate": {"maxSurge": 1}}},
            [
                'spec.strategy: Unsupported value: {"Type":"Nope","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":1}}: '
                'supported values: "Recreate", "RollingUpdate"'
            ],
            id="unknown-strategy",
        ),
        pytest.param(
            {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
            ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
            id="recreate-with-rolling",
        ),
        pytest.param(
            {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}}},
            ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
            id="nothing-may-move",
        ),
        pytest.param(
            {"strategy": {"rollingUpdate": {"maxSurge": -1, "maxUnavailable": "101%"}}},
            [
                "spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal to 0",
                'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
            ],
            id="out-of-range",
        ),
        pytest.param(
            {"strategy": {"rollingUpdate": {"maxSurge": "200%"}}}, [], id="more-than-twice-as-many-is-no-error"
        ),
    ],
)
def test_deployment_rules(kind: Make, workload: Make, spec: dict[str, Any], messages: list[str]) -> None:
    assert kind("Deployment").errors(workload(**spec)) == messages


def test_no_spec(kind: Make) -> None:
    assert kind("Deployment").errors({"metadata": {"name": "d"}}) == [
        "spec.selector: Required value",
        "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
        "spec.template.spec.containers: Required value",
    ]


@pytest.mark.parametrize(
    ("patch", "generation"),
    [
        pytest.param({"metadata": {"labels": {"l": "1"}}}, 1, id="labels"),
        pytest.param({"metadata": {"annotations": {"a": "b"}}}, 2, id="annotations"),
        pytest.param({"metadata": {"generation": 9}}, 1, id="generation-is-not-the-clients"),
        pytest.param({"spec": {"replicas": 3}}, 2, id="spec"),
        pytest.param({"spec": {"revisionHistoryLimit": 10}}, 1, id="default-spelt-out"),
        pytest.param({"status": {"replicas": 5}}, 1, id="status"),
    ],
)
def test_deployment_generation(kind: Make, workload: Make, patch: dict[str, Any], generation: int) -> None:
    deployment = kind("Deployment")
    changed = deployment.update(deployment.create(workload()), patch)
    assert changed["metadata"]["generation"] == generation
    assert changed["status"] == {}


@pytest.mark.parametrize("name", ["Deployment", "ReplicaSet", "DaemonSet"])
def test_selector_is_immutable(kind: Make, workload: Make, name: str) -> None:
    some = kind(name)
    patch = {"spec": {"selector": {"matchLabels": {"app": "y"}}, "template": {"metadata": {"labels": {"app": "y"}}}}}
    assert some.update_errors(some.create(workload()), patch) == [
        'spec.selector: Invalid value: {"matchLabels":{"app":"y"}}: field is immutable'
    ]


def test_status_leaves_the_rest(kind: Make, workload: Make) -> None:
    deployment = kind("Deployment")
    made = deployment.create(workload())
    patch = {"metadata": {"labels": {"l": "1"}}, "spec": {"replicas": 9}, "status": {"replicas": 1}}
    changed = deployment.update(made, patch, "status")
    assert (changed["spec"], changed["metadata"].get("labels")) == (made["spec"], None)
    assert changed["status"] == {"replicas": 1}


@pytest.mark.parametrize(
    ("name", "status", "messages"),
    [
        pytest.param(
            "Deployment",
            {"replicas": 1, "updatedReplicas": 2, "readyReplicas": 3, "availableReplicas": 4},
            [
                "status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas",
                "status.readyReplicas: Invalid value: 3: cannot be greater than status.replicas",
                "status.availableReplicas: Invalid value: 4: cannot be greater than status.replicas",
                "status.availableReplicas: Invalid value: 4: cannot be greater than readyReplicas",
            ],
            id="deployment",
        ),
        pytest.param(
            "ReplicaSet",
            {"replicas": 1, "readyReplicas": 2, "fullyLabeledReplicas": 3, "availableReplicas": -1},
            [
                "status.availableReplicas: Invalid value: -1: must be greater than or equal to 0",
                "status.fullyLabeledReplicas: Invalid value: 3: cannot be greater than status.replicas",
                "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
            ],
            id="replicaset",
        ),
        pytest.param(
            "StatefulSet",
            {"replicas": 1, "readyReplicas": 1, "availableReplicas": 2},
            [
                "status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas",
                "status.availableReplicas: Invalid value: 2: cannot be greater than status.readyReplicas",
            ],
            id="statefulset",
        ),
    ],
)
def test_status_rules(kind: Make, workload: Make, name: str, status: dict[str, Any], messages: list[str]) -> None:
    some = kind(name)
    assert some.update_errors(some.create(workload()), {"status": status}, "status") == messages


@pytest.mark.parametrize("name", ["Deployment", "StatefulSet", "DaemonSet"])
def test_collisions_are_never_forgotten(kind: Make, workload: Make, name: str) -> None:
    some = kind(name)
    made = some.update(some.create(workload()), {"status": {"collisionCount": 3}}, "status")
    down = "status.collisionCount: Invalid value: {}: cannot be decremented"
    assert some.update_errors(made, {"status": {"collisionCount": 2}}, "status") == [down.format(2)]
    assert some.update_errors(made, {"status": {"collisionCount": None}}, "status") == [down.format(0)]


@pytest.mark.parametrize("name", ["Deployment", "ReplicaSet", "ReplicationController"])
def test_a_name_that_is_no_hostname_is_warned_of(kind: Make, workload: Make, name: str) -> None:
    body = workload("a.b", selector={"app": "x"}) if name == "ReplicationController" else workload("a.b")
    some = kind(name)
    some.create(body)
    assert some.warnings == [
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; "
        "a DNS label is recommended: [must not contain dots]"
    ]


def test_replication_controller_takes_the_templates_labels(kind: Make, workload: Make) -> None:
    made = kind("ReplicationController").create(workload(selector=None))
    assert (made["spec"]["selector"], made["metadata"]["labels"]) == ({"app": "x"}, {"app": "x"})


def test_replication_controller_without_template(kind: Make) -> None:
    assert kind("ReplicationController").errors({"metadata": {"name": "rc"}, "spec": {}}) == [
        "spec.selector: Required value",
        "spec.template: Required value",
    ]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        pytest.param("Deployment", ["w", "0/1", 0, 0, "<age>", "c", "nginx:1", "app=x"], id="deployment"),
        pytest.param("ReplicaSet", ["w", 1, 0, 0, "<age>", "c", "nginx:1", "app=x"], id="replicaset"),
        pytest.param("StatefulSet", ["w", "0/1", "<age>", "c", "nginx:1"], id="statefulset"),
        pytest.param("DaemonSet", ["w", 0, 0, 0, 0, 0, "<none>", "<age>", "c", "nginx:1", "app=x"], id="daemonset"),
    ],
)
def test_cells(kind: Make, workload: Make, name: str, cells: list[Any]) -> None:
    some = kind(name)
    assert some.cells(some.create(workload())) == cells
