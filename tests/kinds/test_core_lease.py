"""Lease."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from tests.kinds.core_api import Api, named


def lease(**spec: Any) -> Object:
    return named("coordination.k8s.io/v1", "Lease", spec=spec)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, [], id="empty"),
        pytest.param(
            {"leaseDurationSeconds": 0, "leaseTransitions": -1},
            [
                "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
                "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
            ],
            id="numbers",
        ),
        pytest.param({"strategy": "Bad Strategy", "preferredHolder": "x"}, [], id="of a closed gate"),
    ],
)
def test_errors(spec: Object, expected: list[str]) -> None:
    assert Api().errors(lease(**spec)) == expected


async def test_coordination_is_dropped() -> None:
    api = Api()
    assert (await api.create(lease(strategy="OldestEmulationVersion", preferredHolder="x")))["spec"] == {}


async def test_updates_name_their_version() -> None:
    api = Api()
    created = await api.create(lease())
    with pytest.raises(StatusError) as raised:
        await api.update(lease(holderIdentity="b"))
    assert raised.value.causes[0]["message"] == "Invalid value: 0: must be specified for an update"
    version = {"name": "a", "resourceVersion": created["metadata"]["resourceVersion"]}
    changed = await api.update({**lease(holderIdentity="b"), "metadata": version})
    assert changed["spec"] == {"holderIdentity": "b"}


def test_cells() -> None:
    assert [Api().cells(lease(**spec))[:2] for spec in ({}, {"holderIdentity": "b"})] == [["a", ""], ["a", "b"]]
