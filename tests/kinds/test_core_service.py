"""Service: what it is given, what it may be, how it may change."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.store import Key
from tests.kinds.core_api import Api, named

DUAL = "10.96.0.0/16,fd00::/112"


def service(**spec: Any) -> Object:
    spec.setdefault("ports", [{"port": 80}])
    return named("v1", "Service", spec=spec)


def renamed(obj: Object, name: str) -> Object:
    return {**obj, "metadata": {**obj["metadata"], "name": name}}


def stored(api: Api) -> Object:
    found = api.registry.store.get(Key("services", "default", "a"))
    assert found is not None
    return found.object


async def refused(api: Api, obj: Object, *, update: bool = False) -> list[str]:
    with pytest.raises(StatusError) as raised:
        await (api.update(obj) if update else api.create(obj))
    assert raised.value.code == 422
    return [f"{cause['field']}: {cause['message']}" for cause in raised.value.causes]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {},
            {
                "type": "ClusterIP",
                "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack",
                "internalTrafficPolicy": "Cluster",
                "sessionAffinity": "None",
            },
            id="defaults",
        ),
        pytest.param({"clusterIP": "10.96.0.7"}, {"clusterIPs": ["10.96.0.7"]}, id="address of choice"),
        pytest.param(
            {"clusterIP": "None", "selector": {"a": "b"}},
            {"clusterIPs": ["None"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack"},
            id="headless",
        ),
        pytest.param(
            {"clusterIP": "None", "ports": None},
            {"ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "RequireDualStack"},
            id="headless without a selector",
        ),
        pytest.param(
            {"type": "ExternalName", "externalName": "a.b", "internalTrafficPolicy": "Cluster", "ports": None},
            {"clusterIP": None, "ipFamilies": None, "internalTrafficPolicy": None},
            id="external name",
        ),
        pytest.param(
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30017}]},
            {
                "externalTrafficPolicy": "Cluster",
                "ports": [{"port": 80, "targetPort": 80, "protocol": "TCP", "nodePort": 30017}],
            },
            id="node port of choice",
        ),
        pytest.param(
            {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False},
            {"ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}]},
            id="load balancer without node ports",
        ),
        pytest.param(
            {"sessionAffinity": "ClientIP"},
            {"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}}},
            id="affinity",
        ),
        pytest.param(
            {"ipFamilyPolicy": "PreferDualStack"}, {"ipFamilies": ["IPv4"]}, id="dual stack on a single stack cluster"
        ),
    ],
)
async def test_create(spec: dict[str, Any], expected: dict[str, Any]) -> None:
    created = await Api().create(service(**spec))
    assert {name: created["spec"].get(name) for name in expected} == expected
    assert created["status"] == {"loadBalancer": {}}


async def test_dual_stack() -> None:
    api = Api(cidrs=DUAL)
    created = await api.create(service(ipFamilyPolicy="RequireDualStack", ipFamilies=["IPv6"]))
    assert created["spec"]["ipFamilies"] == ["IPv6", "IPv4"]
    assert [":" in address for address in created["spec"]["clusterIPs"]] == [True, False]
    assert created["spec"]["clusterIP"] == created["spec"]["clusterIPs"][0]
    changed = await api.update(service(ipFamilyPolicy="SingleStack"))
    assert changed["spec"]["clusterIPs"] == created["spec"]["clusterIPs"][:1]
    assert len(api.registry.allocators.cluster_ips) == 1
    again = await api.update(service(ipFamilyPolicy="PreferDualStack"))
    assert again["spec"]["ipFamilies"] == ["IPv6", "IPv4"]
    assert len(again["spec"]["clusterIPs"]) == 2


async def test_two_protocols_share_a_node_port() -> None:
    ports = [{"name": "t", "port": 53}, {"name": "u", "port": 53, "protocol": "UDP"}, {"name": "x", "port": 54}]
    created = await Api().create(service(type="NodePort", ports=ports))
    first, second, third = (port["nodePort"] for port in created["spec"]["ports"])
    assert first == second != third


async def test_health_check_port() -> None:
    api = Api()
    created = await api.create(service(type="LoadBalancer", externalTrafficPolicy="Local"))
    assert created["spec"]["healthCheckNodePort"] >= 30000
    assert len(api.registry.allocators.node_ports) == 2
    changed = await api.update(service(type="LoadBalancer"))
    assert "healthCheckNodePort" not in changed["spec"]
    assert len(api.registry.allocators.node_ports) == 1


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"clusterIP": "10.96.0.7"},
            [
                'spec.clusterIPs: Invalid value: ["10.96.0.7"]: '
                "failed to allocate IP 10.96.0.7: provided IP is already allocated"
            ],
            id="address taken",
        ),
        pytest.param(
            {"clusterIP": "10.1.2.3"},
            [
                'spec.clusterIPs: Invalid value: ["10.1.2.3"]: '
                "failed to allocate IP 10.1.2.3: the provided network does not match the current range"
            ],
            id="address of nobody",
        ),
        pytest.param(
            {"clusterIP": "here"},
            [
                'spec.clusterIPs[0]: Invalid value: "here": '
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            ],
            id="no address",
        ),
        pytest.param(
            {"clusterIP": "fd00::1"},
            ['spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'],
            id="other family",
        ),
        pytest.param(
            {"ipFamilyPolicy": "RequireDualStack"},
            [
                'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": '
                "this cluster is not configured for dual-stack services"
            ],
            id="dual stack",
        ),
        pytest.param(
            {"ipFamilies": ["IPv6"]},
            ['spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'],
            id="family",
        ),
        pytest.param(
            {"ipFamilies": ["IPvX", "IPvX"], "ipFamilyPolicy": "Maybe"},
            [
                'spec.ipFamilies[0]: Unsupported value: "IPvX": supported values: "IPv4", "IPv6"',
                'spec.ipFamilies[1]: Unsupported value: "IPvX": supported values: "IPv4", "IPv6"',
                'spec.ipFamilies[1]: Duplicate value: "IPvX"',
                'spec.ipFamilyPolicy: Unsupported value: "Maybe": '
                'supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
            ],
            id="unknown family and policy",
        ),
        pytest.param(
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30061}]},
            ["spec.ports[0].nodePort: Invalid value: 30061: provided port is already allocated"],
            id="node port taken",
        ),
        pytest.param(
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 8080}]},
            [
                "spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. "
                "The range of valid ports is 30000-32767"
            ],
            id="node port out of range",
        ),
        pytest.param(
            {"ports": [{"port": 80, "nodePort": 30062}]},
            ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
            id="node port of a cluster IP",
        ),
        pytest.param(
            {"type": "ExternalName", "externalName": "a.b", "clusterIP": "10.96.0.9", "ports": None},
            ["spec.clusterIPs: Forbidden: may not be set for ExternalName services"],
            id="external name with an address",
        ),
    ],
)
async def test_refused_and_given_back(spec: dict[str, Any], expected: list[str]) -> None:
    api = Api()
    taken = service(type="NodePort", clusterIP="10.96.0.7", ports=[{"port": 80, "nodePort": 30061}])
    await api.create(renamed(taken, "first"))
    assert await refused(api, service(**spec)) == expected
    assert len(api.registry.allocators.cluster_ips) == 1
    assert len(api.registry.allocators.node_ports) == 1


PORT = {"port": 80}
TWO = [{"name": "a", "port": 80}, {"name": "b", "port": 80}]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"ports": None}, ["spec.ports: Required value"], id="no ports"),
        pytest.param(
            {"ports": [PORT, {"name": "B_", "port": 0, "protocol": "X", "targetPort": "bad-"}]},
            [
                "spec.ports[0].name: Required value",
                'spec.ports[1].name: Invalid value: "B_": a lowercase RFC 1123 label must consist of lower case '
                "alphanumeric characters or '-', and must start and end with an alphanumeric character "
                "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                "spec.ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                'spec.ports[1].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
                'spec.ports[1].targetPort: Invalid value: "bad-": must not begin or end with a hyphen',
            ],
            id="ports",
        ),
        pytest.param(
            {"ports": TWO},
            [
                'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,'
                '"TargetPort":0,"NodePort":0}'
            ],
            id="port twice",
        ),
        pytest.param(
            {"ports": [{"name": "a", "port": 1}, {"name": "a", "port": 2}]},
            ['spec.ports[1].name: Duplicate value: "a"'],
            id="name twice",
        ),
        pytest.param(
            {"sessionAffinity": "Sticky"},
            ['spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"'],
            id="affinity",
        ),
        pytest.param(
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
            [
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: "
                "must be greater than 0 and less than 86400"
            ],
            id="affinity of more than a day",
        ),
        pytest.param(
            {"externalIPs": ["x", "127.0.0.1"]},
            [
                'spec.externalIPs[0]: Invalid value: "x": '
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                'spec.externalIPs[1]: Invalid value: "127.0.0.1": '
                "may not be in the loopback range (127.0.0.0/8, ::1/128)",
            ],
            id="external addresses",
        ),
        pytest.param(
            {"type": "Magic"},
            [
                'spec.type: Unsupported value: "Magic": '
                'supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'
            ],
            id="type",
        ),
        pytest.param(
            {
                "loadBalancerSourceRanges": ["1.2.3.4/24"],
                "allocateLoadBalancerNodePorts": True,
                "loadBalancerClass": "a",
                "externalTrafficPolicy": "Local",
                "healthCheckNodePort": 30000,
            },
            [
                "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
                'spec.LoadBalancerSourceRanges[0]: Invalid value: "1.2.3.4/24": '
                "must not have bits set beyond the prefix length",
                "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
                "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
                'spec.externalTrafficPolicy: Invalid value: "Local": '
                "may only be set for externally-accessible services",
                "spec.healthCheckNodePort: Invalid value: 30000: "
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
            ],
            id="load balancers only",
        ),
        pytest.param(
            {
                "type": "NodePort",
                "externalTrafficPolicy": "X",
                "internalTrafficPolicy": "X",
                "trafficDistribution": "X",
            },
            [
                'spec.externalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local"',
                'spec.internalTrafficPolicy: Unsupported value: "X": supported values: "Cluster", "Local"',
                'spec.trafficDistribution: Unsupported value: "X": '
                'supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
            ],
            id="traffic policies",
        ),
        pytest.param(
            {"type": "ExternalName", "ports": None}, ["spec.externalName: Required value"], id="external name missing"
        ),
        pytest.param({"type": "ExternalName", "externalName": "a.b.", "ports": None}, [], id="fully qualified"),
        pytest.param(
            {"type": "LoadBalancer", "clusterIP": "None", "clusterIPs": ["None"]},
            ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services"],
            id="headless load balancer",
        ),
        pytest.param(
            {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.8"]},
            ['spec.clusterIPs: Invalid value: ["10.96.0.8"]: first value must match `clusterIP`'],
            id="singular and plural",
        ),
        pytest.param(
            {"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7", "10.96.0.8"]},
            [
                'spec.clusterIPs: Invalid value: ["10.96.0.7","10.96.0.8"]: '
                "may specify no more than one IP for each IP family"
            ],
            id="two of a family",
        ),
    ],
)
def test_errors(spec: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(service(**spec)) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param("1.36", [], id="relaxed"),
        pytest.param(
            "1.35",
            [
                'metadata.name: Invalid value: "1a": a DNS-1035 label must consist of lower case alphanumeric '
                "characters or '-', start with an alphabetic character, and end with an alphanumeric character "
                "(e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
            ],
            id="before 1.36",
        ),
    ],
)
def test_names_by_version(version: str, expected: list[str]) -> None:
    assert Api(version).errors(renamed(service(), "1a")) == expected


async def test_put_keeps_what_was_given() -> None:
    api = Api()
    created = await api.create(service(type="NodePort"))
    changed = await api.update(service(type="NodePort", ports=[{"port": 81}], selector={"a": "b"}))
    assert changed["spec"]["clusterIPs"] == created["spec"]["clusterIPs"]
    assert changed["spec"]["ports"][0]["nodePort"] == created["spec"]["ports"][0]["nodePort"]


@pytest.mark.parametrize(
    ("old", "new", "gone", "kept"),
    [
        pytest.param({"type": "NodePort"}, {}, ["externalTrafficPolicy"], ["clusterIP"], id="to a cluster IP"),
        pytest.param(
            {"type": "LoadBalancer", "loadBalancerClass": "a.b/c", "externalTrafficPolicy": "Local"},
            {"loadBalancerClass": "a.b/c", "externalTrafficPolicy": "Local"},
            ["loadBalancerClass", "externalTrafficPolicy", "healthCheckNodePort", "allocateLoadBalancerNodePorts"],
            ["clusterIP"],
            id="from a load balancer",
        ),
        pytest.param(
            {},
            {"type": "ExternalName", "externalName": "a.b"},
            ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"],
            ["ports"],
            id="to an external name",
        ),
        pytest.param(
            {"type": "ExternalName", "externalName": "a.b"}, {}, ["externalName"], ["clusterIPs"], id="and back"
        ),
    ],
)
async def test_change_of_type(old: dict[str, Any], new: dict[str, Any], gone: list[str], kept: list[str]) -> None:
    api = Api()
    await api.create(service(**old))
    changed = (await api.update(service(**new)))["spec"]
    assert not [name for name in gone if name in changed]
    assert all(changed[name] for name in kept)
    assert len(api.registry.allocators.cluster_ips) == len(changed.get("clusterIPs", ()))
    assert len(api.registry.allocators.node_ports) == 0


async def test_an_address_does_not_change() -> None:
    api = Api()
    await api.create(service(clusterIP="10.96.0.7"))
    assert await refused(api, service(clusterIP="10.96.0.8"), update=True) == [
        'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set'
    ]
    assert len(api.registry.allocators.cluster_ips) == 1


async def test_a_load_balancer_class_does_not_change() -> None:
    api = Api()
    await api.create(service(type="LoadBalancer", loadBalancerClass="a.b/c"))
    assert await refused(api, service(type="LoadBalancer", loadBalancerClass="a.b/d"), update=True) == [
        'spec.loadBalancerClass: Invalid value: "a.b/d": may not change once set'
    ]


async def test_a_dry_run_takes_nothing() -> None:
    api = Api()
    created = await api.create(service(type="NodePort"), dry_run=True)
    assert created["spec"]["clusterIP"] == "10.96.0.0"
    assert created["spec"]["ports"][0]["nodePort"] == 32769
    assert len(api.registry.allocators.cluster_ips) == len(api.registry.allocators.node_ports) == 0


async def test_deletion_gives_back_and_takes_endpoints_along() -> None:
    api = Api()
    obj = service(type="NodePort")
    await api.create(obj)
    await api.create(named("v1", "Endpoints"))
    ctx = api.context(obj, "delete")
    ctx.resource.strategy.after_delete(ctx, stored(api))
    assert len(api.registry.allocators.cluster_ips) == len(api.registry.allocators.node_ports) == 0
    assert api.registry.store.get(Key("endpoints", "default", "a")) is None


def address_object(api: Api, address: str) -> Object | None:
    found = api.registry.store.get(Key("ipaddresses.networking.k8s.io", "", address))
    return found.object if found is not None else None


async def test_addresses_are_objects() -> None:
    api = Api()
    address = (await api.create(service()))["spec"]["clusterIP"]
    obj = address_object(api, address)
    assert obj is not None
    assert obj["spec"] == {"parentRef": {"resource": "services", "namespace": "default", "name": "a"}}
    assert obj["metadata"]["labels"] == {
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    }
    assert obj["metadata"]["managedFields"][0]["manager"] == "kube-apiserver"
    await api.update(service(type="ExternalName", externalName="a.b"))
    assert address_object(api, address) is None


async def test_addresses_that_others_hold() -> None:
    api = Api(cidrs="10.96.0.0/30")
    parent = {"resource": "things", "name": "x"}
    await api.create(
        named("networking.k8s.io/v1", "IPAddress", metadata={"name": "10.96.0.1"}, spec={"parentRef": parent})
    )
    assert await refused(api, service(clusterIP="10.96.0.1")) == [
        'spec.clusterIPs: Invalid value: ["10.96.0.1"]: '
        "failed to allocate IP 10.96.0.1: provided IP is already allocated"
    ]
    assert (await api.create(service()))["spec"]["clusterIP"] == "10.96.0.2"
    with pytest.raises(StatusError) as raised:
        await api.create(renamed(service(), "b"))
    assert str(raised.value) == (
        'Internal error occurred: failed to allocate a serviceIP for Service "b": range is full'
    )


async def test_before_addresses_were_objects() -> None:
    api = Api("1.32")
    address = (await api.create(service()))["spec"]["clusterIP"]
    assert address_object(api, address) is None


def with_ingress(*points: Object, kind: str = "LoadBalancer") -> Object:
    return {**service(type=kind), "status": {"loadBalancer": {"ingress": list(points)}}}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(with_ingress({"ip": "1.2.3.4"}), [], id="address"),
        pytest.param(
            with_ingress({"ip": "1.2.3.4"}, kind="NodePort"),
            ["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
            id="no load balancer",
        ),
        pytest.param(
            with_ingress({"ip": "x"}, {"hostname": "1.2.3.4", "ipMode": "VIP"}, {"ip": "1.1.1.1", "ipMode": "No"}),
            [
                'status.loadBalancer.ingress[0].ip: Invalid value: "x": '
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip` is not set",
                'status.loadBalancer.ingress[1].hostname: Invalid value: "1.2.3.4": '
                "must be a DNS name, not an IP address",
                'status.loadBalancer.ingress[2].ipMode: Unsupported value: "No": supported values: "Proxy", "VIP"',
            ],
            id="points",
        ),
    ],
)
async def test_status(obj: Object, expected: list[str]) -> None:
    api = Api()
    await api.create(obj)
    if expected:
        with pytest.raises(StatusError) as raised:
            await api.update(obj, subresource="status")
        assert [f"{cause['field']}: {cause['message']}" for cause in raised.value.causes] == expected
    else:
        changed = await api.update(obj, subresource="status")
        assert changed["status"]["loadBalancer"]["ingress"] == [{"ip": "1.2.3.4", "ipMode": "VIP"}]


@pytest.mark.parametrize(
    ("spec", "version", "expected"),
    [
        pytest.param(
            {"externalIPs": ["8.8.8.8"], "trafficDistribution": "PreferClose"},
            "1.36",
            [
                "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
                'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
            ],
            id="deprecated",
        ),
        pytest.param({"externalIPs": ["8.8.8.8"], "trafficDistribution": "PreferClose"}, "1.33", [], id="not yet"),
        pytest.param(
            {"clusterIP": "None", "externalIPs": ["8.8.8.8"], "sessionAffinity": "ClientIP"},
            "1.36",
            [
                "spec.externalIPs is ignored for headless services",
                "spec.SessionAffinity is ignored for headless services",
            ],
            id="headless",
        ),
        pytest.param(
            {"type": "ExternalName", "externalIPs": ["8.8.8.8"]},
            "1.36",
            ['spec.externalIPs is ignored when spec.type is "ExternalName"'],
            id="external name",
        ),
        pytest.param(
            {"externalName": "a.b"},
            "1.36",
            ['spec.externalName is ignored when spec.type is not "ExternalName"'],
            id="no external name",
        ),
        pytest.param(
            {"type": "LoadBalancer", "loadBalancerSourceRanges": ["1.2.3.4/24"]},
            "1.35",
            [
                'spec.loadBalancerSourceRanges[0]: CIDR value "1.2.3.4/24" is ambiguous in this context '
                '(should be "1.2.3.0/24" or "1.2.3.4/32"?)'
            ],
            id="source range",
        ),
    ],
)
def test_warnings(spec: dict[str, Any], version: str, expected: list[str]) -> None:
    assert Api(version).warnings(service(**spec)) == expected


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(service(), ["ClusterIP", "<none>", "<none>", "80/TCP", "<none>"], id="plain"),
        pytest.param(service(ports=None), ["ClusterIP", "<none>", "<none>", "<none>", "<none>"], id="no ports"),
        pytest.param(
            service(
                type="NodePort",
                clusterIPs=["10.96.0.7"],
                externalIPs=["8.8.8.8", "9.9.9.9"],
                selector={"b": "2", "a": "1"},
                ports=[{"port": 80, "nodePort": 30001}, {"port": 53, "protocol": "UDP"}],
            ),
            ["NodePort", "10.96.0.7", "8.8.8.8,9.9.9.9", "80:30001/TCP,53/UDP", "a=1,b=2"],
            id="node port",
        ),
        pytest.param(
            with_ingress({"hostname": "b"}, {"ip": "1.2.3.4"}),
            ["LoadBalancer", "<none>", "1.2.3.4,b", "80/TCP", "<none>"],
            id="load balancer",
        ),
        pytest.param(
            service(type="LoadBalancer"), ["LoadBalancer", "<none>", "<pending>", "80/TCP", "<none>"], id="pending"
        ),
        pytest.param(
            service(type="ExternalName", externalName="a.b"),
            ["ExternalName", "<none>", "a.b", "80/TCP", "<none>"],
            id="external name",
        ),
    ],
)
def test_cells(obj: Object, expected: list[str]) -> None:
    cells = Api().cells(obj)
    assert [*cells[1:5], cells[6]] == expected


def test_fields() -> None:
    resource = Api().registry.catalog.find_kind(GroupVersionKind("", "v1", "Service"))
    assert resource is not None
    read = {label: field(service(type="NodePort", clusterIP="None")) for label, field in resource.fields.items()}
    assert read == {"spec.clusterIP": "None", "spec.type": "NodePort"}
