"""What every kind has in common: served in its versions, stable defaults, a cell for each column."""

from __future__ import annotations

import copy
import re
from collections import Counter

import pytest

from minikube_py.api.catalog import builtin_resources
from minikube_py.api.kinds.flowcontrol.versions import SERVED
from minikube_py.api.schema.schema import Schema
from minikube_py.machinery.gvr import GroupVersionResource
from tests.kinds.core_api import Api, catalog, named
from tests.kinds.minimal import CSR, OBJECTS

_NOT_SERVED = ("Scale", "TokenRequest", "Eviction", "WatchEvent", "Status", "APIGroup", "APIVersions")
_EXTRA_CELLS = ("IPAddress",)
"""Kinds whose rows have a cell that no column announces, as upstream's."""
_NAMES = [pytest.param(kind, id=kind) for kind in OBJECTS]


def test_no_two_resources_are_the_same() -> None:
    counts = Counter(resource.gvr for resource in builtin_resources())
    assert [gvr for gvr, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("version", ["1.25", "1.30", "1.36", "1.37"])
def test_every_stable_kind_is_served(version: str) -> None:
    served = {resource.gvk for resource in catalog(version)}
    stable = {
        kind
        for kind in Schema(version).kinds()
        if re.fullmatch(r"v\d+", kind.version)
        and not kind.kind.endswith(("List", "Options"))
        and kind.kind not in _NOT_SERVED
    }
    assert stable - served == set()


@pytest.mark.parametrize(
    ("group", "version", "plural", "minors"),
    [
        *(
            pytest.param(
                "flowcontrol.apiserver.k8s.io",
                version,
                "flowschemas",
                range(29, 38) if minors is None else range(minors[0], minors[1] + 1),
                id=f"flowcontrol {version}",
            )
            for version, minors in SERVED.items()
        ),
        pytest.param("storage.k8s.io", "v1beta1", "csistoragecapacities", range(25, 27), id="storage v1beta1"),
        pytest.param("storage.k8s.io", "v1", "volumeattributesclasses", range(34, 38), id="attributes classes"),
        pytest.param("resource.k8s.io", "v1", "resourceclaims", range(34, 38), id="resource"),
    ],
)
def test_versions_come_and_go(group: str, version: str, plural: str, minors: range) -> None:
    resource = GroupVersionResource(group, version, plural)
    assert [minor for minor in range(25, 38) if catalog(f"1.{minor}").find(resource)] == list(minors)


@pytest.mark.parametrize("kind", _NAMES)
def test_the_least_object_is_valid(kind: str) -> None:
    assert Api().errors(OBJECTS[kind]) == []


@pytest.mark.parametrize("kind", _NAMES)
def test_defaults_are_stable(kind: str) -> None:
    api = Api()
    once = api.draft(OBJECTS[kind])
    twice = copy.deepcopy(once)
    api.resource(OBJECTS[kind]).strategy.default(twice)
    assert twice == once


@pytest.mark.parametrize("kind", _NAMES)
def test_a_cell_for_each_column(kind: str) -> None:
    api = Api()
    columns = api.resource(OBJECTS[kind]).columns
    assert len(api.cells(OBJECTS[kind])) == len(columns) + (kind in _EXTRA_CELLS)


@pytest.mark.parametrize("kind", _NAMES)
async def test_an_unchanged_object_may_be_written_again(kind: str) -> None:
    api = Api()
    created = await api.create(OBJECTS[kind])
    updated = await api.update(copy.deepcopy(created))
    assert updated["metadata"].get("generation") == created["metadata"].get("generation")


@pytest.mark.parametrize(
    ("kind", "name", "allowed"),
    [
        pytest.param("Role", "System:Odd_Name", True, id="role"),
        pytest.param("RoleBinding", "a/b", False, id="a slash"),
        pytest.param("StorageClass", "Bad_", False, id="class"),
        pytest.param("IPAddress", "10.1.0.01", False, id="address with zeros"),
        pytest.param("IPAddress", "2001:db8::1", True, id="address of IPv6"),
        pytest.param("APIService", "v2.example.com", False, id="another version"),
        pytest.param("CertificateSigningRequest", "Any Thing", True, id="certificate request"),
    ],
)
def test_names(kind: str, name: str, allowed: bool) -> None:
    obj = {**OBJECTS[kind], "metadata": {**OBJECTS[kind]["metadata"], "name": name}}
    found = [error for error in Api().errors(obj) if error.startswith("metadata.name")]
    assert (found == []) == allowed


def test_a_request_is_kept_as_it_was_sent() -> None:
    """The least request is no whole PKCS#10; without the package that looks inside, PEM is enough."""
    obj = OBJECTS["CertificateSigningRequest"]
    assert Api().draft(obj)["spec"]["request"] == CSR


async def test_an_older_version_is_the_same_object() -> None:
    api = Api("1.29")
    old = named(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        "PriorityLevelConfiguration",
        spec={"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}},
    )
    await api.create(old)
    ctx = api.context({**old, "apiVersion": "flowcontrol.apiserver.k8s.io/v1"}, "get")
    found = (await api.registry.get(ctx)).object
    assert found["apiVersion"] == "flowcontrol.apiserver.k8s.io/v1"
    assert found["spec"]["limited"]["nominalConcurrencyShares"] == 30


async def test_shares_had_another_name() -> None:
    api = Api("1.28")
    old = named(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        "PriorityLevelConfiguration",
        spec={"type": "Limited", "limited": {"assuredConcurrencyShares": 7, "limitResponse": {"type": "Reject"}}},
    )
    created = await api.create(old)
    assert created["spec"]["limited"]["assuredConcurrencyShares"] == 7
    ctx = api.context({**old, "apiVersion": "flowcontrol.apiserver.k8s.io/v1beta3"}, "get")
    assert (await api.registry.get(ctx)).object["spec"]["limited"]["nominalConcurrencyShares"] == 7
