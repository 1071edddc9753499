"""Testing a small controller of your own: it scales Deployments to zero for the night and back in the morning.

    pytest examples/test_sleeper.py

The controller knows the official client and nothing else; the fixture `cluster` comes with minikube-py's pytest plugin.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from kubernetes import client, config

from minikube_py.testing.assertions import assert_rolled_out
from minikube_py.threaded import ThreadedCluster

SLEEPS = "example.com/sleeps"
AWAKE = "example.com/replicas-awake"


class Sleeper:
    """What is tested."""

    def __init__(self, api: client.ApiClient) -> None:
        self._apps = client.AppsV1Api(api)

    def reconcile(self, night: bool) -> None:
        for deployment in self._apps.list_deployment_for_all_namespaces(label_selector=SLEEPS).items:
            awake = (deployment.metadata.annotations or {}).get(AWAKE)
            if night and awake is None:
                self._scale(deployment, 0, str(deployment.spec.replicas))
            elif not night and awake is not None:
                self._scale(deployment, int(awake), None)

    def _scale(self, deployment: client.V1Deployment, replicas: int, awake: str | None) -> None:
        patch = {"metadata": {"annotations": {AWAKE: awake}}, "spec": {"replicas": replicas}}
        self._apps.patch_namespaced_deployment(deployment.metadata.name, deployment.metadata.namespace, patch)


@pytest.fixture
def api(cluster: ThreadedCluster) -> Iterator[client.ApiClient]:
    with config.new_client_from_config_dict(yaml.safe_load(cluster.kubeconfig())) as api:
        yield api


def deployment(name: str, labels: dict[str, str]) -> dict[str, object]:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [{"name": "main", "image": "nginx"}]},
    }
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"metadata": {"name": name, "labels": labels}, "spec": spec}


def test_sleeps_at_night_and_wakes_in_the_morning(cluster: ThreadedCluster, api: client.ApiClient) -> None:
    client.AppsV1Api(api).create_namespaced_deployment("default", deployment("shop", {SLEEPS: "yes"}))
    client.AppsV1Api(api).create_namespaced_deployment("default", deployment("bank", {}))
    cluster.settle()

    Sleeper(api).reconcile(night=True)
    cluster.settle()
    assert pods(api) == {"bank": 3}

    Sleeper(api).reconcile(night=False)
    cluster.settle()
    assert pods(api) == {"bank": 3, "shop": 3}
    shop = client.AppsV1Api(api).read_namespaced_deployment("shop", "default")
    assert_rolled_out(api.sanitize_for_serialization(shop))
    assert AWAKE not in (shop.metadata.annotations or {})


def pods(api: client.ApiClient) -> dict[str, int]:
    """How many pods of each app run."""
    running: dict[str, int] = {}
    for pod in client.CoreV1Api(api).list_namespaced_pod("default", field_selector="status.phase=Running").items:
        if pod.metadata.deletion_timestamp is None:
            running[pod.metadata.labels["app"]] = running.get(pod.metadata.labels["app"], 0) + 1
    return running
