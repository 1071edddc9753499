"""describe, events, logs, explain, and what the server says of itself."""

from __future__ import annotations

import re

import pytest

from tests.served import Kubectl


@pytest.fixture
def web(kubectl: Kubectl) -> Kubectl:
    kubectl("create", "deployment", "web", "--image=nginx:1.27")
    kubectl("rollout", "status", "deployment/web", "--timeout=10s")
    return kubectl


def test_describe_a_deployment(web: Kubectl) -> None:
    told = web("describe", "deployment", "web")
    assert re.search(r"^Replicas: +1 desired \| 1 updated \| 1 total \| 1 available \| 0 unavailable$", told, re.M)
    assert re.search(r"^StrategyType: +RollingUpdate$", told, re.M)
    assert re.search(r"^  Progressing +True +NewReplicaSetAvailable$", told, re.M)
    scaled = r"ScalingReplicaSet .* deployment-controller +Scaled up replica set web-\w+ from 0 to 1$"
    assert re.search(scaled, told, re.M)


def test_describe_a_pod(web: Kubectl) -> None:
    told = web("describe", "pod", "-l", "app=web")
    assert re.search(r"^Status: +Running$", told, re.M)
    assert re.search(r"^Controlled By: +ReplicaSet/web-", told, re.M)
    assert re.search(r"Normal +Scheduled .* Successfully assigned \S+ to \S+$", told, re.M)
    reasons = re.findall(r"^  Normal +(\w+) ", told, re.M)  # in order of seconds, so in none within one
    assert sorted(reasons) == ["Created", "Pulled", "Scheduled", "Started"]


@pytest.mark.parametrize(
    "what", ["node", "namespace/{namespace}", "service/kubernetes -n default", "serviceaccount/default"]
)
def test_describe_others(kubectl: Kubectl, what: str) -> None:
    assert kubectl("describe", *what.format(namespace=kubectl.namespace).split()).startswith("Name:")


def test_events(web: Kubectl) -> None:
    told = web("events", "--for", "deployment/web")
    assert "Scaled up replica set web-" in told
    reasons = web("get", "events", "--field-selector", "involvedObject.kind=Pod", "-o", "jsonpath={.items[*].reason}")
    assert {"Scheduled", "Pulled", "Started"} <= set(reasons.split())


def test_logs(web: Kubectl) -> None:
    web("logs", "deployment/web")
    assert 'pods "gone" not found' in web.fails("logs", "gone")


def test_explain(kubectl: Kubectl) -> None:
    told = kubectl("explain", "deployment.spec.strategy")
    assert told.startswith("GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n")
    assert re.search(r"^FIELD: strategy <DeploymentStrategy>$", told, re.M)
    assert re.search(r"^  rollingUpdate\t<RollingUpdateDeployment>$", told, re.M)
    assert 'field "nothing" does not exist' in kubectl.fails("explain", "deployment.spec.nothing")


def test_explain_recursive(kubectl: Kubectl) -> None:
    told = kubectl("explain", "--recursive", "pod.spec.containers")
    assert re.search(r"^  resources\t<ResourceRequirements>$", told, re.M)
    assert re.search(r"^      name\t<string> -required-$", told, re.M)


def test_api_resources(kubectl: Kubectl) -> None:
    rows = {row[0]: row for row in reversed(kubectl.rows("api-resources"))}
    assert rows["deployments"] == ["deployments", "deploy", "apps/v1", "true", "Deployment"]
    assert rows["pods"][1:] == ["po", "v1", "true", "Pod"]
    named = kubectl("api-resources", "--namespaced=false", "-o", "name").split()
    assert "nodes" in named
    assert "pods" not in named
    watched = kubectl("api-resources", "--verbs=list,watch", "--api-group=apps", "-o", "name").split()
    assert "deployments.apps" in watched


def test_api_versions(kubectl: Kubectl) -> None:
    versions = kubectl("api-versions").split()
    assert {"v1", "apps/v1", "batch/v1", "coordination.k8s.io/v1", "discovery.k8s.io/v1"} <= set(versions)
    assert versions == sorted(versions)


def test_version(kubectl: Kubectl) -> None:
    assert re.search(r"^Server Version: v1\.37\.\d+", kubectl("version"), re.M)


def test_cluster_info(kubectl: Kubectl) -> None:
    assert "is running at" in kubectl("cluster-info")


def test_who_am_i(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "delete", "nodes") == "yes\n"
    assert "system:masters" in kubectl("auth", "whoami")
