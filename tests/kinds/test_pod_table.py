"""What `kubectl get pods` shows."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.kinds.podspec.table import COLUMNS, cells
from minikube_py.api.resource import Since
from minikube_py.machinery.gvr import Object

BORN = "2026-01-01T00:00:00Z"
NOON = "2026-01-01T12:00:00Z"


def listed(status: Object, *, deleting: bool = False, **spec: Any) -> list[Any]:
    metadata: Object = {"name": "p", "creationTimestamp": BORN}
    if deleting:
        metadata["deletionTimestamp"] = NOON
    return cells(
        {"metadata": metadata, "spec": {"containers": [{"name": "a"}, {"name": "b"}], **spec}, "status": status}
    )


def running(name: str, *, ready: bool = True, restarts: int = 0, **fields: Any) -> Object:
    return {"name": name, "ready": ready, "restartCount": restarts, "state": {"running": {}}, **fields}


def terminated(name: str, **state: Any) -> Object:
    return {"name": name, "state": {"terminated": state}}


def waiting(name: str, reason: str, **fields: Any) -> Object:
    return {"name": name, "state": {"waiting": {"reason": reason}}, **fields}


INIT = {"initContainers": [{"name": "i"}, {"name": "j"}]}
SIDECAR = {"initContainers": [{"name": "i", "restartPolicy": "Always"}]}


@pytest.mark.parametrize(
    ("status", "spec", "ready", "reason"),
    [
        pytest.param({"phase": "Pending"}, {}, "0/2", "Pending", id="new"),
        pytest.param(
            {"phase": "Running", "containerStatuses": [running("a"), running("b", ready=False)]},
            {},
            "1/2",
            "Running",
            id="one is ready",
        ),
        pytest.param(
            {"phase": "Pending", "conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]},
            {},
            "0/2",
            "SchedulingGated",
            id="gated",
        ),
        pytest.param(
            {"phase": "Running", "containerStatuses": [waiting("a", "CrashLoopBackOff"), running("b")]},
            {},
            "1/2",
            "CrashLoopBackOff",
            id="the first container's word counts",
        ),
        pytest.param({"phase": "Failed", "reason": "Evicted"}, {}, "0/2", "Evicted", id="a reason of its own"),
        pytest.param(
            {"phase": "Pending", "initContainerStatuses": [running("i", ready=False)]},
            INIT,
            "0/2",
            "Init:0/2",
            id="the first init container runs",
        ),
        pytest.param(
            {"phase": "Pending", "initContainerStatuses": [terminated("i", exitCode=0), waiting("j", "Pull")]},
            INIT,
            "0/2",
            "Init:Pull",
            id="the second waits",
        ),
        pytest.param(
            {"phase": "Pending", "initContainerStatuses": [waiting("i", "PodInitializing")]},
            INIT,
            "0/2",
            "Init:0/2",
            id="waiting for its turn",
        ),
        pytest.param(
            {"phase": "Pending", "initContainerStatuses": [terminated("i", exitCode=2)]},
            INIT,
            "0/2",
            "Init:ExitCode:2",
            id="an init container failed",
        ),
        pytest.param(
            {"phase": "Pending", "initContainerStatuses": [terminated("i", exitCode=2, signal=9)]},
            INIT,
            "0/2",
            "Init:Signal:9",
            id="an init container was killed",
        ),
        pytest.param(
            {
                "phase": "Running",
                "initContainerStatuses": [running("i", started=True)],
                "containerStatuses": [running("a"), running("b")],
            },
            SIDECAR,
            "3/3",
            "Running",
            id="a sidecar counts",
        ),
        pytest.param(
            {"phase": "Succeeded", "containerStatuses": [terminated("a", exitCode=0, reason="Completed")]},
            {},
            "0/2",
            "Completed",
            id="completed",
        ),
        pytest.param(
            {
                "phase": "Running",
                "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [terminated("a", exitCode=0, reason="Completed"), running("b")],
            },
            {},
            "1/2",
            "Running",
            id="one completed, one runs",
        ),
        pytest.param(
            {"phase": "Running", "containerStatuses": [terminated("a", exitCode=0, reason="Completed"), running("b")]},
            {},
            "1/2",
            "NotReady",
            id="one completed, one runs, not ready",
        ),
        pytest.param(
            {
                "phase": "Failed",
                "containerStatuses": [
                    terminated("a", exitCode=0, reason="Completed"),
                    terminated("b", exitCode=1, reason="Error"),
                ],
            },
            {},
            "0/2",
            "Error",
            id="one completed, one failed",
        ),
    ],
)
def test_ready_and_status(status: Object, spec: Object, ready: str, reason: str) -> None:
    assert listed(status, **spec)[1:3] == [ready, reason]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param({"phase": "Running"}, "Terminating", id="running"),
        pytest.param({"phase": "Succeeded"}, "Succeeded", id="finished"),
        pytest.param({"phase": "Running", "reason": "NodeLost"}, "Unknown", id="its node is lost"),
    ],
)
def test_deletion(status: Object, reason: str) -> None:
    assert listed(status, deleting=True)[2] == reason


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param([running("a")], "0", id="none"),
        pytest.param([running("a", restarts=2), running("b", restarts=1)], "3", id="unknown when"),
        pytest.param(
            [
                running("a", restarts=1, lastState={"terminated": {"finishedAt": BORN}}),
                running("b", restarts=1, lastState={"terminated": {"finishedAt": NOON}}),
            ],
            Since(NOON, "2 (", " ago)"),
            id="the last counts",
        ),
    ],
)
def test_restarts(statuses: list[Object], expected: str | Since) -> None:
    assert listed({"phase": "Running", "containerStatuses": statuses})[3] == expected


def test_restarts_of_finished_init_containers_do_not_count() -> None:
    initial = {**terminated("i", exitCode=0), "restartCount": 5}
    status = {"phase": "Running", "initContainerStatuses": [initial], "containerStatuses": [running("a", restarts=1)]}
    assert listed(status, **INIT)[3] == "1"


def test_wide_columns() -> None:
    status = {
        "phase": "Running",
        "podIPs": [{"ip": "10.0.0.7"}],
        "nominatedNodeName": "n2",
        "conditions": [{"type": "x/a", "status": "True"}, {"type": "x/b", "status": "False"}],
    }
    gates = [{"conditionType": "x/a"}, {"conditionType": "x/b"}, {"conditionType": "x/c"}]
    assert listed(status, nodeName="n1", readinessGates=gates)[5:] == ["10.0.0.7", "n1", "n2", "1/3"]
    assert listed({"phase": "Pending"})[5:] == ["<none>"] * 4


def test_a_cell_for_every_column() -> None:
    assert len(listed({})) == len(COLUMNS)
