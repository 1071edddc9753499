"""Old tokens of accounts that nobody uses."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.controllers.legacyserviceaccounttokencleaner import (
    CONTROLLER,
    DAY,
    INVALID_SINCE,
    LAST_USED,
    TRACKING,
    UNUSED,
    Verdict,
    is_listed,
    is_tracked,
    is_unused,
    verdict,
)
from minikube_py.controllers.runtime.podsecrets import secret_names
from minikube_py.controllers.serviceaccounttoken import ACCOUNT_NAME, TYPE
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import StatusError, forbidden, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name as name_of
from minikube_py.machinery.wellknown import CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world
from tests.watched_client import WatchedClient

NOW = parse_rfc3339("2027-01-02T12:00:00Z")
"""A year after the second of January 2026."""


def tracking(since: str) -> Object:
    return {"metadata": {"name": TRACKING.name, "namespace": TRACKING.namespace}, "data": {"since": since}}


@pytest.mark.parametrize(
    ("since", "tracked"),
    [
        pytest.param("2026-01-01", True, id="a year and a day"),
        pytest.param("2026-01-02", False, id="a year less a day"),
        pytest.param("2026-01-01T00:00:00Z", False, id="no day"),
        pytest.param("2025-02-30", False, id="a day that never was"),
        pytest.param("", False, id="never"),
    ],
)
def test_is_tracked(since: str, tracked: bool) -> None:
    assert is_tracked(tracking(since), NOW) == tracked
    assert not is_tracked(None, NOW)


def token(created: str = "2025-01-01T00:00:00Z", type: str = TYPE, **more: Any) -> Object:
    metadata = {"name": "t", "namespace": "default", "creationTimestamp": created}
    return {"type": type, "metadata": {**metadata, "annotations": {ACCOUNT_NAME: "build"}, **more}}


@pytest.mark.parametrize(
    ("secret", "unused"),
    [
        pytest.param(token(), True, id="never used"),
        pytest.param(token(labels={LAST_USED: "2026-01-01"}), True, id="used a year ago"),
        pytest.param(token(labels={LAST_USED: "2026-01-02"}), False, id="used within a year"),
        pytest.param(token(labels={LAST_USED: "long ago"}), False, id="used who knows when"),
        pytest.param(token("2026-01-02T12:00:00Z"), False, id="new"),
        pytest.param(token(type="Opaque"), False, id="no token"),
        pytest.param(token(deletionTimestamp="2027-01-01T00:00:00Z"), False, id="deleted"),
    ],
)
def test_is_unused(secret: Object, unused: bool) -> None:
    assert is_unused(secret, NOW) == unused


@pytest.mark.parametrize(
    ("account", "listed"),
    [
        pytest.param({"metadata": {"name": "build"}, "secrets": [{"name": "x"}, {"name": "t"}]}, True, id="listed"),
        pytest.param({"metadata": {"name": "build"}, "secrets": [{"name": "x"}]}, False, id="made by people"),
        pytest.param({"metadata": {"name": "build"}}, False, id="no list"),
        pytest.param(None, False, id="no account"),
    ],
)
def test_is_listed(account: Object | None, listed: bool) -> None:
    assert is_listed(token(), account) == listed


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param({}, Verdict.MARK, id="unmarked"),
        pytest.param({INVALID_SINCE: "soon"}, Verdict.MARK, id="marked with no day"),
        pytest.param({INVALID_SINCE: "2026-01-02"}, Verdict.KEEP, id="marked within a year"),
        pytest.param({INVALID_SINCE: "2026-01-01"}, Verdict.DELETE, id="marked a year ago"),
    ],
)
def test_verdict(labels: dict[str, str], expected: Verdict) -> None:
    assert verdict(token(labels=labels), NOW) is expected


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        pytest.param({"imagePullSecrets": [{"name": "a"}, {}]}, {"a"}, id="images"),
        pytest.param(
            {
                "initContainers": [{"envFrom": [{"secretRef": {"name": "a"}}, {"configMapRef": {"name": "x"}}]}],
                "containers": [{"env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "b", "key": "k"}}}]}],
            },
            {"a", "b"},
            id="environment",
        ),
        pytest.param(
            {
                "volumes": [
                    {"name": "1", "secret": {"secretName": "a"}},
                    {"name": "2", "projected": {"sources": [{"secret": {"name": "b"}}, {"configMap": {"name": "x"}}]}},
                    {"name": "3", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "c"}}},
                    {"name": "4", "emptyDir": {}},
                ]
            },
            {"a", "b", "c"},
            id="volumes",
        ),
    ],
)
def test_secret_names(spec: Object, names: set[str]) -> None:
    assert secret_names({"spec": spec}) == names


async def found(world: ApiWorld, name: str) -> Object | None:
    try:
        return await world.client.get(SECRETS, "default", name)
    except StatusError as error:
        assert is_not_found(error)
        return None


async def is_marked(world: ApiWorld, name: str) -> bool:
    secret = await found(world, name)
    return secret is not None and INVALID_SINCE in secret["metadata"].get("labels", {})


async def leap(world: ApiWorld, seconds: float) -> None:
    """At once: day by day takes long."""
    world.clock.advance_to(world.clock.now() + seconds)
    await world.settle()


@pytest.mark.parametrize("lag", LAGS)
async def test_tokens_go(lag: int) -> None:
    async with api_world(lag) as world:
        await world.begin("kube-system")
        names = ("old", "mounted", "made")
        await world.client.create(
            SERVICE_ACCOUNTS,
            {"metadata": {"name": "build", "namespace": "default"}, "secrets": [{"name": each} for each in names[:2]]},
        )
        for name in names:
            notes = {ACCOUNT_NAME: "build"}
            metadata = {"name": name, "namespace": "default", "annotations": notes}
            await world.client.create(SECRETS, {"metadata": metadata, "type": TYPE})
        volume = {"name": "v", "secret": {"secretName": "mounted"}}
        spec = {"containers": [{"name": "c", "image": "i"}], "volumes": [volume]}
        await world.client.create(PODS, {"metadata": {"name": "p", "namespace": "default"}, "spec": spec})
        await world.client.create(CONFIG_MAPS, tracking("2026-01-01"))
        world.run(CONTROLLER)
        await world.settle()
        await leap(world, UNUSED)
        assert not await is_marked(world, "old")
        await leap(world, DAY)
        assert [each for each in names if await is_marked(world, each)] == ["old"]
        await leap(world, UNUSED)
        assert await found(world, "old")
        await leap(world, DAY)
        assert [each for each in names if await found(world, each)] == ["mounted", "made"]


async def test_what_may_not_be_touched_does_not_stop_the_others() -> None:
    async with api_world() as world:
        await world.begin("kube-system")
        names = ("a", "b")
        account = {"metadata": {"name": "build", "namespace": "default"}, "secrets": [{"name": each} for each in names]}
        await world.client.create(SERVICE_ACCOUNTS, account)
        for name in names:
            metadata = {"name": name, "namespace": "default", "annotations": {ACCOUNT_NAME: "build"}}
            await world.client.create(SECRETS, {"metadata": metadata, "type": TYPE})
        await world.client.create(CONFIG_MAPS, tracking("2026-01-01"))
        watched = WatchedClient(world.client)
        watched.reaction = lambda verb, resource, obj: (
            forbidden(SECRETS.group_resource, "a", "no") if name_of(obj) == "a" else None
        )
        world.client = watched
        world.run(CONTROLLER)
        await world.settle()
        await leap(world, UNUSED + DAY)
        assert [each for each in names if await is_marked(world, each)] == ["b"]
        watched.reaction = None
        await leap(world, DAY)
        assert [each for each in names if await is_marked(world, each)] == ["a", "b"]
