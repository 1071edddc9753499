"""Defaults of pods and pod templates."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minikube_py.api.kinds.podspec.images import pull_policy, tag
from minikube_py.api.kinds.podspec.resources import qos_class
from minikube_py.api.kinds.podspec.template import default_pod_template
from tests.kinds.pods import container, defaulted, pod


def test_a_bare_pod() -> None:
    assert defaulted(pod())["spec"] == {
        "containers": [
            {
                "name": "c",
                "image": "nginx:1.25",
                "imagePullPolicy": "IfNotPresent",
                "resources": {},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
            }
        ],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }


def test_a_template_gets_no_requests_and_no_service_links() -> None:
    limited = container(resources={"limits": {"cpu": "1"}}, ports=[{"containerPort": 80}])
    template: dict[str, Any] = {"metadata": {}, "spec": {"hostNetwork": True, "containers": [limited]}}
    default_pod_template(template)
    made = template["spec"]["containers"][0]
    assert made["resources"] == {"limits": {"cpu": "1"}}
    assert made["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert "enableServiceLinks" not in template["spec"]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param("nginx", "latest", id="no tag"),
        pytest.param("nginx:latest", "latest", id="latest"),
        pytest.param("nginx:1.25", "1.25", id="tag"),
        pytest.param("r:5000/x", "latest", id="a port is no tag"),
        pytest.param("r:5000/x:2", "2", id="port and tag"),
        pytest.param("ghcr.io/a/b_c.d--e:v1", "v1", id="separators"),
        pytest.param(f"x@sha256:{'b' * 64}", "", id="digest"),
        pytest.param(f"x:latest@sha256:{'b' * 64}", "latest", id="tag and digest"),
        pytest.param("x@sha256:bb", "", id="short digest"),
        pytest.param("a" * 64, "", id="an identifier"),
        pytest.param("localhost/x", "latest", id="localhost"),
        pytest.param("Nginx", "", id="capitals"),
        pytest.param(" nginx", "", id="padded"),
        pytest.param("", "", id="empty"),
    ],
)
def test_tag_of_an_image(image: str, expected: str) -> None:
    assert tag(image) == expected
    assert pull_policy(image) == ("Always" if expected == "latest" else "IfNotPresent")


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        pytest.param({}, {"emptyDir": {}}, id="none is an emptyDir"),
        pytest.param({"configMap": {"name": "x"}}, {"configMap": {"name": "x", "defaultMode": 420}}, id="configMap"),
        pytest.param({"hostPath": {"path": "/x"}}, {"hostPath": {"path": "/x", "type": ""}}, id="hostPath"),
        pytest.param(
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {
                "projected": {
                    "sources": [{"serviceAccountToken": {"expirationSeconds": 3600, "path": "t"}}],
                    "defaultMode": 420,
                }
            },
            id="token",
        ),
        pytest.param({"image": {"reference": "x"}}, {"image": {"reference": "x", "pullPolicy": "Always"}}, id="image"),
        pytest.param(
            {"rbd": {"monitors": ["m"], "image": "i"}},
            {"rbd": {"monitors": ["m"], "image": "i", "pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"}},
            id="rbd",
        ),
    ],
)
def test_volumes(volume: dict[str, Any], expected: dict[str, Any]) -> None:
    made = defaulted(pod(volumes=[{"name": "v", **volume}]))["spec"]["volumes"][0]
    assert made == {"name": "v", **expected}


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        pytest.param({"limits": {"cpu": "1"}}, {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}, id="from limits"),
        pytest.param(
            {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}},
            {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "1Gi"}},
            id="what is missing",
        ),
        pytest.param({"requests": {"cpu": "1u"}}, {"requests": {"cpu": "1m"}}, id="rounded up to a thousandth"),
    ],
)
def test_requests(requirements: dict[str, Any], expected: dict[str, Any]) -> None:
    made = defaulted(pod(containers=[container(resources=requirements)]))
    assert made["spec"]["containers"][0]["resources"] == expected


@pytest.mark.parametrize(
    ("pod_level", "containers", "expected"),
    [
        pytest.param(
            {"limits": {"cpu": "2"}},
            [{"requests": {"cpu": "500m"}}, {"requests": {"cpu": "250m"}}],
            {"limits": {"cpu": "2"}, "requests": {"cpu": "750m"}},
            id="requests are the containers' together",
        ),
        pytest.param(
            {"limits": {"memory": "1Gi"}},
            [{}],
            {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}},
            id="without such, the limits",
        ),
        pytest.param(
            {"limits": {"cpu": "1"}},
            [{"limits": {"hugepages-2Mi": "4Mi"}}],
            {"limits": {"cpu": "1", "hugepages-2Mi": "4Mi"}, "requests": {"cpu": "1", "hugepages-2Mi": "4Mi"}},
            id="huge pages",
        ),
        pytest.param({}, [{"requests": {"cpu": "1"}}], {}, id="nothing given, nothing made"),
    ],
)
def test_pod_level_resources(
    pod_level: dict[str, Any], containers: list[dict[str, Any]], expected: dict[str, Any]
) -> None:
    listed = [container(f"c{index}", resources=one) for index, one in enumerate(containers)]
    assert defaulted(pod(resources=pod_level, containers=listed))["spec"]["resources"] == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param([{}], "BestEffort", id="nothing"),
        pytest.param([{"requests": {"cpu": "1"}}], "Burstable", id="a request"),
        pytest.param([{"limits": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed", id="limits of both"),
        pytest.param([{"limits": {"cpu": "1", "memory": "1Gi"}}, {}], "Burstable", id="not all containers"),
        pytest.param([{"limits": {"cpu": "1"}}], "Burstable", id="limit of one"),
        pytest.param([{"requests": {"cpu": "0"}}], "BestEffort", id="zero is nothing"),
        pytest.param(
            [{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1000m", "memory": "1024Mi"}}],
            "Guaranteed",
            id="the same in other words",
        ),
        pytest.param([{"limits": {"example.com/gpu": "1"}}], "BestEffort", id="devices do not count"),
    ],
)
def test_qos_class(spec: list[dict[str, Any]], expected: str) -> None:
    containers = [container(f"c{index}", resources=one) for index, one in enumerate(spec)]
    assert qos_class(defaulted(pod(containers=containers))["spec"]) == expected


def test_probes_and_handlers() -> None:
    made = defaulted(
        pod(
            containers=[
                container(
                    livenessProbe={"httpGet": {"port": 80}},
                    startupProbe={"grpc": {"port": 3}},
                    lifecycle={"preStop": {"httpGet": {"port": 1}}},
                )
            ]
        )
    )["spec"]["containers"][0]
    seconds = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
    assert made["livenessProbe"] == {"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, **seconds}
    assert made["startupProbe"] == {"grpc": {"port": 3, "service": ""}, **seconds}
    assert made["lifecycle"] == {"preStop": {"httpGet": {"path": "/", "port": 1, "scheme": "HTTP"}}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"serviceAccount": "a"}, "a", id="the old name"),
        pytest.param({"serviceAccountName": "b"}, "b", id="the new name"),
        pytest.param({"serviceAccount": "a", "serviceAccountName": "b"}, "b", id="both"),
    ],
)
def test_the_account_goes_by_two_names(given: dict[str, str], expected: str) -> None:
    spec = defaulted(pod(**given))["spec"]
    assert (spec["serviceAccount"], spec["serviceAccountName"]) == (expected, expected)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param({"podIP": "1.1.1.1"}, {"podIP": "1.1.1.1", "podIPs": [{"ip": "1.1.1.1"}]}, id="one"),
        pytest.param({"podIPs": [{"ip": "1.1.1.1"}]}, {"podIP": "1.1.1.1", "podIPs": [{"ip": "1.1.1.1"}]}, id="list"),
        pytest.param(
            {"podIP": "2.2.2.2", "podIPs": [{"ip": "1.1.1.1"}]},
            {"podIP": "2.2.2.2", "podIPs": [{"ip": "2.2.2.2"}]},
            id="the one wins",
        ),
    ],
)
def test_the_addresses_go_by_two_names(status: dict[str, Any], expected: dict[str, Any]) -> None:
    assert defaulted({**pod(), "status": status})["status"] == expected


def test_a_negative_grace_is_one() -> None:
    assert defaulted(pod(terminationGracePeriodSeconds=-5))["spec"]["terminationGracePeriodSeconds"] == 1


def test_init_containers_as_annotations_are_dropped() -> None:
    old = "pod.beta.kubernetes.io/init-containers"
    metadata = defaulted(pod(metadata={"annotations": {old: "[]", "a": "b"}}))["metadata"]
    assert metadata["annotations"] == {"a": "b"}


_QUANTITIES = st.sampled_from(["0", "1", "250m", "1500u", "64Mi", "3e3"])
_LISTS = st.dictionaries(st.sampled_from(["cpu", "memory", "example.com/gpu"]), _QUANTITIES)
_CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["a", "b"]), "image": st.sampled_from(["x", "x:1"])},
        optional={
            "resources": st.fixed_dictionaries({}, optional={"limits": _LISTS, "requests": _LISTS}),
            "ports": st.just([{"containerPort": 80}]),
            "readinessProbe": st.just({"tcpSocket": {"port": 1}}),
        },
    ),
    min_size=1,
    max_size=3,
)


@given(
    st.fixed_dictionaries(
        {"containers": _CONTAINERS},
        optional={
            "initContainers": _CONTAINERS,
            "hostNetwork": st.booleans(),
            "resources": st.fixed_dictionaries({}, optional={"limits": _LISTS}),
            "volumes": st.just([{"name": "v"}, {"name": "w", "secret": {"secretName": "s"}}]),
        },
    )
)
def test_defaults_are_idempotent(spec: dict[str, Any]) -> None:
    once = defaulted({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    assert defaulted(copy.deepcopy(once)) == once
