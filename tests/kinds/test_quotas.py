"""Resource quotas, limit ranges and priorities."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.api.options import DeleteOptions
from minikube_py.machinery.errors import StatusError
from tests.kinds.core_api import Api, named
from tests.kinds.minimal import OBJECTS, changed


def limit(**fields: Any) -> dict[str, Any]:
    return changed("LimitRange", spec={"limits": [{"type": "Container", **fields}]})


def quota(**spec: Any) -> dict[str, Any]:
    return changed("ResourceQuota", spec=spec)


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            limit(min={"cpu": "2"}, max={"cpu": "1"}, default={"cpu": "3"}),
            [
                'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
                'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": '
                "default request value 3 is greater than max value 1",
                'spec.limits[0].default[cpu]: Invalid value: "1": default value 3 is greater than max value 1',
            ],
            id="order",
        ),
        pytest.param(
            limit(min={"cpu": "1"}, max={"cpu": "2"}, maxLimitRequestRatio={"cpu": "3"}),
            [
                'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": '
                "ratio 3 is greater than max/min = 2.000000"
            ],
            id="ratio",
        ),
        pytest.param(
            changed("LimitRange", spec={"limits": [{"type": "Pod", "default": {"cpu": "1"}}, {"type": "Pod"}]}),
            [
                "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
                'spec.limits[1].type: Duplicate value: "Pod"',
            ],
            id="pods",
        ),
        pytest.param(
            changed("LimitRange", spec={"limits": [{"type": "PersistentVolumeClaim"}]}),
            [
                "spec.limits[0].limits: Required value: "
                "either minimum or maximum storage value is required, but neither was provided"
            ],
            id="claims",
        ),
        pytest.param(
            quota(hard={"nope": "1", "pods": "1500m"}),
            [
                'spec.hard[nope]: Invalid value: "nope": must be a standard resource type or fully qualified',
                'spec.hard[nope]: Invalid value: "nope": must be a standard resource for quota',
                'spec.hard[pods]: Invalid value: "1500m": must be an integer',
            ],
            id="resources",
        ),
        pytest.param(
            quota(hard={"secrets": "1"}, scopes=["BestEffort", "NotBestEffort"]),
            [
                'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource',
                'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope applied to resource',
                'spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes',
            ],
            id="scopes",
        ),
        pytest.param(
            changed("PriorityClass", value=1_000_000_001),
            ["value: Forbidden: maximum allowed value of a user defined priority is 1000000000"],
            id="priority",
        ),
        pytest.param(
            changed("PriorityClass", metadata={"name": "system-x"}),
            [
                "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use "
                "only. error: system-x is not a known system priority class"
            ],
            id="system priority",
        ),
        pytest.param(
            changed("RuntimeClass", handler="Bad_", overhead={"podFixed": {"cpu": "-1"}})
            | {"scheduling": {"tolerations": [{"key": "a", "operator": "Exists"}] * 2}},
            [
                'handler: Invalid value: "Bad_": a lowercase RFC 1123 label must consist of lower case alphanumeric '
                "characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
                "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
                'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
                'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"",'
                '"TolerationSeconds":null}',
            ],
            id="runtime",
        ),
    ],
)
def test_errors(obj: dict[str, Any], expected: list[str]) -> None:
    assert Api().errors(obj) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"max": {"cpu": "2"}}, ({"cpu": "2"}, {"cpu": "2"}), id="max is both"),
        pytest.param({"min": {"cpu": "1"}}, (None, {"cpu": "1"}), id="min is the request"),
        pytest.param(
            {"max": {"cpu": "2"}, "default": {"cpu": "1"}}, ({"cpu": "1"}, {"cpu": "1"}), id="the default wins"
        ),
        pytest.param({}, (None, None), id="nothing"),
    ],
)
def test_defaults_of_containers(given: dict[str, Any], expected: tuple[Any, Any]) -> None:
    (item,) = Api().draft(limit(**given))["spec"]["limits"]
    assert (item.get("default"), item.get("defaultRequest")) == expected


async def test_a_limit_range_without_a_name_gets_one() -> None:
    api = Api()
    obj = named("v1", "LimitRange", spec={"limits": []})
    del obj["metadata"]["name"]
    assert len((await api.create(obj))["metadata"]["name"]) == 36


def test_cells_of_a_quota() -> None:
    status = {"hard": {"pods": "2", "limits.cpu": "1"}, "used": {"pods": "1"}}
    assert Api().cells({**OBJECTS["ResourceQuota"], "status": status})[1:3] == ["pods: 1/2", "limits.cpu: 0/1"]


def test_requests_above_limits_are_warned_of() -> None:
    hard = {"cpu": "2", "limits.cpu": "1"}
    assert Api().warnings(quota(hard=hard)) == ["ResourceQuota cpu (2) should be less than limits.cpu (1)"]


async def test_system_priorities_stay() -> None:
    api = Api()
    meta = {"name": "system-node-critical"}
    obj = named("scheduling.k8s.io/v1", "PriorityClass", metadata=meta, value=2_000_001_000)
    await api.create(obj)
    with pytest.raises(StatusError, match="this is a system priority class and cannot be deleted"):
        await api.registry.delete(api.context(obj, "delete"), DeleteOptions())
