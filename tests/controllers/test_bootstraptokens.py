"""Bootstrap tokens: who signs with them, and when they go."""

from __future__ import annotations

import base64

import pytest

from minikube_py.controllers import bootstrapsigner, tokencleaner
from minikube_py.controllers.bootstrapsigner import CLUSTER_INFO, signature, signed
from minikube_py.controllers.runtime.bootstraptokens import TYPE, signing_token, time_left
from minikube_py.controllers.runtime.descriptor import choose
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, SECRETS
from tests.controllers.apiworld import LAGS, ApiWorld, api_world

NOW = parse_rfc3339("2026-01-01T00:00:00Z")
GOOD = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true"}


def token(name: str = "bootstrap-token-abcdef", **changes: str) -> Object:
    values = {**GOOD, **{key.replace("_", "-"): value for key, value in changes.items()}}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items() if value}
    return {"metadata": {"name": name, "namespace": "kube-system"}, "type": TYPE, "data": data}


def info(**data: str) -> Object:
    return {"metadata": {"name": CLUSTER_INFO.name, "namespace": CLUSTER_INFO.namespace}, "data": data}


def test_signature() -> None:
    """The one that k8s.io/cluster-bootstrap makes of the same."""
    content = "Hello from the other side. I must have called a thousand times."
    expected = "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8"
    assert signature(content, "joshua", "my voice is my passcode") == expected


@pytest.mark.parametrize(
    ("secret", "signs"),
    [
        pytest.param(token(), True, id="good"),
        pytest.param(token(expiration="2026-01-01T00:00:01Z"), True, id="ends later"),
        pytest.param(token(expiration="2026-01-01T00:00:00Z"), False, id="ends now"),
        pytest.param(token(expiration="tomorrow"), False, id="ends at no time"),
        pytest.param(token(token_id=""), False, id="no id"),
        pytest.param(token(token_id="fedcba"), False, id="another's name"),
        pytest.param(token("mine"), False, id="no token's name"),
        pytest.param(token(token_secret=""), False, id="no secret"),
        pytest.param(token(usage_bootstrap_signing=""), False, id="not for signing"),
        pytest.param(token(usage_bootstrap_signing="yes"), False, id="not truly"),
    ],
)
def test_signing_token(secret: Object, signs: bool) -> None:
    assert signing_token(secret, NOW) == (("abcdef", "0123456789abcdef") if signs else None)


@pytest.mark.parametrize(
    ("expiration", "left"),
    [
        pytest.param("", None, id="never"),
        pytest.param("2026-01-01T00:01:00Z", 60, id="later"),
        pytest.param("2026-01-01T01:01:00+01:00", 60, id="elsewhere"),
        pytest.param("2025-12-31T23:59:00Z", -60, id="earlier"),
        pytest.param("2026-01-01T00:01:00", 0, id="nobody knows where"),
        pytest.param("2026-13-01T00:01:00Z", 0, id="no month"),
    ],
)
def test_time_left(expiration: str, left: float | None) -> None:
    assert time_left(token(expiration=expiration), NOW) == left


SIGNED = {"kubeconfig": "K", "jws-kubeconfig-abcdef": signature("K", "abcdef", GOOD["token-secret"])}


@pytest.mark.parametrize(
    ("data", "secrets", "expected"),
    [
        pytest.param({}, [token()], None, id="nothing to sign"),
        pytest.param({"kubeconfig": "K"}, [], None, id="nobody signs"),
        pytest.param({"kubeconfig": "K"}, [token()], SIGNED, id="signed"),
        pytest.param(SIGNED, [token()], None, id="signed already"),
        pytest.param({**SIGNED, "kubeconfig": "L"}, [], {"kubeconfig": "L"}, id="token gone"),
        pytest.param({**SIGNED, "jws-kubeconfig-abcdef": "x"}, [token()], SIGNED, id="forged"),
        pytest.param({**SIGNED, "more": "x"}, [], {"kubeconfig": "K", "more": "x"}, id="others stay"),
    ],
)
def test_signed(data: dict[str, str], secrets: list[Object], expected: dict[str, str] | None) -> None:
    changed = signed(info(**data), secrets, NOW)
    assert (changed and changed["data"]) == expected


def test_they_run_when_asked_for() -> None:
    both = [bootstrapsigner.CONTROLLER, tokencleaner.CONTROLLER]
    assert choose(both) == []
    assert choose(both, "*,bootstrapsigner,tokencleaner") == both


async def data(world: ApiWorld) -> dict[str, str]:
    found: dict[str, str] = (await world.client.get(CONFIG_MAPS, *CLUSTER_INFO))["data"]
    return found


@pytest.mark.parametrize("lag", LAGS)
async def test_cluster_info_is_signed_as_long_as_there_are_tokens(lag: int) -> None:
    async with api_world(lag) as world:
        await world.begin("kube-system", "kube-public")
        world.run(bootstrapsigner.CONTROLLER, tokencleaner.CONTROLLER, selection="bootstrapsigner,tokencleaner")
        await world.client.create(CONFIG_MAPS, info(kubeconfig="K"))
        await world.client.create(SECRETS, token(expiration="2026-01-01T01:00:00Z"))
        await world.settle()
        assert await data(world) == SIGNED
        await world.client.patch(CONFIG_MAPS, *CLUSTER_INFO, {"data": {"kubeconfig": "L"}})
        await world.settle()
        assert (await data(world))["jws-kubeconfig-abcdef"] != SIGNED["jws-kubeconfig-abcdef"]
        await world.advance(3599)
        assert await world.client.get(SECRETS, "kube-system", "bootstrap-token-abcdef")
        await world.advance(1)
        with pytest.raises(StatusError) as caught:
            await world.client.get(SECRETS, "kube-system", "bootstrap-token-abcdef")
        assert is_not_found(caught.value)
        assert await data(world) == {"kubeconfig": "L"}
