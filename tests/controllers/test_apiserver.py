"""The controllers inside kube-apiserver, in a whole cluster: they have objects to keep from its start."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.apiserver.autoregister import wanted
from minikube_py.controllers.apiserver.availability import verdict
from minikube_py.controllers.apiserver.flowschemas import dangling
from minikube_py.controllers.apiserver.kubernetesservice import WHERE
from minikube_py.controllers.servicecidr import SERVICE_CIDRS
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import (
    API_SERVICES,
    AUTOMANAGED,
    CUSTOM_RESOURCE_DEFINITIONS,
    ENDPOINT_SLICES,
    ENDPOINTS,
    NAMESPACES,
    SERVICES,
)

FLOW_SCHEMAS = GroupVersionResource("flowcontrol.apiserver.k8s.io", "v1", "flowschemas")
LEVELS = FLOW_SCHEMAS._replace(resource="prioritylevelconfigurations")


@pytest.fixture(params=[pytest.param(0, id="fresh"), pytest.param(3, id="lagging")])
async def cluster(request: pytest.FixtureRequest) -> AsyncIterator[Cluster]:
    options = {"clock": "virtual", "seed": 1, "check_mutations": True, "lag": request.param, "nodes": 0}
    async with Cluster(port=None, controllers="garbage-collector-controller", **options) as cluster:
        await cluster.settle()
        yield cluster


def crd(plural: str = "things", **served: bool) -> Object:
    schema = {"openAPIV3Schema": {"type": "object"}}
    versions = [
        {"name": name, "served": each, "storage": number == 0, "schema": schema}
        for number, (name, each) in enumerate((served or {"v1": True}).items())
    ]
    names = {"plural": plural, "kind": plural.title()}
    spec = {"group": "example.com", "scope": "Cluster", "names": names, "versions": versions}
    return {"metadata": {"name": f"{plural}.example.com"}, "spec": spec}


async def registered(cluster: Cluster) -> list[str]:
    """The APIServices of CRDs."""
    await cluster.settle()
    return [each["metadata"]["name"] for each in (await cluster.client.list(API_SERVICES)).items if kept(each)]


def kept(service: Object) -> bool:
    return bool(service["metadata"].get("labels", {}).get(AUTOMANAGED) == "true")


@pytest.mark.parametrize(
    ("crds", "there"),
    [
        pytest.param([], False, id="none"),
        pytest.param([crd()], True, id="served"),
        pytest.param([crd(v2=True, v1=False)], False, id="not-served"),
        pytest.param([crd(v2=True, v1=False), crd("others")], True, id="served-by-another"),
    ],
)
def test_wanted(crds: list[Object], there: bool) -> None:
    assert (wanted("v1.example.com", crds) is not None) is there


async def test_api_services_follow_crds(cluster: Cluster) -> None:
    client = cluster.client
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd(v1=True, v2=True, v3=False))
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd("others"))
    assert await registered(cluster) == ["v1.example.com", "v2.example.com"]
    service = await client.get(API_SERVICES, "", "v1.example.com")
    assert service["status"]["conditions"][0]["reason"] == "Local"
    assert service["metadata"]["managedFields"][0]["manager"] == "kube-apiserver"
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, "", "things.example.com")
    assert await registered(cluster) == ["v1.example.com"]
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, "", "others.example.com")
    assert await registered(cluster) == []


async def test_what_is_kept_is_put_right(cluster: Cluster) -> None:
    client = cluster.client
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd())
    assert await registered(cluster) == ["v1.example.com"]
    await client.delete(API_SERVICES, "", "v1.example.com")
    assert await registered(cluster) == ["v1.example.com"]
    await client.patch(API_SERVICES, "", "v1.example.com", {"spec": {"versionPriority": 7}})
    await cluster.settle()
    assert (await client.get(API_SERVICES, "", "v1.example.com"))["spec"]["versionPriority"] == 100
    # Who takes the label off has it.
    await client.patch(API_SERVICES, "", "v1.example.com", {"metadata": {"labels": None}})
    await client.delete(CUSTOM_RESOURCE_DEFINITIONS, "", "things.example.com")
    await cluster.settle()
    await client.get(API_SERVICES, "", "v1.example.com")


async def test_builtin_api_services_are_made_once(cluster: Cluster) -> None:
    await cluster.client.delete(API_SERVICES, "", "v1.apps")
    await cluster.settle()
    with pytest.raises(StatusError):
        await cluster.client.get(API_SERVICES, "", "v1.apps")


def remote(name: str = "metrics") -> Object:
    spec = {"group": "metrics.k8s.io", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100}
    service = {"name": name, "namespace": "default", "port": 443}
    return {
        "metadata": {"name": "v1.metrics.k8s.io"},
        "spec": {**spec, "insecureSkipTLSVerify": True, "service": service},
    }


def service(port: int = 443) -> Object:
    spec = {"type": "ClusterIP", "clusterIP": "10.96.0.7", "ports": [{"name": "https", "port": port}]}
    return {"metadata": {"name": "metrics", "namespace": "default"}, "spec": spec}


def endpoints(ready: bool = True, port: str = "https") -> Object:
    return {"endpoints": [{"conditions": {"ready": ready}}], "ports": [{"name": port, "port": 8443}]}


@pytest.mark.parametrize(
    ("found", "slices", "reason"),
    [
        pytest.param(None, [], "ServiceNotFound", id="no-service"),
        pytest.param(service(80), [], "ServicePortError", id="other-port"),
        pytest.param(service(), [], "EndpointsNotFound", id="no-slices"),
        pytest.param(service(), [endpoints(ready=False)], "MissingEndpoints", id="none-ready"),
        pytest.param(service(), [endpoints(port="")], "MissingEndpoints", id="other-port-name"),
        pytest.param(service(), [endpoints(), endpoints(ready=False)], "FailedDiscoveryCheck", id="there"),
        pytest.param({"spec": {"type": "ExternalName", "externalName": "a.b"}}, [], "FailedDiscoveryCheck", id="out"),
    ],
)
def test_verdict(found: Object | None, slices: list[Object], reason: str) -> None:
    assert verdict(remote(), found, slices).reason == reason


async def test_availability_follows_the_service(cluster: Cluster) -> None:
    async def reason() -> str:
        await cluster.settle()
        return str(
            (await cluster.client.get(API_SERVICES, "", "v1.metrics.k8s.io"))["status"]["conditions"][0]["reason"]
        )

    await cluster.client.create(API_SERVICES, remote())
    assert await reason() == "ServiceNotFound"
    await cluster.client.create(SERVICES, service())
    assert await reason() == "EndpointsNotFound"
    await cluster.client.delete(SERVICES, "default", "metrics")
    assert await reason() == "ServiceNotFound"


async def test_flow_schemas_know_whether_their_level_exists(cluster: Cluster) -> None:
    async def status() -> str:
        await cluster.settle()
        found = await cluster.client.get(FLOW_SCHEMAS, "", "mine")
        return str(found["status"]["conditions"][0]["status"])

    client = cluster.client
    level = {
        "metadata": {"name": "mine"},
        "spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}},
    }
    spec = {"priorityLevelConfiguration": {"name": "mine"}}
    await client.create(FLOW_SCHEMAS, {"metadata": {"name": "mine"}, "spec": spec})
    assert await status() == "True"
    await client.create(LEVELS, level)
    assert await status() == "False"
    await client.delete(LEVELS, "", "mine")
    assert await status() == "True"
    await client.patch(FLOW_SCHEMAS, "", "mine", {"spec": {"priorityLevelConfiguration": {"name": "exempt"}}})
    assert await status() == "False"


async def test_what_is_there_from_the_start_needs_no_work(cluster: Cluster) -> None:
    schemas = (await cluster.client.list(FLOW_SCHEMAS)).items
    assert schemas and not any(dangling(each, True) for each in schemas)
    names = {"autoregister", "remote-availability", "priority-and-fairness-config-consumer"}
    assert not [cause for cause in cluster.ring.recent if cause.actor in names]


async def test_the_kubernetes_service_comes_back(cluster: Cluster) -> None:
    before = {each: await cluster.client.get(each, *WHERE) for each in (SERVICES, ENDPOINTS, ENDPOINT_SLICES)}
    for resource in (SERVICES, ENDPOINT_SLICES):  # the Endpoints go with their Service
        await cluster.client.delete(resource, *WHERE)
    await cluster.advance(10)
    for resource, was in before.items():
        found = await cluster.client.get(resource, *WHERE)
        assert found["metadata"]["uid"] != was["metadata"]["uid"]
        assert {**found, "metadata": None} == {**was, "metadata": None}
    await cluster.client.patch(ENDPOINTS, *WHERE, {"subsets": None})
    await cluster.advance(10)
    assert (await cluster.client.get(ENDPOINTS, *WHERE))["subsets"] == before[ENDPOINTS]["subsets"]


async def test_system_namespaces_come_back(cluster: Cluster) -> None:
    await cluster.client.create(NAMESPACES, {"metadata": {"name": "mine"}})
    for called in ("kube-node-lease", "mine"):
        await cluster.client.delete(NAMESPACES, "", called)
        gone = await cluster.client.get(NAMESPACES, "", called)
        await cluster.client.update(NAMESPACES, {**gone, "spec": {"finalizers": []}}, subresource="finalize")
    await cluster.advance(60)
    found = [each["metadata"]["name"] for each in (await cluster.client.list(NAMESPACES)).items]
    assert found == ["default", "kube-node-lease", "kube-public", "kube-system"]


async def test_the_default_service_cidr_comes_back(cluster: Cluster) -> None:
    await cluster.client.delete(SERVICE_CIDRS, "", "kubernetes")
    await cluster.advance(10)
    made = await cluster.client.get(SERVICE_CIDRS, "", "kubernetes")
    (condition,) = made["status"]["conditions"]
    assert made["spec"]["cidrs"] == ["10.96.0.0/16"]
    assert (condition["status"], condition["message"]) == ("True", "Kubernetes default Service CIDR is ready")
