"""StatefulSet, DaemonSet, ControllerRevision, PodDisruptionBudget, PodTemplate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]

TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def test_stateful_set_defaults(kind: Make, workload: Make) -> None:
    made = kind("StatefulSet").create(workload(volumeClaimTemplates=[CLAIM]))
    spec = made["spec"]
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert (spec["podManagementPolicy"], spec["replicas"], spec["revisionHistoryLimit"]) == ("OrderedReady", 1, 10)
    claim = spec["volumeClaimTemplates"][0]
    assert (claim["kind"], claim["spec"]["volumeMode"], claim["status"]) == (
        "PersistentVolumeClaim",
        "Filesystem",
        {"phase": "Pending"},
    )


def test_on_delete_needs_no_rolling_update(kind: Make, workload: Make) -> None:
    made = kind("StatefulSet").create(workload(updateStrategy={"type": "OnDelete"}))
    assert made["spec"]["updateStrategy"] == {"type": "OnDelete"}


def test_max_unavailable_is_behind_a_gate(kind: Make, workload: Make) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 2}}
    made = kind("StatefulSet").create(workload(updateStrategy=strategy))
    assert made["spec"]["updateStrategy"]["rollingUpdate"] == {"partition": 0}


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        pytest.param({"volumeClaimTemplates": [CLAIM]}, [], id="mounted-claims-are-volumes"),
        pytest.param(
            {"podManagementPolicy": "Nope"},
            ["spec.podManagementPolicy: Invalid value: \"Nope\": must be 'OrderedReady' or 'Parallel'"],
            id="management",
        ),
        pytest.param(
            {"updateStrategy": {"type": "Nope"}},
            [
                'spec.updateStrategy: Invalid value: {"Type":"Nope","RollingUpdate":null}: '
                "must be 'RollingUpdate' or 'OnDelete'"
            ],
            id="strategy",
        ),
        pytest.param(
            {"updateStrategy": {"type": "OnDelete", "rollingUpdate": {"partition": 1}}},
            [
                'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: '
                "only allowed for updateStrategy 'RollingUpdate'"
            ],
            id="on-delete-with-rolling",
        ),
        pytest.param(
            {"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Nope"}},
            [
                'spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: "Nope": '
                'supported values: "Retain", "Delete"'
            ],
            id="retention",
        ),
        pytest.param(
            {"replicas": -1, "minReadySeconds": -1, "ordinals": {"start": -1}},
            [
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
                "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0",
            ],
            id="negatives",
        ),
        pytest.param(
            {"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}]},
            [
                "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required",
                "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value",
            ],
            id="claims",
        ),
    ],
)
def test_stateful_set_rules(kind: Make, workload: Make, spec: dict[str, Any], messages: list[str]) -> None:
    body = workload(**spec)
    if spec.get("volumeClaimTemplates") == [CLAIM]:
        body["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/d"}]
    assert kind("StatefulSet").errors(body) == messages


@pytest.mark.parametrize(
    ("patch", "allowed"),
    [
        pytest.param({"replicas": 3, "ordinals": {"start": 2}, "minReadySeconds": 1}, True, id="numbers"),
        pytest.param({"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}}, True, id="strategy"),
        pytest.param({"serviceName": "other"}, False, id="service"),
        pytest.param({"podManagementPolicy": "Parallel"}, False, id="management"),
        pytest.param({"volumeClaimTemplates": [CLAIM]}, False, id="claims"),
    ],
)
def test_what_a_stateful_set_may_change(kind: Make, workload: Make, patch: dict[str, Any], allowed: bool) -> None:
    some = kind("StatefulSet")
    messages = some.update_errors(some.create(workload()), {"spec": patch})
    forbidden = "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', "
    assert not messages if allowed else [message.startswith(forbidden) for message in messages] == [True]


def test_a_template_generation_counts_templates(kind: Make, workload: Make) -> None:
    daemons = kind("DaemonSet")
    made = daemons.create(workload())
    steps = [made["metadata"]["annotations"][TEMPLATE_GENERATION]]
    for patch in (
        {"metadata": {"annotations": {TEMPLATE_GENERATION: "7"}}},
        {"spec": {"minReadySeconds": 1}},
        {"spec": {"template": {"metadata": {"annotations": {"a": "b"}}}}},
        {"metadata": {"annotations": None}},
    ):
        made = daemons.update(made, patch)
        steps.append(made["metadata"]["annotations"][TEMPLATE_GENERATION])
    assert steps == ["1", "1", "1", "2", "2"]
    assert made["metadata"]["generation"] == 3
    status = daemons.update(made, {"metadata": {"annotations": None}, "status": {"numberReady": 1}}, "status")
    assert status["metadata"]["annotations"] == {TEMPLATE_GENERATION: "2"}


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        pytest.param(
            {"updateStrategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}},
            [
                "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: "
                "may not be set when maxUnavailable is non-zero"
            ],
            id="both",
        ),
        pytest.param(
            {"updateStrategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
            [
                "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
            ],
            id="neither",
        ),
        pytest.param(
            {"selector": {}},
            ["spec.selector: Invalid value: {}: empty selector is invalid for daemonset"],
            id="empty-selector",
        ),
    ],
)
def test_daemon_set_rules(kind: Make, workload: Make, spec: dict[str, Any], messages: list[str]) -> None:
    assert kind("DaemonSet").errors(workload(**spec)) == messages


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        pytest.param({"data": {"a": 1}, "revision": 3}, [], id="fine"),
        pytest.param({"revision": 1}, ["data: Required value: data is mandatory"], id="no-data"),
        pytest.param(
            {"data": [1], "revision": -1},
            [
                "revision: Invalid value: -1: must be greater than or equal to 0",
                "data: Required value: data must be a valid JSON object",
            ],
            id="no-object",
        ),
    ],
)
def test_controller_revision_rules(kind: Make, body: dict[str, Any], messages: list[str]) -> None:
    assert kind("ControllerRevision").errors({"metadata": {"name": "r"}, **body}) == messages


def test_controller_revision_changes_but_for_its_data(kind: Make) -> None:
    revisions = kind("ControllerRevision")
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "u", "controller": True}
    made = revisions.create({"metadata": {"name": "r", "ownerReferences": [owner]}, "data": {"a": 1}, "revision": 1})
    assert revisions.update(made, {"revision": 2})["revision"] == 2
    assert revisions.update_errors(made, {"data": {"a": 2}}) == ['data: Invalid value: {"a":2}: field is immutable']
    assert revisions.cells(made) == ["r", "statefulset.apps/web", 1, "<age>"]


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        pytest.param({}, [], id="empty"),
        pytest.param(
            {"minAvailable": 1, "maxUnavailable": "1%"},
            [
                'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":"1%",'
                '"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set'
            ],
            id="both",
        ),
        pytest.param(
            {"maxUnavailable": "101%"},
            ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
            id="percent",
        ),
        pytest.param(
            {"unhealthyPodEvictionPolicy": "Nope"},
            [
                'spec.unhealthyPodEvictionPolicy: Unsupported value: "Nope": '
                'supported values: "AlwaysAllow", "IfHealthyBudget"'
            ],
            id="policy",
        ),
    ],
)
def test_budget_rules(kind: Make, spec: dict[str, Any], messages: list[str]) -> None:
    assert kind("PodDisruptionBudget").errors({"metadata": {"name": "p"}, "spec": spec}) == messages


def test_budgets_leave_metadata_to_the_registry(kind: Make) -> None:
    budgets = kind("PodDisruptionBudget")
    assert budgets.cells(budgets.create({"metadata": {"name": "Bad_"}, "spec": {"minAvailable": 1}})) == [
        "Bad_",
        "1",
        "N/A",
        0,
        "<age>",
    ]


def test_pod_templates_have_generations(kind: Make) -> None:
    templates = kind("PodTemplate")
    template = {"metadata": {"labels": {"b": "2", "a": "1"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    made = templates.create({"metadata": {"name": "t"}, "template": template})
    assert templates.update(made, {"metadata": {"labels": {"x": "y"}}})["metadata"]["generation"] == 1
    assert templates.update(made, {"template": {"spec": {"hostNetwork": True}}})["metadata"]["generation"] == 2
    assert templates.cells(made) == ["t", "c", "i", "a=1,b=2"]
