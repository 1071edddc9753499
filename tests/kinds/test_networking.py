"""Ingresses, network policies, service ranges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.core_api import Api
from tests.kinds.minimal import OBJECTS, changed

BACKEND = {"service": {"name": "s", "port": {"number": 80}}}


def path(**fields: Any) -> dict[str, Any]:
    return {"path": "/", "pathType": "Prefix", "backend": BACKEND, **fields}


def ingress(*paths: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return changed("Ingress", spec={"rules": [{"host": "a.example.com", "http": {"paths": list(paths)}}], **spec})


def policy(*peers: dict[str, Any], ports: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return changed("NetworkPolicy", spec={"ingress": [{"from": list(peers), "ports": ports or []}]})


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(ingress(path()), [], id="fine"),
        pytest.param(
            {**OBJECTS["Ingress"], "spec": {}},
            ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"],
            id="empty",
        ),
        pytest.param(
            ingress(path(path="a//b/..")),
            [
                'spec.rules[0].http.paths[0].path: Invalid value: "a//b/..": must be an absolute path',
                "spec.rules[0].http.paths[0].path: Invalid value: \"a//b/..\": must not contain '//'",
                "spec.rules[0].http.paths[0].path: Invalid value: \"a//b/..\": cannot end with '/..'",
            ],
            id="path",
        ),
        pytest.param(ingress(path(path="", pathType="ImplementationSpecific")), [], id="path of the controller"),
        pytest.param(
            ingress(path(backend={})),
            ['spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required'],
            id="no backend",
        ),
        pytest.param(
            ingress(path(), tls=[{"hosts": ["*.example.com"], "secretName": "s"}]), [], id="wildcard certificate"
        ),
        pytest.param(
            changed("Ingress", spec={"rules": [{"host": "1.2.3.4"}]}),
            ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address'],
            id="address for a host",
        ),
        pytest.param(
            changed(
                "Ingress",
                metadata={"annotations": {"kubernetes.io/ingress.class": "x"}},
                spec={"ingressClassName": "y"},
            ),
            [
                'annotations.kubernetes.io/ingress.class: Invalid value: "x": '
                "must match `ingressClassName` when both are specified"
            ],
            id="two classes",
        ),
        pytest.param(
            changed("IngressClass", spec={"parameters": {"kind": "K", "name": "n", "scope": "Namespace"}}),
            ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
            id="parameters",
        ),
        pytest.param(policy({}), ["spec.ingress[0].from[0]: Required value: must specify a peer"], id="no peer"),
        pytest.param(
            policy({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8", "10.1.0.0/16"]}}),
            [
                'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": '
                "must be a strict subset of `cidr`"
            ],
            id="except",
        ),
        pytest.param(
            policy({"podSelector": {}}, ports=[{"port": 80, "endPort": 79}]),
            ["spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`"],
            id="end of ports",
        ),
        pytest.param(
            changed("ServiceCIDR", spec={"cidrs": ["10.1.0.0/24", "10.2.0.0/24"]}),
            [
                'spec.cidrs: Invalid value: ["10.1.0.0/24","10.2.0.0/24"]: '
                "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
            ],
            id="two of a family",
        ),
        pytest.param(
            changed("IPAddress", spec={"parentRef": {"resource": "", "name": "a/b"}}),
            [
                "spec.parentRef.resource: Required value",
                "spec.parentRef.name: Invalid value: \"a/b\": may not contain '/'",
            ],
            id="parent",
        ),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


@pytest.mark.parametrize(
    ("version", "expected"), [pytest.param("1.35", 1, id="before"), pytest.param("1.36", 0, id="relaxed")]
)
def test_services_may_begin_with_a_digit(version: str, expected: int) -> None:
    obj = ingress(path(backend={"service": {"name": "1st", "port": {"number": 80}}}))
    assert len(Api(version).errors(obj)) == expected


def test_policy_types_follow_the_rules() -> None:
    api = Api()
    assert api.draft(policy())["spec"]["policyTypes"] == ["Ingress"]
    both = changed("NetworkPolicy", spec={"egress": [{"ports": [{"port": 53}]}]})
    spec = api.draft(both)["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec["egress"][0]["ports"][0]["protocol"] == "TCP"


def test_warnings() -> None:
    api = Api()
    annotated = changed("Ingress", metadata={"annotations": {"kubernetes.io/ingress.class": "x"}})
    assert api.warnings(annotated) == [
        "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"
    ]
    block = policy({"ipBlock": {"cidr": "2001:DB8::/64"}})
    assert api.warnings(block) == [
        'spec.ingress[0].from[0].ipBlock.cidr: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format '
        '("2001:db8::/64")'
    ]


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        pytest.param([], "*", id="any"),
        pytest.param(["a", "b"], "a,b", id="two"),
        pytest.param(["a", "", "b", "c", "d", "e"], "a,b,c + 3 more...", id="more"),
    ],
)
def test_hosts(hosts: list[str], expected: str) -> None:
    rules = [{"host": host} if host else {} for host in hosts]
    assert Api().cells(changed("Ingress", spec={"rules": rules}))[2] == expected


@pytest.mark.parametrize(
    ("cidrs", "expected"),
    [
        pytest.param(["10.1.0.0/24", "fd00::/112"], [], id="a second family"),
        pytest.param(
            ["10.2.0.0/24"], ['spec.cidrs[0]: Invalid value: "10.2.0.0/24": field is immutable'], id="another range"
        ),
    ],
)
def test_ranges_grow_only(cidrs: list[str], expected: list[str]) -> None:
    assert Api().update_errors(OBJECTS["ServiceCIDR"], changed("ServiceCIDR", spec={"cidrs": cidrs})) == expected
