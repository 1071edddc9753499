"""`minikube-py node`: nodes that come, go, fail and return."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Kubectl, Served


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A control plane of the module's own, whose clock the tests move."""
    served = Served(tmp_path_factory.mktemp("served"), "--nodes=2", "--clock=virtual")
    yield served
    assert served.stop() == ""


def node(served: Served, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "minikube_py.cli", "node", *arguments, "--server", served.address],
        capture_output=True,
        text=True,
        timeout=20,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_life(own: Served, tmp_path: Path) -> None:
    kubectl = Kubectl(tmp_path, own.kubeconfig)
    assert node(own, "add") == (0, "node/node-3 added\n")
    options = ("--label", "size=big", "--taint", "for=me:NoSchedule", "--capacity", "cpu=64")
    assert node(own, "add", "big", *options) == (0, "node/big added\n")
    own.settle()
    wanted = "{.metadata.labels.size} {.spec.taints[0].value} {.status.capacity.cpu}"
    assert kubectl("get", "node", "big", "-o", f"jsonpath={wanted}") == "big me 64"
    assert node(own, "stop", "node-3") == (0, "node/node-3 stopped\n")
    own.request("/minikube-py/advance", {"seconds": 90})
    statuses = [line.split()[:2] for line in kubectl("get", "nodes", "--no-headers").splitlines()]
    assert statuses == [["big", "Ready"], ["node-1", "Ready"], ["node-2", "Ready"], ["node-3", "NotReady"]]
    assert "Kubelet stopped posting node status." in kubectl("describe", "node", "node-3")
    assert node(own, "start", "node-3") == (0, "node/node-3 started\n")
    own.request("/minikube-py/advance", {"seconds": 10})
    assert kubectl("get", "node", "node-3", "--no-headers").split()[1] == "Ready"
    assert node(own, "remove", "big") == (0, "node/big removed\n")
    assert "big" not in kubectl("get", "nodes", "-o", "name")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(("stop", "none"), 'nodes "none" not found', id="no such node"),
        pytest.param(("add", "node-1"), 'nodes "node-1" already exists', id="twice"),
        pytest.param(("add", "--label", "a"), "node: --label a is not of the form KEY=VALUE", id="label"),
        pytest.param(("add", "--taint", "a=b"), "node: --taint a=b is not of the form KEY=VALUE:EFFECT", id="taint"),
    ],
)
def test_what_is_refused(own: Served, arguments: tuple[str, ...], complaint: str) -> None:
    assert node(own, *arguments) == (1, f"minikube-py: {complaint}\n")
