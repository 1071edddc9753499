"""top, and metrics as objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Kubectl, Served

TWO = """
apiVersion: v1
kind: Pod
metadata:
  name: two
  labels: {app: two}
  annotations: {minikube-py/cpu: 250m, minikube-py/memory: 64Mi, minikube-py/cpu.proxy: "1"}
spec:
  containers:
  - {name: app, image: nginx}
  - {name: proxy, image: envoy}
"""


@pytest.fixture
def two(kubectl: Kubectl) -> Kubectl:
    """With a pod of two containers, and another."""
    kubectl("apply", "-f", "-", input=TWO)
    kubectl("run", "other", "--image=nginx")
    kubectl("wait", "--for=condition=Ready", "pod", "--all", "--timeout=20s")
    return kubectl


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param("", [["other", "5m", "16Mi"], ["two", "1250m", "128Mi"]], id="all"),
        pytest.param("two", [["two", "1250m", "128Mi"]], id="one"),
        pytest.param("-l app=two", [["two", "1250m", "128Mi"]], id="selected"),
        pytest.param(
            "--containers",
            [["other", "other", "5m", "16Mi"], ["two", "app", "250m", "64Mi"], ["two", "proxy", "1000m", "64Mi"]],
            id="containers",
        ),
        pytest.param("--sort-by=cpu", [["two", "1250m", "128Mi"], ["other", "5m", "16Mi"]], id="sorted"),
    ],
)
def test_top_pods(two: Kubectl, options: str, expected: list[list[str]]) -> None:
    assert two.rows("top", "pod", *options.split()) == expected


def test_top_pods_together(two: Kubectl) -> None:
    assert two("top", "pod", "--sum").splitlines()[-1].split() == ["1255m", "144Mi"]
    everywhere = two.rows("top", "pod", "-A")
    assert [two.namespace, "two", "1250m", "128Mi"] in everywhere
    assert two.fails("top", "pod", "gone") == 'Error from server (NotFound): pods "gone" not found\n'


def test_usage_is_changed_while_it_runs(two: Kubectl) -> None:
    two("annotate", "pod", "two", "--overwrite", "minikube-py/cpu.proxy=10m")
    assert two.rows("top", "pod", "two") == [["two", "260m", "128Mi"]]


def test_top_nodes(two: Kubectl) -> None:
    rows = two.rows("top", "node")
    assert [row[0] for row in rows] == ["node-1", "node-2", "node-3"]
    assert all(row[1].endswith("m") and row[2].endswith("%") and row[3].endswith("Mi") for row in rows)
    assert two.rows("top", "node", "node-2")[0][0] == "node-2"


def test_metrics_as_objects(two: Kubectl) -> None:
    assert two.rows("get", "podmetrics") == [["other", "5m", "16Mi", "15s"], ["two", "1250m", "128Mi", "15s"]]
    assert two("get", "podmetrics", "two").splitlines()[0].split() == ["NAME", "CPU", "MEMORY", "WINDOW"]
    assert two("get", "nodemetrics", "node-1", "-o", "jsonpath={.kind} {.window}") == "NodeMetrics 15s"
    assert "  usage\t<map[string]Quantity> -required-" in two("explain", "nodemetrics")
    service = two.rows("get", "apiservice", "v1beta1.metrics.k8s.io")
    assert service[0][:3] == ["v1beta1.metrics.k8s.io", "Local", "True"]


@pytest.fixture
def without(tmp_path: Path) -> Iterator[Kubectl]:
    """Against a server of its own, without metrics-server."""
    served = Served(tmp_path, "--controllers=*,-metrics-server")
    yield Kubectl(tmp_path, served.kubeconfig)
    assert served.stop() == ""


def test_top_without_metrics_server(without: Kubectl) -> None:
    for what in ("pods", "nodes"):
        assert without.fails("top", what) == "error: Metrics API not available\n"
