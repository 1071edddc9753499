"""Node."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery.gvr import Object
from tests.kinds.core_api import Api, named


def node(**fields: Any) -> Object:
    return named("v1", "Node", **fields)


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(node(), [], id="bare"),
        pytest.param(
            node(
                spec={
                    "taints": [
                        {"key": "a", "effect": "NoSchedule"},
                        {"key": "a", "effect": "NoExecute"},
                        {"key": "a", "effect": "NoSchedule", "value": "x"},
                        {"key": "b", "effect": "Nope", "value": "y y"},
                        {"key": "c"},
                    ]
                }
            ),
            [
                'metadata.taints[2]: Duplicate value: {"Key":"a","Value":"x","Effect":"NoSchedule","TimeAdded":null}: '
                "taints must be unique by key and effect pair",
                'metadata.taints[3].value: Invalid value: "y y": a valid label must be an empty string or consist of '
                "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
                "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
                'metadata.taints[3].effect: Unsupported value: "Nope": '
                'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
                "metadata.taints[4].effect: Required value",
            ],
            id="taints",
        ),
        pytest.param(
            node(status={"capacity": {"cpu": "-1", "example.com/gpu": "1.5", "pods": "1.5", "memory": "1.5"}}),
            [
                'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
                'status.capacity.example.com/gpu: Invalid value: "1500m": must be an integer',
                'status.capacity.pods: Invalid value: "1500m": must be an integer',
                'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
                'status.allocatable.example.com/gpu: Invalid value: "1500m": must be an integer',
                'status.allocatable.pods: Invalid value: "1500m": must be an integer',
            ],
            id="capacity, and allocatable by default",
        ),
        pytest.param(
            node(spec={"podCIDRs": ["10.0.0.0/24", "10.0.1.0/24"]}),
            [
                'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: '
                "may specify no more than one CIDR for each IP family"
            ],
            id="two CIDRs of a family",
        ),
        pytest.param(
            node(status={"declaredFeatures": ["B", "A", "A", "a"]}),
            [
                'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
                'status.declaredFeatures[2]: Duplicate value: "A"',
                'status.declaredFeatures[3]: Invalid value: "a": invalid feature name "a": must start with an '
                "UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or "
                "MyFeature/mySubFeature), and contain only alphanumeric characters and slashes",
            ],
            id="declared features",
        ),
        pytest.param(
            node(status={"nodeInfo": {"swap": {"capacity": 0}}}),
            ["metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero"],
            id="swap",
        ),
    ],
)
def test_errors(obj: Object, expected: list[str]) -> None:
    assert Api().errors(obj) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({}, {"podCIDRs": ["10.0.0.0/24"], "providerID": "a"}, [], id="set once"),
        pytest.param(
            {"podCIDRs": ["10.0.0.0/24"], "providerID": "a", "externalID": "x"},
            {"podCIDRs": ["10.0.1.0/24"], "providerID": "b", "externalID": "y"},
            [
                'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
                'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
                "spec.externalID: Forbidden: may not be updated",
            ],
            id="changed",
        ),
        pytest.param(
            {"podCIDRs": ["10.0.0.0/24"]},
            {},
            ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
            id="taken away",
        ),
    ],
)
def test_update_errors(old: Object, new: Object, expected: list[str]) -> None:
    assert Api().update_errors(node(spec=old), node(spec=new)) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"podCIDR": "10.0.0.0/24"}, ("10.0.0.0/24", ["10.0.0.0/24"]), id="singular"),
        pytest.param(
            {"podCIDRs": ["10.0.0.0/24", "fd00::/64"]}, ("10.0.0.0/24", ["10.0.0.0/24", "fd00::/64"]), id="plural"
        ),
        pytest.param(
            {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.0.1.0/24"]},
            ("10.0.0.0/24", ["10.0.0.0/24"]),
            id="the singular is right",
        ),
    ],
)
def test_pod_cidrs(spec: Object, expected: tuple[str, list[str]]) -> None:
    found = Api().draft(node(spec=spec))["spec"]
    assert (found["podCIDR"], found["podCIDRs"]) == expected


async def test_status_and_spec_are_apart() -> None:
    api = Api()
    await api.create(node(status={"phase": "Running"}))
    both = node(spec={"unschedulable": True}, status={"capacity": {"cpu": "1"}})
    changed = await api.update(both)
    assert (changed["spec"], changed["status"].get("capacity")) == ({"unschedulable": True}, None)
    changed = await api.update(node(status={"capacity": {"cpu": "1"}}), subresource="status")
    assert (changed["spec"], changed["status"]["allocatable"]) == ({"unschedulable": True}, {"cpu": "1"})


async def test_dynamic_configuration_is_dropped() -> None:
    source = {"configMap": {"name": "a", "namespace": "b", "kubeletConfigKey": "c"}}
    created = await Api().create(node(spec={"configSource": source}, status={"config": {"active": source}}))
    assert "configSource" not in created["spec"] and "config" not in created["status"]


@pytest.mark.parametrize(
    ("version", "kept"),
    [
        pytest.param("1.36", ["declaredFeatures", "features", "runtimeHandlers"], id="1.36"),
        pytest.param("1.32", ["runtimeHandlers"], id="1.32"),
        pytest.param("1.30", [], id="1.30"),
    ],
)
async def test_gated_status(version: str, kept: list[str]) -> None:
    status = {"declaredFeatures": ["A"], "features": {"supplementalGroupsPolicy": True}, "runtimeHandlers": [{}]}
    created = await Api(version).create(node(status=status))
    assert sorted(set(created["status"]) & set(status)) == kept


def test_duplicate_addresses() -> None:
    address = {"type": "InternalIP", "address": "1.1.1.1"}
    api = Api()
    ctx, old = api.prepared(node())
    old["metadata"]["resourceVersion"] = "1"
    draft = {**old, "status": {"addresses": [address, address]}}
    found = ctx.resource.subresource_by_name["status"].strategy
    assert found is not None
    assert [error.message() for error in found.validate_update(ctx, draft, old)] == [
        'status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"1.1.1.1"}'
    ]


def test_warnings() -> None:
    assert Api().warnings(node(spec={"externalID": "x"})) == [
        "spec.externalID: this field is deprecated, and is unused by Kubernetes"
    ]


READY = {
    "conditions": [{"type": "Ready", "status": "True"}],
    "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}, {"type": "ExternalIP", "address": "4.4.4.4"}],
    "nodeInfo": {
        "kubeletVersion": "v1.36.2",
        "osImage": "Debian",
        "kernelVersion": "6.1",
        "architecture": "amd64",
        "containerRuntimeVersion": "containerd://2.0",
    },
}


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            node(),
            ["Unknown", "<none>", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"],
            id="bare",
        ),
        pytest.param(
            node(
                metadata={
                    "labels": {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "old", "other": "label"}
                },
                status=READY,
            ),
            ["Ready", "old,worker", "v1.36.2", "10.0.0.1", "4.4.4.4", "Debian", "6.1 (amd64)", "containerd://2.0"],
            id="ready",
        ),
        pytest.param(
            node(spec={"unschedulable": True}, status={"conditions": [{"type": "Ready", "status": "Unknown"}]}),
            [
                "NotReady,SchedulingDisabled",
                "<none>",
                "",
                "<none>",
                "<none>",
                "<unknown>",
                "<unknown>",
                "<unknown>",
            ],
            id="cordoned",
        ),
    ],
)
def test_cells(obj: Object, expected: list[str]) -> None:
    cells = Api().cells(obj)
    assert [*cells[1:3], *cells[4:]] == expected
