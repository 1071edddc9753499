"""ServiceAccounts and their legacy tokens, with fresh and lagging informers."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator

import pytest

from minikube_py.controllers import serviceaccount, serviceaccounttoken
from minikube_py.controllers.serviceaccount import missing
from minikube_py.controllers.serviceaccounttoken import ACCOUNT_NAME, ACCOUNT_UID, TYPE, filled, is_of, needs
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NAMESPACES, SECRETS, SERVICE_ACCOUNTS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world


@pytest.mark.parametrize(
    ("phase", "existing", "wanted"),
    [
        pytest.param("Active", [], ["default"], id="new"),
        pytest.param("Active", ["default"], [], id="there"),
        pytest.param("Terminating", [], [], id="terminating"),
    ],
)
def test_missing(phase: str, existing: list[str], wanted: list[str]) -> None:
    assert missing({"status": {"phase": phase}}, existing) == wanted


def token_secret(data: dict[str, str] | None = None, uid: str = "") -> Object:
    notes = {ACCOUNT_NAME: "build", **({ACCOUNT_UID: uid} if uid else {})}
    metadata = {"name": "t", "namespace": "default", "annotations": notes}
    return {"type": TYPE, "metadata": metadata, **({"data": data} if data else {})}


@pytest.mark.parametrize(
    ("data", "ca", "wanted"),
    [
        pytest.param({}, "", ["namespace", "token"], id="new"),
        pytest.param({}, "CA", ["namespace", "token", "ca.crt"], id="new-with-ca"),
        pytest.param({"token": "eA==", "namespace": "eA=="}, "", [], id="done"),
        pytest.param({"token": "eA==", "namespace": "eA==", "ca.crt": "b2xk"}, "CA", ["ca.crt"], id="other-ca"),
    ],
)
def test_needs(data: dict[str, str], ca: str, wanted: list[str]) -> None:
    assert needs(token_secret(data), ca) == wanted
    account = {"metadata": {"name": "build", "uid": "u"}}
    assert needs(filled(token_secret(data), account, "token", ca), ca) == []


def test_is_of() -> None:
    account = {"metadata": {"name": "build", "uid": "u"}}
    assert is_of(token_secret(), account) and is_of(token_secret(uid="u"), account)
    assert not is_of(token_secret(uid="former"), account) and not is_of(token_secret(), None)


@pytest.fixture(params=LAGS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ApiWorld]:
    async with api_world(request.param) as world:
        world.run(serviceaccount.CONTROLLER, serviceaccounttoken.CONTROLLER)
        await world.settle()
        yield world


async def names(world: ApiWorld, namespace: str) -> list[str]:
    return [each["metadata"]["name"] for each in (await world.client.list(SERVICE_ACCOUNTS, namespace)).items]


async def test_every_namespace_has_its_account(world: ApiWorld) -> None:
    await world.client.create(NAMESPACES, {"metadata": {"name": "team"}})
    await world.settle()
    assert await names(world, "team") == ["default"]
    await world.client.delete(SERVICE_ACCOUNTS, "team", "default")
    await world.settle()
    assert await names(world, "team") == ["default"]


async def test_a_terminating_namespace_gets_none(world: ApiWorld) -> None:
    await world.client.create(NAMESPACES, {"metadata": {"name": "team"}})
    await world.settle()
    await world.client.delete(NAMESPACES, "", "team")
    await world.client.delete(SERVICE_ACCOUNTS, "team", "default")
    await world.settle()
    assert await names(world, "team") == []


async def new_token(world: ApiWorld) -> Object:
    await world.client.create(SERVICE_ACCOUNTS, {"metadata": {"name": "build", "namespace": "default"}})
    await world.client.create(SECRETS, token_secret())
    await world.settle()
    return await world.client.get(SECRETS, "default", "t")


async def test_a_token_secret_is_filled(world: ApiWorld) -> None:
    made = await new_token(world)
    account = await world.client.get(SERVICE_ACCOUNTS, "default", "build")
    assert made["metadata"]["annotations"][ACCOUNT_UID] == account["metadata"]["uid"]
    assert base64.b64decode(made["data"]["namespace"]) == b"default" and "ca.crt" not in made["data"]
    payload = base64.b64decode(made["data"]["token"]).decode().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["sub"] == "system:serviceaccount:default:build"
    assert claims["exp"] - claims["iat"] > 100 * 365 * 24 * 3600


async def test_a_token_goes_with_its_account(world: ApiWorld) -> None:
    await new_token(world)
    await world.client.delete(SERVICE_ACCOUNTS, "default", "build")
    await world.settle()
    assert list((await world.client.list(SECRETS, "default")).items) == []


async def test_a_deleted_token_leaves_its_accounts_list(world: ApiWorld) -> None:
    await new_token(world)
    mentioned = {"secrets": [{"name": "t"}, {"name": "kept"}]}
    await world.client.patch(SERVICE_ACCOUNTS, "default", "build", mentioned)
    await world.settle()
    await world.client.delete(SECRETS, "default", "t")
    await world.settle()
    account = await world.client.get(SERVICE_ACCOUNTS, "default", "build")
    assert account["secrets"] == [{"name": "kept"}]


async def test_a_token_of_nobody_is_deleted(world: ApiWorld) -> None:
    await world.client.create(SECRETS, token_secret())
    await world.settle()
    assert list((await world.client.list(SECRETS, "default")).items) == []
