"""Today's kubectl against yesterday's versions: apply, get, explain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Kubectl, Served

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, image: nginx, ports: [{containerPort: 80}], resources: {requests: {cpu: 10m}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""
SINCE = {
    "selfsubjectreviews.authentication.k8s.io": 28,
    "validatingadmissionpolicies.admissionregistration.k8s.io": 30,
    "servicecidrs.networking.k8s.io": 33,
    "resourceclaims.resource.k8s.io": 34,
}
"""The minor versions that brought them."""


@pytest.fixture(scope="module", params=["1.28", "1.32", "1.37"])
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("old"), "--kubernetes-version", request.param, "--nodes", "1")
    served.version = request.param  # type: ignore[attr-defined]
    yield served
    errors = served.stop()
    assert "Traceback" not in errors, errors


@pytest.fixture
def kubectl(old: Served, tmp_path: Path) -> Kubectl:
    return Kubectl(tmp_path, old.kubeconfig)


def version_of(served: Served) -> str:
    return str(served.version)  # type: ignore[attr-defined]


def test_applies_again_and_takes_over_server_side(old: Served, kubectl: Kubectl) -> None:
    names = ("deployment.apps/web", "horizontalpodautoscaler.autoscaling/web")
    assert kubectl("apply", "-f", "-", input=WEB).splitlines() == [f"{name} created" for name in names]
    assert kubectl("apply", "-f", "-", input=WEB).splitlines() == [f"{name} unchanged" for name in names]
    taken = kubectl("apply", "--server-side", "-f", "-", input=WEB).splitlines()
    assert taken == [f"{name} serverside-applied" for name in names]
    assert kubectl("diff", "-f", "-", input=WEB) == ""
    old.settle()
    assert kubectl.rows("get", "deployment", "web")[0][:4] == ["web", "2/2", "2", "2"]
    assert kubectl.rows("get", "hpa", "web")[0][1] == "Deployment/web"


def test_gets_every_kind(kubectl: Kubectl) -> None:
    listable = kubectl("api-resources", "--verbs=list", "-o", "name").split()
    assert "pods" in listable
    done = kubectl.run("get", ",".join(listable), "-A", "-o", "wide")
    assert done.returncode == 0, done.stderr
    assert "the server could not" not in done.stderr


def test_explains(old: Served, kubectl: Kubectl) -> None:
    for what in ("deployments", "ingresses"):
        assert "FIELDS:" in kubectl("explain", what, "--recursive")
    # Resources of whole pods came in 1.32.
    assert ("  resources\t" in kubectl("explain", "pods.spec")) == (version_of(old) != "1.28")


def test_knows_what_there_is(old: Served, kubectl: Kubectl) -> None:
    assert f"Server Version: v{version_of(old)}.0+minikube-py" in kubectl("version")
    minor = int(version_of(old).partition(".")[2])
    known = kubectl("api-resources", "-o", "name").split()
    for resource, since in SINCE.items():
        assert (resource in known) == (minor >= since)
    if minor < SINCE["resourceclaims.resource.k8s.io"]:
        assert "the server doesn't have a resource type" in kubectl.fails("get", "resourceclaims")


def test_objects_of_removed_apis_are_told_so(kubectl: Kubectl) -> None:
    removed = WEB.replace("autoscaling/v2\n", "autoscaling/v2beta2\n")
    said = kubectl.fails("apply", "-f", "-", input=removed)
    assert 'no matches for kind "HorizontalPodAutoscaler" in version "autoscaling/v2beta2"' in said
