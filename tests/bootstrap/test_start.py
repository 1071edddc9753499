"""What a cluster has when it starts."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.bootstrap import seeds_of
from minikube_py.bootstrap.policytext import policies
from minikube_py.bootstrap.seed import Sower
from minikube_py.cluster import Cluster
from minikube_py.controllers.clusterroleaggregation import CONTROLLER as ROLE_AGGREGATION
from minikube_py.controllers.legacyserviceaccounttokencleaner import TRACKING
from minikube_py.controllers.runtime import Manager
from minikube_py.machinery.clock import stopwatch
from minikube_py.machinery.gvr import GroupVersionResource, Object
from minikube_py.machinery.wellknown import API_SERVICES, CONFIG_MAPS
from minikube_py.store import Store

CLUSTER_ROLES = GroupVersionResource("rbac.authorization.k8s.io", "v1", "clusterroles")
CLUSTER_ROLE_BINDINGS = CLUSTER_ROLES._replace(resource="clusterrolebindings")
GATHERED = ("admin", "edit", "view")


def _cluster(version: str = "1.36") -> Cluster:
    options: dict[str, Any] = {"controllers": "", "nodes": 0, "clock": "virtual", "seed": 1, "check_mutations": True}
    return Cluster(port=None, kubernetes_version=version, **options)


def _all(store: Store) -> list[Object]:
    return [stored.object for name in store.snapshot().shelves for stored in store.list(name)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(
            "r\n    core apps | pods x/scale | get list",
            [{"verbs": ["get", "list"], "apiGroups": ["", "apps"], "resources": ["pods", "x/scale"]}],
            id="resources",
        ),
        pytest.param(
            "r\n    core | configmaps | get | one two",
            [{"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["one", "two"]}],
            id="names",
        ),
        pytest.param("r\n    urls | /healthz | get", [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}], id="urls"),
        pytest.param(
            "r\n    apps | deployments\n        replicasets | get",
            [{"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments", "replicasets"]}],
            id="continued",
        ),
        pytest.param("r", [], id="no-rules"),
    ],
)
def test_rules(text: str, wanted: list[Object]) -> None:
    (policy,) = policies(text)
    assert policy.name == "r" and policy.rules == wanted


def test_roles() -> None:
    first, second = policies("\nedit gathers edit joins admin\nother\n    core | pods | get\n")
    assert (first.name, first.gathers, first.joins) == ("edit", "edit", "admin")
    assert (second.name, second.gathers, second.joins) == ("other", "", "")


@pytest.mark.parametrize("version", ["1.25", "1.26", "1.28", "1.29", "1.33", "1.37"])
async def test_every_version_starts(version: str) -> None:
    async with _cluster(version) as cluster:
        await cluster.settle()
        before = cluster.store.revision
        objects = _all(cluster.store)
        uids = [obj["metadata"]["uid"] for obj in objects]
        assert len(set(uids)) == len(uids)
        revisions = [int(obj["metadata"]["resourceVersion"]) for obj in objects]
        assert len(set(revisions)) == len(revisions) and max(revisions) == before
        # Once more, as a server that finds its objects there.
        Sower(cluster.registry).sow(seeds_of(cluster.registry.catalog, "10.96.0.0/16"))
        assert cluster.store.revision == before


async def test_what_clusters_share_is_not_changed() -> None:
    async with _cluster() as one, _cluster() as other:
        patch = {"metadata": {"labels": {"new": "label"}}, "rules": []}
        await one.client.patch(CLUSTER_ROLES, "", "system:basic-user", patch)
        untouched = await other.client.get(CLUSTER_ROLES, "", "system:basic-user")
        assert "new" not in untouched["metadata"]["labels"] and len(untouched["rules"]) == 2
        one.store.verify()
        other.store.verify()


async def test_seeds_are_listed_and_watched() -> None:
    async with _cluster() as cluster:
        found = await cluster.client.list(CLUSTER_ROLES, label_selector="kubernetes.io/bootstrapping=rbac-defaults")
        names = [each["metadata"]["name"] for each in found.items]
        assert names == sorted(names) and len(names) == 70
        watch = await cluster.client.watch(CLUSTER_ROLES, resource_version=found.resource_version)
        await cluster.client.delete(CLUSTER_ROLES, "", "view")
        (event,) = await watch.next()
        assert (event.type, event.object["metadata"]["name"]) == ("DELETED", "view")
        watch.stop()


async def test_bindings_name_roles_that_are_there() -> None:
    async with _cluster() as cluster:
        roles = {each["metadata"]["name"] for each in (await cluster.client.list(CLUSTER_ROLES)).items}
        bindings = (await cluster.client.list(CLUSTER_ROLE_BINDINGS)).items
        assert {each["roleRef"]["name"] for each in bindings} <= roles
        assert {each for each in roles if each.startswith("system:controller:")} <= {
            each["roleRef"]["name"] for each in bindings
        }


def test_gathering_roles_have_no_rules_of_their_own() -> None:
    cluster = _cluster()
    seeds = {seed.name: seed for seed in seeds_of(cluster.registry.catalog, "10.0.0.0/16")}
    assert all(seeds[name].body["rules"] is None and seeds[name].body["aggregationRule"] for name in GATHERED)


def _without_identity(obj: Object) -> Object:
    metadata = {name: value for name, value in obj["metadata"].items() if name not in ("uid", "resourceVersion")}
    return {**obj, "metadata": metadata}


async def test_gathering_roles_are_as_their_controller_leaves_them() -> None:
    async def gathered(controllers: str) -> dict[str, Object]:
        options: dict[str, Any] = {"controllers": controllers, "nodes": 0, "clock": "virtual", "seed": 1}
        async with Cluster(port=None, kubernetes_version="1.36", **options) as cluster:
            if not controllers:
                client, random = cluster.client, cluster.random
                manager = Manager(client, cluster.clock, random, cluster.ring, stopwatch, [ROLE_AGGREGATION])
                cluster.managers = [*cluster.managers, manager]
                manager.start()
            await cluster.settle()
            return {name: await cluster.client.get(CLUSTER_ROLES, "", name) for name in GATHERED}

    applied, sown = await gathered(""), await gathered(ROLE_AGGREGATION.name)
    for name in GATHERED:
        assert len(sown[name]["rules"]) > 5
        assert list(applied[name]) == list(sown[name])
        assert _without_identity(applied[name]) == _without_identity(sown[name])


@pytest.mark.parametrize(
    ("version", "since"), [pytest.param("1.26", [], id="before"), pytest.param("1.27", ["2026-01-01"], id="since")]
)
async def test_the_use_of_old_tokens_is_written_down(version: str, since: list[str]) -> None:
    async with _cluster(version) as cluster:
        found = (await cluster.client.list(CONFIG_MAPS, TRACKING.namespace)).items
        assert [each["data"]["since"] for each in found if each["metadata"]["name"] == TRACKING.name] == since


@pytest.mark.parametrize("version", ["1.25", "1.30", "1.36", "1.37"])
async def test_every_group_version_has_an_api_service(version: str) -> None:
    async with _cluster(version) as cluster:
        names = {each["metadata"]["name"] for each in (await cluster.client.list(API_SERVICES)).items}
        served = {f"{each.version}.{each.group}" for each in cluster.registry.catalog}
        assert served - names == {"v1.apiregistration.k8s.io"}
