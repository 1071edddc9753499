"""What simulated containers use."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.kubelet.usage import Usage, container_usage, node_usage, pod_usage
from minikube_py.machinery.gvr import Object

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
WAITING = {"waiting": {"reason": "ContainerCreating"}}


def texts(usage: Usage) -> tuple[str, str]:
    return str(usage["cpu"]), str(usage["memory"])


def container(name: str = "c", **requests: str) -> Object:
    return {"name": name, "image": "i", "resources": {"requests": requests}} if requests else {"name": name}


@pytest.mark.parametrize(
    ("requests", "annotations", "expected"),
    [
        pytest.param({}, {}, ("5m", "16Mi"), id="nothing requested"),
        pytest.param({"cpu": "200m", "memory": "128Mi"}, {}, ("20m", "64Mi"), id="a share of what is requested"),
        pytest.param({"cpu": "1m"}, {}, ("100u", "16Mi"), id="a share of little"),
        pytest.param({"cpu": "0", "memory": "0"}, {}, ("5m", "16Mi"), id="zero requested"),
        pytest.param({"memory": "1G"}, {}, ("5m", "500000000"), id="decimal memory"),
        pytest.param({"cpu": "1"}, {"cpu": "250m", "memory": "64Mi"}, ("250m", "64Mi"), id="said"),
        pytest.param({}, {"cpu": "0.5"}, ("500m", "16Mi"), id="one of them said"),
        pytest.param({}, {"cpu": "1", "cpu.c": "2", "cpu.d": "3"}, ("2", "16Mi"), id="said of the container"),
        pytest.param({}, {"cpu": "0"}, ("0", "16Mi"), id="idle"),
        pytest.param({}, {"cpu": "much", "memory": "-1"}, ("5m", "16Mi"), id="makes no sense"),
        pytest.param({}, {"cpu": "0.0000000001"}, ("1n", "16Mi"), id="whole nanocores"),
        pytest.param({}, {"memory": "1000k"}, ("5m", "1000000"), id="bytes"),
    ],
)
def test_usage(requests: dict[str, str], annotations: dict[str, str], expected: tuple[str, str]) -> None:
    said = {f"minikube-py/{name}": text for name, text in annotations.items()}
    assert texts(container_usage(container(**requests), said)) == expected


def pod(phase: str = "Running", sidecar: Any = RUNNING, **states: Any) -> Object:
    """With a container for each state, and a sidecar."""
    statuses = [{"name": name, "state": state} for name, state in states.items()]
    return {
        "metadata": {"name": "p"},
        "spec": {"containers": [container(name) for name in states], "initContainers": [container("sidecar")]},
        "status": {
            "phase": phase,
            "containerStatuses": statuses,
            "initContainerStatuses": [{"name": "sidecar", "state": sidecar}],
        },
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(pod(a=RUNNING, b=RUNNING), ["a", "b", "sidecar"], id="all"),
        pytest.param(pod(a=RUNNING, b=WAITING, sidecar={"terminated": {}}), ["a"], id="one runs"),
        pytest.param(pod("Pending", a=WAITING), ["sidecar"], id="still starting"),
        pytest.param(pod("Pending", a=WAITING, sidecar=WAITING), [], id="nothing runs"),
        pytest.param(pod("Failed", a=RUNNING), [], id="over, whatever its containers say"),
        pytest.param({"metadata": {}, "spec": {"containers": [container()]}}, [], id="without a status"),
    ],
)
def test_running_containers_report(given: Object, expected: list[str]) -> None:
    assert list(pod_usage(given)) == expected


def test_a_node_uses_what_its_pods_do_and_a_little() -> None:
    assert texts(node_usage([])) == ("50m", "256Mi")
    assert texts(node_usage([pod(a=RUNNING), pod(a=RUNNING, sidecar=WAITING)])) == ("65m", "304Mi")
