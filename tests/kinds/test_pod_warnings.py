"""What the server warns about."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.kinds.podspec.template import template_warnings
from minikube_py.machinery.field import Path
from tests.kinds.pods import container, create_warnings, defaulted, pod

CASES = [
    pytest.param({}, [], id="nothing"),
    pytest.param(
        {"nodeSelector": {"beta.kubernetes.io/os": "linux"}},
        ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
        id="old node label",
    ),
    pytest.param(
        {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway"}]},
        ["spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod"],
        id="spread of nothing",
    ),
    pytest.param(
        {"volumes": [{"name": "v", "gitRepo": {"repository": "r"}}]},
        ["spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+"],
        id="git",
    ),
    pytest.param(
        {
            "volumes": [
                {
                    "name": "v",
                    "configMap": {"name": "m", "items": [{"key": "a", "path": "p"}, {"key": "b", "path": "p/q"}]},
                }
            ]
        },
        ['volume "v" (ConfigMap "m"): overlapping paths: "p/q" with "p"'],
        id="overlapping paths",
    ),
    pytest.param(
        {
            "volumes": [
                {
                    "name": "v",
                    "projected": {
                        "sources": [
                            {"secret": {"name": "s", "items": [{"key": "a", "path": "token"}]}},
                            {"serviceAccountToken": {"path": "token"}},
                        ]
                    },
                }
            ]
        },
        ['volume "v" (Projected): overlapping paths: "token" (ServiceAccountToken) with "token" (Secret "s")'],
        id="overlapping sources",
    ),
    pytest.param(
        {"imagePullSecrets": [{"name": "a"}, {"name": "a"}, {"name": ""}]},
        ['spec.imagePullSecrets[1].name: duplicate name "a"', 'spec.imagePullSecrets[2].name: invalid empty name ""'],
        id="pull secrets",
    ),
    pytest.param(
        {"containers": [container(resources={"limits": {"memory": "1500m"}})]},
        [
            'spec.containers[0].resources.limits[memory]: fractional byte value "1500m" is invalid, must be an integer',
            'spec.containers[0].resources.requests[memory]: fractional byte value "1500m" is invalid, must be an '
            "integer",
        ],
        id="parts of bytes",
    ),
    pytest.param(
        {
            "containers": [
                container(
                    env=[{"name": "A", "value": "1"}, {"name": "A", "value": "$(A)2"}, {"name": "A", "value": "3"}]
                )
            ]
        },
        ['spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply'],
        id="variables",
    ),
    pytest.param(
        {
            "containers": [
                container("a", ports=[{"containerPort": 80, "name": "x"}]),
                container("b", ports=[{"containerPort": 80, "hostPort": 8080, "name": "x"}]),
            ]
        },
        [
            "spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]",
            'spec.containers[1].ports[0]: duplicate port name "x" with spec.containers[0].ports[0], services and '
            "probes "
            "that select ports by name will use spec.containers[0].ports[0]",
        ],
        id="ports",
    ),
    pytest.param(
        {"containers": [container(ports=[{"containerPort": 80, "hostIP": "1.1.1.1"}])]},
        [
            "spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP "
            "HostIP:1.1.1.1}"
        ],
        id="host IP alone",
    ),
    pytest.param(
        {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "z"}]}}},
        [
            "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null "
            "labelSelector results in matching no pod"
        ],
        id="affinity to nothing",
    ),
    pytest.param(
        {"dnsConfig": {"nameservers": ["2001:DB8:0:0::1"]}},
        [
            'spec.dnsConfig.nameservers[0]: IPv6 address "2001:DB8:0:0::1" should be in RFC 5952 canonical format '
            '("2001:db8::1")'
        ],
        id="address",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), CASES)
def test_pods(spec: dict[str, Any], expected: list[str]) -> None:
    assert create_warnings(pod(**spec)) == expected


def test_a_name_that_is_no_label() -> None:
    assert create_warnings(pod("a.b")) == [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is "
        "recommended: [must not contain dots]"
    ]


def test_profiles_as_annotations_become_fields() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    assert create_warnings(pod(metadata={"annotations": {key: "runtime/default"}})) == [
        f'metadata.annotations[{key}]: deprecated since v1.30; use the "appArmorProfile" field instead'
    ]


def test_templates() -> None:
    template = defaulted(pod(terminationGracePeriodSeconds=-1))
    template["spec"]["terminationGracePeriodSeconds"] = -1
    assert template_warnings(template, None, Path("spec", "template")) == [
        "spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be "
        "treated as 1"
    ]
