"""Where the autoscaler's metrics come from: what it asks for, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from minikube_py.client.protocol import DiscoveredResource, ObjectList
from minikube_py.controllers.horizontalpodautoscaler.discovery import Discovery, Unmapped
from minikube_py.controllers.horizontalpodautoscaler.metricsclient import MetricsClient
from minikube_py.controllers.horizontalpodautoscaler.podgroups import MetricsMissing, PodMetric
from minikube_py.machinery import errors
from minikube_py.machinery.clock import VirtualClock, parse_rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, Object

TIME = "2026-01-01T00:00:00Z"
NOW = parse_rfc3339(TIME)


class FakeServer:
    """A client of a server that answers lists by path, and tells what it serves."""

    def __init__(self, answers: dict[str, list[Object] | StatusError], *served: tuple[str, str, str, str]) -> None:
        self.answers = answers
        self.served = [
            DiscoveredResource(GroupVersionResource(group, version, resource), kind, True, frozenset(), True)
            for group, version, resource, kind in served
        ]
        self.asked: list[tuple[str, str | None, str]] = []
        self.discovered = 0

    async def discover(self) -> Sequence[DiscoveredResource]:
        self.discovered += 1
        return list(self.served)

    async def list(
        self, resource: GroupVersionResource, namespace: str | None = None, *, label_selector: str = ""
    ) -> ObjectList:
        path = f"{resource.api_version}/{resource.resource}"
        self.asked.append((path, namespace, label_selector))
        answer = self.answers.get(path, errors.unknown_resource())
        if isinstance(answer, StatusError):
            raise answer
        return ObjectList(answer, "")


def metrics_client(server: FakeServer) -> MetricsClient:
    client: Any = server
    return MetricsClient(client, Discovery(client, VirtualClock()))


def pod_metrics(name: str, **usages: dict[str, str]) -> Object:
    """With the usage of containers."""
    containers = [{"name": container, "usage": usage} for container, usage in usages.items()]
    return {"metadata": {"name": name}, "timestamp": TIME, "window": "1m30s", "containers": containers}


PODS = "metrics.k8s.io/v1beta1/pods"
TWO = pod_metrics("two", a={"cpu": "100m", "memory": "1Ki"}, b={"cpu": "1500u"})


@pytest.mark.parametrize(
    ("item", "resource", "container", "expected"),
    [
        pytest.param(TWO, "cpu", "", 102, id="all containers"),
        pytest.param(TWO, "cpu", "a", 100, id="one"),
        pytest.param(TWO, "memory", "a", 1024000, id="millibytes"),
        pytest.param(TWO, "memory", "", None, id="one does not tell"),
        pytest.param(TWO, "cpu", "c", None, id="no such container"),
        pytest.param(pod_metrics("two"), "cpu", "", None, id="no containers"),
    ],
)
async def test_resources(item: Object, resource: str, container: str, expected: int | None) -> None:
    server = FakeServer({PODS: [item]})
    found = await metrics_client(server).resource(resource, "ns", "app=web", container)
    assert found == ({} if expected is None else {"two": PodMetric(expected, NOW, 90.0)})
    assert server.asked == [(PODS, "ns", "app=web")]


CUSTOM = ("custom.metrics.k8s.io", "v1beta1", "pods/requests", "MetricValueList")
NEWER = ("custom.metrics.k8s.io", "v1beta2", "pods/requests", "MetricValueList")
SERVICES = ("", "v1", "services", "Service")
DEPLOYMENTS = ("apps", "v1", "deployments", "Deployment")


def value(text: str, name: str = "p", **more: Any) -> Object:
    return {"describedObject": {"name": name}, "timestamp": TIME, "value": text, **more}


async def test_custom_metrics_of_pods() -> None:
    path = "custom.metrics.k8s.io/v1beta2/pods/*/requests"
    server = FakeServer({path: [value("10"), value("250m", "q", windowSeconds=5)]}, CUSTOM, NEWER)
    found = await metrics_client(server).of_pods("requests", "ns", "app=web")
    assert found == {"p": PodMetric(10000, NOW, 60.0), "q": PodMetric(250, NOW, 5.0)}
    assert server.asked == [(path, "ns", "app=web")]


@pytest.mark.parametrize(
    ("described", "path"),
    [
        pytest.param({"kind": "Service", "name": "s", "apiVersion": "v1"}, "services/s/requests", id="core"),
        pytest.param(
            {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}, "deployments.apps/d/requests", id="group"
        ),
        pytest.param({"kind": "Namespace", "name": "x"}, "metrics/requests", id="its namespace"),
    ],
)
async def test_custom_metrics_of_an_object(described: Object, path: str) -> None:
    path = f"custom.metrics.k8s.io/v1beta1/{path}"
    server = FakeServer({path: [value("7")]}, CUSTOM, SERVICES, DEPLOYMENTS)
    assert await metrics_client(server).of_object("requests", "ns", described) == 7000
    assert server.asked == [(path, "ns", "")]


async def test_external_metrics() -> None:
    path = "external.metrics.k8s.io/v1beta1/length"
    server = FakeServer({path: [value("3"), value("1500m")]})
    assert await metrics_client(server).external("length", "ns", "queue=q") == [3000, 1500]
    assert server.asked == [(path, "ns", "queue=q")]


SERVICE = {"kind": "Service", "name": "s", "apiVersion": "v1"}
SAID = "unable to fetch metrics from {} metrics API: "


@pytest.mark.parametrize(
    ("answers", "served", "method", "arguments", "expected"),
    [
        pytest.param(
            {PODS: StatusError(403, "Forbidden", "not you")},
            (),
            "resource",
            ("cpu", "ns", "", ""),
            SAID.format("resource") + "not you",
            id="forbidden",
        ),
        pytest.param(
            {PODS: StatusError(404, "", "404 page not found")},
            (),
            "resource",
            ("cpu", "ns", "", ""),
            SAID.format("resource") + "the server could not find the requested resource (get pods.metrics.k8s.io)",
            id="no such group on a real server",
        ),
        pytest.param(
            {PODS: []},
            (),
            "resource",
            ("cpu", "ns", "", ""),
            "no metrics returned from resource metrics API",
            id="no resource metrics",
        ),
        pytest.param(
            {"custom.metrics.k8s.io/v1beta1/pods/*/requests": []},
            (CUSTOM,),
            "of_pods",
            ("requests", "ns", ""),
            "no metrics returned from custom metrics API",
            id="no custom metrics",
        ),
        pytest.param(
            {"custom.metrics.k8s.io/v1beta1/services/s/requests": [value("1"), value("2")]},
            (CUSTOM, SERVICES),
            "of_object",
            ("requests", "ns", SERVICE),
            SAID.format("custom") + "the custom metrics API server returned 2 results when we asked for exactly one",
            id="too many",
        ),
        pytest.param(
            {},
            (CUSTOM,),
            "of_object",
            ("requests", "ns", SERVICE),
            SAID.format("custom") + 'unable to map kind Service to resource: no matches for kind "Service" in group ""',
            id="unknown kind",
        ),
        pytest.param(
            {"external.metrics.k8s.io/v1beta1/length": []},
            (),
            "external",
            ("length", "ns", ""),
            "no metrics returned from external metrics API",
            id="no external metrics",
        ),
    ],
)
async def test_why_there_are_none(
    answers: Any, served: tuple[tuple[str, str, str, str], ...], method: str, arguments: Any, expected: str
) -> None:
    client = metrics_client(FakeServer(answers, *served))
    with pytest.raises(MetricsMissing) as error:
        await getattr(client, method)(*arguments)
    assert str(error.value) == expected


async def test_discovery_is_remembered_for_a_while() -> None:
    server, clock = FakeServer({}, SERVICES), VirtualClock()
    client: Any = server
    discovery = Discovery(client, clock)
    for _ in range(3):
        assert (await discovery.resource("", "Service")).resource == "services"
    assert server.discovered == 1
    with pytest.raises(Unmapped, match='no matches for kind "Deployment" in group "apps"'):
        await discovery.resource("apps", "Deployment")
    server.served.append(
        DiscoveredResource(GroupVersionResource("apps", "v1", "deployments"), "Deployment", True, frozenset(), True)
    )
    assert (await discovery.resource("apps", "Deployment")).resource == "deployments"
    assert server.discovered == 3
    server.served.clear()
    clock.advance_to(clock.now() + 30)
    with pytest.raises(Unmapped):
        await discovery.resource("", "Service")
