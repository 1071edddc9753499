"""The official Python client against a cluster of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from kubernetes import client, config

from minikube_py.threaded import ThreadedCluster


@pytest.fixture
def api(cluster: ThreadedCluster) -> Iterator[client.ApiClient]:
    with config.new_client_from_config_dict(yaml.safe_load(cluster.kubeconfig())) as api:
        yield api


@pytest.fixture
def core(api: client.ApiClient) -> client.CoreV1Api:
    return client.CoreV1Api(api)


@pytest.fixture
def apps(api: client.ApiClient) -> client.AppsV1Api:
    return client.AppsV1Api(api)
