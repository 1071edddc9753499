"""What objects use, from values."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.quota import amounts
from minikube_py.machinery.quota.evaluator import Evaluator
from minikube_py.machinery.quota.evaluators import counted_resource, evaluator_for

NOW = parse_rfc3339("2026-01-01T00:00:00Z")


def evaluator(resource: str, group: str = "") -> Evaluator:
    found = evaluator_for(GroupResource(group, resource))
    assert found is not None
    return found


PODS, SERVICES, CLAIMS = evaluator("pods"), evaluator("services"), evaluator("persistentvolumeclaims")
DEVICES = evaluator("resourceclaims", "resource.k8s.io")


def container(name: str = "c", requests: Object | None = None, limits: Object | None = None, **more: Any) -> Object:
    return {"name": name, "resources": {"requests": requests or {}, "limits": limits or {}}, **more}


def pod(*containers: Object, status: Object | None = None, meta: Object | None = None, **spec: Any) -> Object:
    return {
        "metadata": {"name": "p", **(meta or {})},
        "spec": {"containers": list(containers), **spec},
        "status": status or {},
    }


CPU = {"cpu": "100m"}
SHRINKING = {
    "name": "c",
    "allocatedResources": {"cpu": "400m"},
    "resources": {"requests": {"cpu": "300m"}, "limits": {"cpu": "500m"}},
}
INFEASIBLE = {"type": "PodResizePending", "status": "True", "reason": "Infeasible"}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(pod(container()), {"pods": "1"}, id="nothing said"),
        pytest.param(
            pod(container(requests=CPU), container("d", {"cpu": "1", "memory": "1Gi"}, {"memory": "2Gi"})),
            {
                "pods": "1",
                "cpu": "1100m",
                "requests.cpu": "1100m",
                "memory": "1Gi",
                "requests.memory": "1Gi",
                "limits.memory": "2Gi",
            },
            id="containers add up",
        ),
        pytest.param(
            pod(container(requests=CPU), initContainers=[container("i", {"cpu": "1"})]),
            {"pods": "1", "cpu": "1", "requests.cpu": "1"},
            id="init containers run before",
        ),
        pytest.param(
            pod(container(requests=CPU), overhead={"cpu": "10m", "memory": "1Mi"}),
            {"pods": "1", "cpu": "110m", "requests.cpu": "110m", "memory": "1Mi", "requests.memory": "1Mi"},
            id="overhead",
        ),
        pytest.param(
            pod(container(requests=CPU), resources={"requests": {"cpu": "2"}, "limits": {"cpu": "3"}}),
            {"pods": "1", "cpu": "2", "requests.cpu": "2", "limits.cpu": "3"},
            id="of the pod",
        ),
        pytest.param(
            pod(container(requests={"nvidia.com/gpu": "2", "hugepages-2Mi": "4Mi"})),
            {"pods": "1", "requests.nvidia.com/gpu": "2", "hugepages-2Mi": "4Mi", "requests.hugepages-2Mi": "4Mi"},
            id="extended and huge pages",
        ),
        pytest.param(
            pod(
                container(requests=CPU),
                status={"containerStatuses": [{"name": "c", "resources": {"requests": {"cpu": "300m"}}}]},
            ),
            {"pods": "1", "cpu": "300m", "requests.cpu": "300m"},
            id="being resized",
        ),
        pytest.param(
            pod(container(requests=CPU, limits=CPU), status={"containerStatuses": [SHRINKING]}),
            {"pods": "1", "cpu": "400m", "requests.cpu": "400m", "limits.cpu": "500m"},
            id="what is allocated and the limits there are count while it shrinks",
        ),
        pytest.param(
            pod(
                container(requests={"cpu": "9"}, limits={"cpu": "9"}),
                status={"containerStatuses": [SHRINKING], "conditions": [INFEASIBLE]},
            ),
            {"pods": "1", "cpu": "400m", "requests.cpu": "400m", "limits.cpu": "500m"},
            id="what cannot be had does not count",
        ),
        pytest.param(pod(container(requests=CPU), status={"phase": "Failed"}), {}, id="ended"),
        pytest.param(
            pod(meta={"deletionTimestamp": "2025-12-31T23:59:00Z", "deletionGracePeriodSeconds": 30}), {}, id="overdue"
        ),
        pytest.param(
            pod(meta={"deletionTimestamp": "2025-12-31T23:59:40Z", "deletionGracePeriodSeconds": 30}),
            {"pods": "1"},
            id="being deleted",
        ),
    ],
)
def test_pods(made: Object, expected: dict[str, str]) -> None:
    assert amounts.texts(PODS.usage(made, NOW)) == dict(sorted({"count/pods": "1", **expected}.items()))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(pod(container()), "must specify limits.memory for: c; requests.cpu for: c", id="all"),
        pytest.param(
            pod(container(requests=CPU), container("d", CPU), initContainers=[container("b")]),
            "must specify limits.memory for: b,c,d; requests.cpu for: b",
            id="which containers",
        ),
        pytest.param(pod(container(requests=CPU, limits={"memory": "1"})), "", id="none"),
        pytest.param(pod(container(), resources={"requests": CPU}), "", id="the pod says"),
    ],
)
def test_what_pods_must_say(made: Object, expected: str) -> None:
    assert PODS.missing(["limits.memory", "pods", "requests.cpu", "requests.storage"], made) == expected


def scope(name: str, operator: str = "Exists", *values: str) -> Object:
    return {"scopeName": name, "operator": operator, "values": list(values)}


TERM = {"topologyKey": "t", "namespaces": ["x"]}


@pytest.mark.parametrize(
    ("requirement", "made", "expected"),
    [
        pytest.param(scope("Terminating"), pod(activeDeadlineSeconds=0), True, id="terminating"),
        pytest.param(scope("Terminating"), pod(), False, id="not terminating"),
        pytest.param(scope("NotTerminating"), pod(), True, id="NotTerminating"),
        pytest.param(scope("BestEffort"), pod(container()), True, id="best effort"),
        pytest.param(scope("BestEffort"), pod(container(requests=CPU)), False, id="burstable"),
        pytest.param(scope("BestEffort"), pod(container(limits={"cpu": "0"})), True, id="zero is nothing"),
        pytest.param(scope("BestEffort"), pod(container(), resources={"requests": CPU}), False, id="the pod's own"),
        pytest.param(scope("NotBestEffort"), pod(status={"qosClass": "Burstable"}), True, id="status says"),
        pytest.param(scope("PriorityClass"), pod(priorityClassName="high"), True, id="has a priority class"),
        pytest.param(scope("PriorityClass"), pod(), False, id="has none"),
        pytest.param(scope("PriorityClass", "In", "high"), pod(priorityClassName="high"), True, id="this one"),
        pytest.param(scope("PriorityClass", "In", "high"), pod(priorityClassName="low"), False, id="another"),
        pytest.param(scope("PriorityClass", "NotIn", "high"), pod(), True, id="none is not it"),
        pytest.param(scope("PriorityClass", "DoesNotExist"), pod(priorityClassName="low"), False, id="no class"),
        pytest.param(
            scope("CrossNamespacePodAffinity"),
            pod(affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [TERM]}}),
            True,
            id="affinity to another namespace",
        ),
        pytest.param(scope("VolumeAttributesClass"), pod(), False, id="not of pods"),
    ],
)
def test_scopes(requirement: Object, made: Object, expected: bool) -> None:
    assert PODS.in_scope(requirement, made) is expected


def service(type: str, *node_ports: int, **spec: Any) -> Object:
    return {"spec": {"type": type, "ports": [{"nodePort": port} if port else {} for port in node_ports], **spec}}


@pytest.mark.parametrize(
    ("made", "node_ports", "balancers"),
    [
        pytest.param(service("ClusterIP", 0, 0), "0", "0", id="ClusterIP"),
        pytest.param(service("NodePort", 0, 0), "2", "0", id="NodePort"),
        pytest.param(service("LoadBalancer", 0), "1", "1", id="LoadBalancer"),
        pytest.param(
            service("LoadBalancer", 0, 30000, allocateLoadBalancerNodePorts=False), "1", "1", id="without node ports"
        ),
    ],
)
def test_services(made: Object, node_ports: str, balancers: str) -> None:
    counted = {"count/services": "1", "services": "1"}
    more = {"services.loadbalancers": balancers, "services.nodeports": node_ports}
    assert amounts.texts(SERVICES.usage(made, NOW)) == {**counted, **more}


def claim(storage: str = "1Gi", allocated: str = "", **spec: Any) -> Object:
    status = {"allocatedResources": {"storage": allocated}} if allocated else {}
    return {"metadata": {}, "spec": {"resources": {"requests": {"storage": storage}}, **spec}, "status": status}


def test_volume_claims() -> None:
    plain = {"count/persistentvolumeclaims": "1", "persistentvolumeclaims": "1", "requests.storage": "1Gi"}
    assert amounts.texts(CLAIMS.usage(claim(), NOW)) == plain
    of_class = {
        "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
        "fast.storageclass.storage.k8s.io/requests.storage": "1Gi",
    }
    assert amounts.texts(CLAIMS.usage(claim(storageClassName="fast"), NOW)) == {**plain, **of_class}
    assert str(CLAIMS.usage(claim(allocated="2Gi"), NOW)["requests.storage"]) == "2Gi"
    assert CLAIMS.matching([*of_class, "pods"]) == list(of_class)
    assert CLAIMS.in_scope(scope("VolumeAttributesClass", "In", "gold"), claim(volumeAttributesClassName="gold"))
    assert CLAIMS.handles("update", "status", claim(allocated="2Gi"), claim())
    assert not CLAIMS.handles("update", "status", claim(), claim())


def test_device_claims() -> None:
    requests = [
        {"exactly": {"deviceClassName": "gpu", "allocationMode": "ExactCount", "count": 2}},
        {"firstAvailable": [{"deviceClassName": "gpu", "count": 1}, {"deviceClassName": "nic", "count": 3}]},
        {"exactly": {"deviceClassName": "nic", "allocationMode": "All"}},
    ]
    used = amounts.texts(DEVICES.usage({"spec": {"devices": {"requests": requests}}}, NOW))
    assert used == {
        "count/resourceclaims.resource.k8s.io": "1",
        "gpu.deviceclass.resource.k8s.io/devices": "3",
        "nic.deviceclass.resource.k8s.io/devices": "35",
    }


@pytest.mark.parametrize(
    ("what", "names", "expected"),
    [
        pytest.param(PODS, ["pods", "count/pods", "cpu", "services"], ["pods", "count/pods", "cpu"], id="pods"),
        pytest.param(PODS, ["requests.nvidia.com/gpu", "requests.storage"], ["requests.nvidia.com/gpu"], id="extended"),
        pytest.param(PODS, ["hugepages-1Gi", "limits.hugepages-1Gi"], ["hugepages-1Gi"], id="huge pages"),
        pytest.param(evaluator("secrets"), ["secrets", "count/secrets", "x"], ["secrets", "count/secrets"], id="alias"),
        pytest.param(
            evaluator("deployments", "apps"), ["count/deployments.apps", "x"], ["count/deployments.apps"], id="any"
        ),
    ],
)
def test_matching(what: Evaluator, names: list[str], expected: list[str]) -> None:
    assert what.matching(names) == expected


def test_events_are_not_counted() -> None:
    assert evaluator_for(GroupResource("", "events")) is None
    assert counted_resource("count/deployments.apps") == GroupResource("apps", "deployments")
    assert counted_resource("count/a.b.example.com") == GroupResource("b.example.com", "a")
    assert counted_resource("pods") is None


def test_arithmetic() -> None:
    one, other = amounts.parsed({"cpu": "1", "pods": "2"}), amounts.parsed({"cpu": "1500m", "memory": "1Gi"})
    assert amounts.in_words(amounts.added(one, other)) == "cpu=2500m,memory=1Gi,pods=2"
    assert amounts.in_words(amounts.increase(one, other)) == "cpu=0,memory=0,pods=2"
    assert amounts.exceeding(other, one) == ["cpu"]
