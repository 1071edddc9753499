"""autoscale, and HorizontalPodAutoscalers as kubectl shows them. On a server whose clock the test moves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Kubectl, Served, kubeconfig_for


class Moved:
    """kubectl in a namespace of its own, and the clock of its server."""

    def __init__(self, served: Served, directory: Path, namespace: str) -> None:
        self._served = served
        served.new_namespace(namespace)
        kubeconfig = kubeconfig_for(served, namespace, directory / "kubeconfig")
        self.kubectl = Kubectl(directory, kubeconfig, namespace)

    def advance(self, seconds: int) -> None:
        self._served.request("/minikube-py/advance", {"seconds": seconds})


@pytest.fixture(scope="module")
def virtual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("virtual"), "--clock=virtual", "--seed=1")
    yield served
    assert served.stop() == ""


@pytest.fixture
def moved(virtual: Served, tmp_path: Path, numbers: Iterator[int]) -> Moved:
    return Moved(virtual, tmp_path, f"autoscale-{next(numbers)}")


def test_a_load_comes_and_goes(moved: Moved) -> None:
    kubectl = moved.kubectl
    kubectl("create", "deployment", "web", "--image=nginx", "--replicas=2")
    kubectl("set", "resources", "deployment", "web", "--requests=cpu=100m")
    autoscaled = kubectl("autoscale", "deployment", "web", "--min=1", "--max=5", "--cpu=80%")
    assert autoscaled == "horizontalpodautoscaler.autoscaling/web autoscaled\n"
    name, reference, targets, minimum, maximum, present, _ = kubectl.rows("get", "hpa")[0]
    assert (name, reference, targets) == ("web", "Deployment/web", "cpu: <unknown>/80%")
    assert (minimum, maximum, present) == ("1", "5", "0")
    moved.advance(60)
    assert kubectl.rows("get", "hpa", "web")[0][2:6] == ["cpu: 10%/80%", "1", "5", "2"]
    kubectl("annotate", "pod", "--all", "minikube-py/cpu=120m")
    moved.advance(30)
    assert kubectl.rows("get", "hpa", "web")[0][2:6] == ["cpu: 83%/80%", "1", "5", "3"]
    kubectl("annotate", "pod", "--all", "--overwrite", "minikube-py/cpu=5m")
    moved.advance(330)
    assert kubectl.rows("get", "hpa", "web")[0][2:6] == ["cpu: 5%/80%", "1", "5", "1"]
    assert kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "1"
    described(kubectl("describe", "hpa", "web"))


def described(told: str) -> None:
    assert re.search(r"^Reference: +Deployment/web$", told, re.M)
    assert re.search(r"resource cpu on pods  \(as a percentage of request\): +5% \(5m\) / 80%$", told, re.M)
    assert re.search(r"^Deployment pods: +1 current / 1 desired$", told, re.M)
    assert re.search(r"^  AbleToScale +True +ReadyForNewScale +recommended size matches current size$", told, re.M)
    assert re.search(r"^  ScalingActive +True +ValidMetricFound +the HPA was able to", told, re.M)
    sizes = re.findall(r"SuccessfulRescale .* horizontal-pod-autoscaler +New size: (\d); reason: (.*)$", told, re.M)
    up, down = "cpu resource utilization (percentage of request) above target", "All metrics below target"
    assert sizes == [("3", up), ("1", down)]


def test_what_cannot_be_computed(moved: Moved) -> None:
    kubectl = moved.kubectl
    kubectl("create", "deployment", "web", "--image=nginx")
    kubectl("autoscale", "deployment", "web", "--max=5", "--cpu=80%")
    moved.advance(30)
    told = kubectl("describe", "hpa", "web")
    assert "FailedGetResourceMetric" in told
    assert "missing request for cpu in container nginx of Pod web-" in told
    assert kubectl.rows("get", "hpa", "web")[0][2] == "cpu: <unknown>/80%"


def test_replicas_by_memory(moved: Moved) -> None:
    kubectl = moved.kubectl
    kubectl("create", "deployment", "web", "--image=nginx")
    kubectl("autoscale", "deployment", "web", "--min=2", "--max=5", "--memory=10Mi")
    moved.advance(45)
    assert kubectl.rows("get", "hpa", "web")[0][2:6] == ["memory: 16Mi/10Mi", "2", "5", "4"]
