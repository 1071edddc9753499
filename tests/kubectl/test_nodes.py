"""Nodes as an administrator handles them: taint, cordon, drain. On nodes of the test's own server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Kubectl, Served


@pytest.fixture
def kubectl(tmp_path: Path) -> Iterator[Kubectl]:
    """Against a server of its own, with two nodes."""
    served = Served(tmp_path, "--nodes=2")
    yield Kubectl(tmp_path, served.kubeconfig)
    assert served.stop() == ""


def nodes_of_pods(kubectl: Kubectl) -> set[str]:
    kubectl("rollout", "status", "deployment/web", "--timeout=20s")
    running = ("get", "pods", "-o", "jsonpath={.items[?(@.status.phase=='Running')].spec.nodeName}")
    return set(kubectl(*running).split())


def test_taint_and_drain(kubectl: Kubectl) -> None:
    assert kubectl("taint", "node", "node-1", "for=others:NoSchedule") == "node/node-1 tainted\n"
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=3")
    assert nodes_of_pods(kubectl) == {"node-2"}
    assert kubectl("taint", "node", "node-1", "for-") == "node/node-1 untainted\n"
    drained = kubectl("drain", "node-2").splitlines()
    assert drained[0] == "node/node-2 cordoned"
    assert sum(line.endswith(" evicted") for line in drained) == 3
    assert drained[-1] == "node/node-2 drained"
    assert nodes_of_pods(kubectl) == {"node-1"}
    assert "SchedulingDisabled" in kubectl("get", "node", "node-2")
    assert kubectl("uncordon", "node-2") == "node/node-2 uncordoned\n"


def test_no_room(kubectl: Kubectl) -> None:
    kubectl("cordon", "node-1", "node-2")
    kubectl("run", "web", "--image=nginx")
    kubectl("wait", "--for=jsonpath={.status.conditions[0].reason}=Unschedulable", "pod/web", "--timeout=20s")
    assert "0/2 nodes are available: 2 node(s) were unschedulable." in kubectl("describe", "pod", "web")
    kubectl("uncordon", "node-1")
    kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=20s")
