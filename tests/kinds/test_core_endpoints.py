"""Endpoints and EndpointSlice."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery.gvr import Object
from tests.kinds.core_api import Api, named

NOT_AN_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"


def endpoints(*subsets: Object, **fields: Any) -> Object:
    return named("v1", "Endpoints", subsets=list(subsets), **fields)


def endpoint_slice(*found: Object, **fields: Any) -> Object:
    fields.setdefault("addressType", "IPv4")
    return named("discovery.k8s.io/v1", "EndpointSlice", endpoints=list(found), **fields)


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(endpoints(), [], id="none"),
        pytest.param(
            endpoints({"ports": [{"port": 80}]}),
            ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
            id="no addresses",
        ),
        pytest.param(
            endpoints({"addresses": [{"ip": "x"}], "notReadyAddresses": [{"ip": "0.0.0.0", "nodeName": "n"}]}),
            [
                f'subsets[0].addresses[0].ip: Invalid value: "x": {NOT_AN_IP}',
                'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
                'subsets[0].notReadyAddresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
            ],
            id="addresses",
        ),
        pytest.param(
            endpoints({"addresses": [{"ip": "169.254.1.1"}, {"ip": "224.0.0.1"}, {"ip": "::1"}]}),
            [
                'subsets[0].addresses[0].ip: Invalid value: "169.254.1.1": '
                "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
                'subsets[0].addresses[1].ip: Invalid value: "224.0.0.1": '
                "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
                'subsets[0].addresses[2].ip: Invalid value: "::1": '
                "may not be in the loopback range (127.0.0.0/8, ::1/128)",
            ],
            id="special addresses",
        ),
        pytest.param(
            endpoints({"addresses": [{"ip": "1.1.1.1"}], "ports": [{"port": 0}, {"port": 1, "protocol": "X"}]}),
            [
                "subsets[0].ports[0].name: Required value",
                "subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "subsets[0].ports[1].name: Required value",
                'subsets[0].ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
            ],
            id="ports",
        ),
        pytest.param(
            endpoint_slice({"addresses": []}, {"addresses": ["fd00::1"]}, {"addresses": ["x"]}),
            [
                "endpoints[0].addresses: Required value: must contain at least 1 address",
                'endpoints[1].addresses: Invalid value: "fd00::1": must be an IPv4 address',
                f'endpoints[2].addresses[0]: Invalid value: "x": {NOT_AN_IP}',
            ],
            id="addresses of a slice",
        ),
        pytest.param(
            endpoint_slice({"addresses": ["FD00::1"]}, {"addresses": ["1.2.3.4"]}, addressType="IPv6"),
            [
                'endpoints[0].addresses[0]: Invalid value: "FD00::1": must be in canonical form ("fd00::1")',
                'endpoints[1].addresses: Invalid value: "1.2.3.4": must be an IPv6 address',
            ],
            id="IPv6",
        ),
        pytest.param(
            endpoint_slice({"addresses": ["a"]}, {"addresses": ["a.b."]}, {"addresses": [""]}, addressType="FQDN"),
            [
                'endpoints[0].addresses[0]: Invalid value: "a": '
                "should be a domain with at least two segments separated by dots",
                "endpoints[2].addresses[0]: Required value",
            ],
            id="domains",
        ),
        pytest.param(endpoint_slice(addressType=""), ["addressType: Required value"], id="no address type"),
        pytest.param(
            endpoint_slice(addressType="IPX"),
            ['addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"'],
            id="address type",
        ),
        pytest.param(
            endpoint_slice(ports=[{"name": "a"}, {"name": "a", "protocol": "X"}, {"port": 0}]),
            [
                'ports[1].name: Duplicate value: "a"',
                'ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
            ],
            id="ports of a slice",
        ),
        pytest.param(
            endpoint_slice(
                {
                    "addresses": ["1.1.1.1"],
                    "hints": {"forZones": [{"name": "z"}, {"name": "z"}], "forNodes": [{"name": "n"}] * 9},
                }
            ),
            [
                'endpoints[0].hints.forZones[1].name: Duplicate value: "z"',
                "endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items",
            ],
            id="hints",
        ),
        pytest.param(
            endpoint_slice({"addresses": ["1.1.1.1"] * 101}),
            ["endpoints[0].addresses: Too many: 101: must have at most 100 items"],
            id="too many addresses",
        ),
    ],
)
def test_errors(obj: Object, expected: list[str]) -> None:
    assert Api().errors(obj) == expected


BAD_SUBSET = {"addresses": [{"ip": "x"}]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(endpoints(BAD_SUBSET), endpoints(BAD_SUBSET), [], id="what was wrong may stay"),
        pytest.param(
            endpoint_slice({"addresses": ["x"]}), endpoint_slice({"addresses": ["x"]}), [], id="in slices as well"
        ),
        pytest.param(
            endpoint_slice(),
            endpoint_slice(addressType="IPv6"),
            ['addressType: Invalid value: "IPv6": field is immutable'],
            id="address type",
        ),
    ],
)
def test_update_errors(old: Object, new: Object, expected: list[str]) -> None:
    assert Api().update_errors(old, new) == expected


@pytest.mark.parametrize(
    ("change", "generation"),
    [
        pytest.param({}, 1, id="nothing"),
        pytest.param({"metadata": {"annotations": {"a": "b"}}}, 1, id="annotations"),
        pytest.param({"metadata": {"labels": {"a": "b"}}}, 2, id="labels"),
        pytest.param({"ports": [{"port": 1}]}, 2, id="ports"),
    ],
)
async def test_generation(change: dict[str, Any], generation: int) -> None:
    api = Api()
    await api.create(endpoint_slice())
    changed = await api.update(endpoint_slice(**change))
    assert changed["metadata"]["generation"] == generation


@pytest.mark.parametrize(
    ("version", "hints"),
    [
        pytest.param("1.36", {"forZones": [{"name": "z"}], "forNodes": [{"name": "n"}]}, id="with hints for nodes"),
        pytest.param("1.33", {"forZones": [{"name": "z"}]}, id="before them"),
    ],
)
async def test_what_cannot_be_written_is_dropped(version: str, hints: Object) -> None:
    found = {
        "addresses": ["1.1.1.1"],
        "deprecatedTopology": {"a": "b"},
        "hints": {"forZones": [{"name": "z"}], "forNodes": [{"name": "n"}]},
    }
    created = await Api(version).create(endpoint_slice(found, ports=[]))
    assert created["endpoints"] == [{"addresses": ["1.1.1.1"], "conditions": {}, "hints": hints}]
    assert created["ports"] is None


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            endpoints({"addresses": [{"ip": "010.0.0.1"}]}),
            ['subsets[0].addresses[0].ip: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"'],
            id="leading zeros",
        ),
        pytest.param(
            endpoints(
                {"addresses": [{"ip": "010.0.0.1"}]},
                metadata={"labels": {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}},
            ),
            [],
            id="the controller knows",
        ),
        pytest.param(
            endpoint_slice({"addresses": ["a.b"]}, addressType="FQDN"),
            ["spec.addressType: FQDN endpoints are deprecated"],
            id="domains",
        ),
    ],
)
def test_warnings(obj: Object, expected: list[str]) -> None:
    assert Api().warnings(obj) == expected


FOUR = [{"ip": "1.1.1.1"}, {"ip": "1.1.1.2"}, {"ip": "1.1.1.3"}, {"ip": "fd00::1"}]


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(endpoints(), ["<none>"], id="none"),
        pytest.param(endpoints({"notReadyAddresses": FOUR}), [""], id="none ready"),
        pytest.param(endpoints({"addresses": FOUR[:1]}), ["1.1.1.1"], id="no ports"),
        pytest.param(
            endpoints({"addresses": FOUR[3:], "ports": [{"port": 80}, {"port": 81}]}),
            ["[fd00::1]:80,[fd00::1]:81"],
            id="IPv6",
        ),
        pytest.param(
            endpoints({"addresses": FOUR, "ports": [{"port": 80}, {"port": 81}]}),
            ["1.1.1.1:80,1.1.1.2:80,1.1.1.3:80 + 5 more..."],
            id="many",
        ),
        pytest.param(endpoint_slice(), ["IPv4", "<unset>", "<unset>"], id="empty slice"),
        pytest.param(
            endpoint_slice(
                {"addresses": ["1.1.1.1", "1.1.1.2"]},
                {"addresses": ["1.1.1.3", "1.1.1.4"]},
                ports=[{"port": 80}, {"name": "b"}],
            ),
            ["IPv4", "80,b", "1.1.1.1,1.1.1.2,1.1.1.3 + 1 more..."],
            id="slice",
        ),
    ],
)
def test_cells(obj: Object, expected: list[str]) -> None:
    assert Api().cells(obj)[1:-1] == expected
