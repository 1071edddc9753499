"""The official Python client's calls: typed, dynamic, from files."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, dynamic, utils

from minikube_py.threaded import ThreadedCluster


def config_map(name: str, **data: str) -> client.V1ConfigMap:
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data=data)


def deployment(replicas: int = 2) -> client.V1Deployment:
    container = client.V1Container(name="web", image="nginx:1.27", ports=[client.V1ContainerPort(container_port=80)])
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels={"app": "web"}), spec=client.V1PodSpec(containers=[container])
    )
    selector = client.V1LabelSelector(match_labels={"app": "web"})
    spec = client.V1DeploymentSpec(replicas=replicas, selector=selector, template=template)
    return client.V1Deployment(metadata=client.V1ObjectMeta(name="web"), spec=spec)


def test_a_deployment_from_create_to_delete(
    cluster: ThreadedCluster, core: client.CoreV1Api, apps: client.AppsV1Api
) -> None:
    created = apps.create_namespaced_deployment("default", deployment())
    assert created.spec.strategy.rolling_update.max_surge == "25%"
    cluster.settle()
    ready = apps.read_namespaced_deployment("web", "default")
    assert (ready.status.ready_replicas, ready.status.observed_generation) == (2, 1)
    pods = core.list_namespaced_pod("default", label_selector="app=web").items
    assert {pod.status.phase for pod in pods} == {"Running"}

    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}}}}
    apps.patch_namespaced_deployment("web", "default", patch)
    cluster.settle()
    pods = core.list_namespaced_pod("default", label_selector="app=web").items
    assert {pod.spec.containers[0].image for pod in pods} == {"nginx:1.28"}
    assert pods[0].spec.containers[0].ports[0].container_port == 80

    scale = apps.read_namespaced_deployment_scale("web", "default")
    scale.spec.replicas = 3
    apps.replace_namespaced_deployment_scale("web", "default", scale)
    cluster.settle()
    assert apps.read_namespaced_deployment_status("web", "default").status.available_replicas == 3

    apps.delete_namespaced_deployment("web", "default", propagation_policy="Foreground")
    cluster.settle()
    assert core.list_namespaced_pod("default").items == []
    assert apps.list_namespaced_deployment("default").items == []


def test_lists_in_pages(core: client.CoreV1Api) -> None:
    for number in range(5):
        core.create_namespaced_config_map("default", config_map(f"page-{number}"))
    names: list[str] = []
    token = None
    pages = 0
    while True:
        page = core.list_namespaced_config_map(
            "default", limit=2, _continue=token, field_selector="metadata.name!=kube-root-ca.crt"
        )
        names += [item.metadata.name for item in page.items]
        pages += 1
        token = page.metadata._continue
        if not token:
            break
    assert names == [f"page-{number}" for number in range(5)]
    assert pages == 3


def test_a_pod_by_hand(cluster: ThreadedCluster, core: client.CoreV1Api) -> None:
    body = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    core.create_namespaced_pod("default", body)
    cluster.settle()
    assert core.read_namespaced_pod("web", "default").status.pod_ip
    assert isinstance(core.read_namespaced_pod_log("web", "default"), str)
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name="web", namespace="default"))
    core.create_namespaced_pod_eviction("web", "default", eviction)
    cluster.settle()
    assert core.list_namespaced_pod("default").items == []


@pytest.mark.parametrize(
    ("call", "code", "reason"),
    [
        pytest.param(lambda core: core.read_namespaced_pod("gone", "default"), 404, "NotFound", id="not found"),
        pytest.param(
            lambda core: core.create_namespaced_service_account("default", {"metadata": {"name": "default"}}),
            409,
            "AlreadyExists",
            id="already exists",
        ),
        pytest.param(
            lambda core: core.create_namespaced_config_map("default", config_map("No Name")),
            422,
            "Invalid",
            id="invalid",
        ),
        pytest.param(
            lambda core: core.list_namespaced_pod("default", label_selector="a in"),
            400,
            "BadRequest",
            id="bad selector",
        ),
    ],
)
def test_errors(cluster: ThreadedCluster, core: client.CoreV1Api, call: Any, code: int, reason: str) -> None:
    cluster.settle()
    with pytest.raises(client.ApiException) as raised:
        call(core)
    assert raised.value.status == code
    status = json.loads(raised.value.body)
    assert (status["kind"], status["code"], status["reason"]) == ("Status", code, reason)


def test_an_update_of_an_old_version_conflicts(core: client.CoreV1Api) -> None:
    old = core.create_namespaced_config_map("default", config_map("settings", a="1"))
    core.patch_namespaced_config_map("settings", "default", {"data": {"a": "2"}})
    with pytest.raises(client.ApiException) as raised:
        core.replace_namespaced_config_map("settings", "default", old)
    assert raised.value.status == HTTPStatus.CONFLICT
    assert core.read_namespaced_config_map("settings", "default").data == {"a": "2"}


def test_a_dry_run_leaves_nothing(core: client.CoreV1Api) -> None:
    assert core.create_namespaced_config_map("default", config_map("settings"), dry_run="All").metadata.uid
    with pytest.raises(client.ApiException):
        core.read_namespaced_config_map("settings", "default")


def test_dynamic_client_applies(api: client.ApiClient, cluster: ThreadedCluster) -> None:
    found = dynamic.DynamicClient(api)
    deployments = found.resources.get(api_version="apps/v1", kind="Deployment")
    body = api.sanitize_for_serialization(deployment())
    body |= {"apiVersion": "apps/v1", "kind": "Deployment"}
    deployments.server_side_apply(body=body, namespace="default", field_manager="test")
    cluster.settle()
    applied = deployments.get(name="web", namespace="default")
    assert applied.status.readyReplicas == 2
    assert "test" in [entry.manager for entry in applied.metadata.managedFields]


def test_create_from_a_file(api: client.ApiClient, cluster: ThreadedCluster, examples: Path) -> None:
    utils.create_from_yaml(api, str(examples / "hello-world.yaml"))
    cluster.settle()
    endpoints = client.CoreV1Api(api).read_namespaced_endpoints("hello-world", "default")
    assert len(endpoints.subsets[0].addresses) == 3


def test_version_and_discovery(api: client.ApiClient) -> None:
    assert client.VersionApi(api).get_code().minor == "37"
    assert "apps" in {group.name for group in client.ApisApi(api).get_api_versions().groups}
    kinds = {resource.kind for resource in client.AppsV1Api(api).get_api_resources().resources}
    assert {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ControllerRevision"} <= kinds
