"""The tutorial's app: what its readers see, from the first apply on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.served import Kubectl

AS_PUBLISHED = (
    'Error from server (BadRequest): error when creating "{file}": Deployment in version "v1" cannot be handled as a '
    'Deployment: strict decoding error: unknown field "spec.selector.app", unknown field '
    '"spec.template.spec.volumes[0].file", unknown field "spec.template.spec.volumes[1].file"\n'
    'Error from server (BadRequest): error when creating "{file}": ConfigMap in version "v1" cannot be handled as a '
    'ConfigMap: strict decoding error: unknown field "spec"\n'
)
"""Recorded: kubectl against kube-apiserver 1.36."""

AS_PUBLISHED_WARNED = {
    'Warning: unknown field "spec"',
    'Warning: unknown field "spec.selector.app"',
    'Warning: unknown field "spec.template.spec.volumes[0].file"',
    'Warning: unknown field "spec.template.spec.volumes[1].file"',
    'The Deployment "hello-world" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for '
    "deployment",
}


@pytest.fixture
def hello_world(kubectl: Kubectl, examples: Path) -> Kubectl:
    """kubectl in a namespace where the app has been applied and has become ready."""
    printed = kubectl("apply", "-f", str(examples / "hello-world.yaml"))
    assert printed.splitlines() == [
        "configmap/hello-world-config created",
        "service/hello-world created",
        "deployment.apps/hello-world created",
    ]
    kubectl("rollout", "status", "deployment/hello-world", "--timeout=10s")
    return kubectl


def test_three_pods_run_on_nodes(hello_world: Kubectl) -> None:
    (deployment,) = hello_world.rows("get", "deployments.apps")
    assert deployment[:4] == ["hello-world", "3/3", "3", "3"]
    pods = hello_world.json("get", "pods", "-l", "app=hello-world")["items"]
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 3
    assert len({pod["status"]["podIP"] for pod in pods}) == 3
    nodes = {node["metadata"]["name"] for node in hello_world.json("get", "nodes")["items"]}
    assert {pod["spec"]["nodeName"] for pod in pods} <= nodes


def test_it_takes_a_second_at_most(hello_world: Kubectl) -> None:
    deployment = hello_world.json("get", "deployment", "hello-world")
    available = next(each for each in deployment["status"]["conditions"] if each["type"] == "Available")
    created, ready = deployment["metadata"]["creationTimestamp"], available["lastTransitionTime"]
    assert datetime.fromisoformat(ready) - datetime.fromisoformat(created) <= timedelta(seconds=1)


def test_the_service_has_their_addresses(hello_world: Kubectl) -> None:
    pods = hello_world.json("get", "pods")["items"]
    addresses = sorted(pod["status"]["podIP"] for pod in pods)
    hello_world("wait", "--for=jsonpath={.subsets[0].addresses[2].ip}", "endpoints/hello-world", "--timeout=10s")
    (subset,) = hello_world.json("get", "endpoints", "hello-world")["subsets"]
    assert sorted(address["ip"] for address in subset["addresses"]) == addresses
    assert subset["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    (piece,) = hello_world.json("get", "endpointslices", "-l", "kubernetes.io/service-name=hello-world")["items"]
    ready = [each["addresses"][0] for each in piece["endpoints"] if each["conditions"]["ready"]]
    assert sorted(ready) == addresses
    assert [(port["name"], port["port"]) for port in piece["ports"]] == [("http", 8080)]


def test_applying_again_changes_nothing(hello_world: Kubectl, examples: Path) -> None:
    before = hello_world("get", "deployment", "hello-world", "-o", "jsonpath={.metadata.resourceVersion}")
    printed = hello_world("apply", "-f", str(examples / "hello-world.yaml"))
    assert [line.rpartition(" ")[2] for line in printed.splitlines()] == ["unchanged"] * 3
    assert hello_world("get", "deployment", "hello-world", "-o", "jsonpath={.metadata.resourceVersion}") == before


def test_as_published(kubectl: Kubectl, examples: Path) -> None:
    file = str(examples / "hello-world-as-published.yaml")
    done = kubectl.run("apply", "-f", file)
    assert done.returncode == 1
    assert done.stdout == "service/hello-world created\n"
    assert done.stderr == AS_PUBLISHED.format(file=file)


def test_as_published_with_warnings_only(kubectl: Kubectl, examples: Path) -> None:
    file = str(examples / "hello-world-as-published.yaml")
    kubectl.run("apply", "-f", file)
    done = kubectl.run("apply", "-f", file, "--validate=warn")
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["service/hello-world unchanged", "configmap/hello-world-config created"]
    assert set(done.stderr.splitlines()) == AS_PUBLISHED_WARNED
