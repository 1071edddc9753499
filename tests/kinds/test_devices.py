"""Device classes, claims and slices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.core_api import Api
from tests.kinds.minimal import OBJECTS, REQUEST, changed

UNKNOWN = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
ONE_PLACE = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
RESULT = {"request": "r", "driver": "d", "pool": "p", "device": "x"}


def claim(*requests: dict[str, Any], **devices: Any) -> dict[str, Any]:
    return changed("ResourceClaim", spec={"devices": {"requests": list(requests) or [REQUEST], **devices}})


def slice_of(*devices: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return changed("ResourceSlice", spec={"devices": list(devices), **spec})


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            claim(REQUEST, REQUEST),
            ['spec.devices.requests[1]: Duplicate value: "r"'],
            id="twice",
        ),
        pytest.param(
            claim({"name": "r", "exactly": {"deviceClassName": "gpu", "allocationMode": "All", "count": 2}}),
            [
                "spec.devices.requests[0].exactly.count: Invalid value: 2: "
                "must not be specified when allocationMode is 'All'"
            ],
            id="all of two",
        ),
        pytest.param(
            claim(
                {"name": "r", "firstAvailable": [{"name": "a", "deviceClassName": "x"}]},
                constraints=[{"requests": ["r/a", "r/b"], "matchAttribute": "example.com/model"}],
            ),
            [f'spec.devices.constraints[0].requests[1]: Invalid value: "r/b": {UNKNOWN}'],
            id="alternatives",
        ),
        pytest.param(
            slice_of({"name": "d", "capacity": {"memory": {"value": "1Gi", "requestPolicy": {}}}}),
            ["spec.devices[0].capacity[memory].requestPolicy: Forbidden: allowMultipleAllocations must be true"],
            id="policy of a whole device",
        ),
        pytest.param(
            slice_of(
                {
                    "name": "d",
                    "allowMultipleAllocations": True,
                    "capacity": {
                        "memory": {
                            "value": "4Gi",
                            "requestPolicy": {"default": "3Gi", "validRange": {"min": "1Gi", "step": "4Gi"}},
                        }
                    },
                }
            ),
            [
                'spec.devices[0].capacity[memory].requestPolicy.validRange.step: Invalid value: "4Gi": '
                "one step 5Gi is larger than capacity value: 4Gi",
                'spec.devices[0].capacity[memory].requestPolicy.validRange.step: Invalid value: "3Gi": '
                "value is not a multiple of a given step (4Gi) from (1Gi)",
            ],
            id="steps",
        ),
        pytest.param(
            slice_of({"name": "d", "attributes": {"v": {"version": "1.0"}}}),
            [
                'spec.devices[0].attributes[v].version: Invalid value: "1.0": '
                "must be a string compatible with semver.org spec 2.0.0"
            ],
            id="version",
        ),
        pytest.param(
            slice_of(allNodes=True),
            [f'spec: Invalid value: "{{`nodeName`, `allNodes`}}": {ONE_PLACE}, but multiple fields are set'],
            id="two places",
        ),
        pytest.param(
            slice_of({"name": "d", "bindingConditions": ["a"]}),
            [
                "spec.devices[0].bindingFailureConditions: Invalid value: null: "
                "bindingFailureConditions are required to use bindingConditions"
            ],
            id="binding conditions",
        ),
        pytest.param(
            changed("DeviceClass", spec={"extendedResourceName": "cpu"}),
            ['spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name'],
            id="extended resource",
        ),
        pytest.param(
            slice_of(*({"name": f"d{number}", "taints": [{"key": "k", "effect": "None"}]} for number in range(65))),
            ["spec.devices: Too many: 65: must have at most 64 items"],
            id="fewer devices where they have taints",
        ),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


async def test_a_claim_is_allocated_used_and_freed() -> None:
    api = Api()
    await api.create(OBJECTS["ResourceClaim"])

    async def write(**status: Any) -> dict[str, Any]:
        return await api.update({**OBJECTS["ResourceClaim"], "status": status}, subresource="status")

    allocation = {"devices": {"results": [RESULT]}}
    device = {"driver": "d", "pool": "p", "device": "x"}
    user = {"resource": "pods", "name": "p", "uid": "u"}
    allocated = await write(allocation=allocation, reservedFor=[user], devices=[device])
    assert api.resource(allocated).cells(allocated)[1] == "allocated,reserved"
    freed = await write(devices=[device])
    assert api.resource(freed).cells(freed)[1] == "pending"
    assert "devices" not in freed["status"]


async def test_taints_tell_their_time() -> None:
    api = Api()
    created = await api.create(slice_of({"name": "d", "taints": [{"key": "k", "effect": "NoExecute"}]}))
    assert created["spec"]["devices"][0]["taints"][0]["timeAdded"] == "2026-01-01T00:00:00Z"
