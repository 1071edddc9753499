"""ServiceAccount and its tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minikube_py.api.kinds.core.tokenrequest import create_token
from minikube_py.api.tokens import ISSUER, InvalidToken, TokenIssuer, UntimelyToken, signing_key
from minikube_py.machinery.clock import VirtualClock, rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random
from minikube_py.store import Key
from tests.kinds.core_api import Api, named

ENFORCE = "kubernetes.io/enforce-mountable-secrets"
DEPRECATED = (
    f"metadata.annotations[{ENFORCE}]: deprecated in v1.32+; "
    "prefer separate namespaces to isolate access to mounted secrets"
)


def account(**fields: Any) -> Object:
    return named("v1", "ServiceAccount", **fields)


async def requested(api: Api, spec: Object | None = None, **metadata: str) -> Object:
    ctx = api.context(account(), "create", subresource="token")
    return await create_token(ctx, {"metadata": metadata, "spec": spec or {}})


def issuer(api: Api) -> TokenIssuer:
    return TokenIssuer(signing_key(api.registry.random), api.registry.clock)


async def test_references_keep_their_names_only() -> None:
    created = await Api().create(account(secrets=[{"name": "s", "namespace": "n", "uid": "u"}, {"kind": "Secret"}]))
    assert created["secrets"] == [{"name": "s"}, {}]


def test_warnings() -> None:
    annotated = account(metadata={"annotations": {ENFORCE: "true"}})
    api = Api()
    assert api.warnings(annotated) == [DEPRECATED]
    ctx, draft = api.prepared(annotated)
    assert ctx.resource.strategy.warnings_on_update(ctx, draft, draft) == []
    assert ctx.resource.strategy.warnings_on_update(ctx, draft, api.draft(account())) == [DEPRECATED]


async def test_a_token_says_who_and_until_when() -> None:
    api = Api()
    created = await api.create(account())
    reply = await requested(api)
    now = api.registry.clock.now()
    assert reply["spec"] == {"audiences": [ISSUER], "expirationSeconds": 3600, "boundObjectRef": None}
    assert reply["metadata"] == {
        "name": "a",
        "namespace": "default",
        "uid": created["metadata"]["uid"],
        "creationTimestamp": rfc3339(now),
    }
    assert reply["status"]["expirationTimestamp"] == rfc3339(now + 3600)
    claims = issuer(api).read(reply["status"]["token"])
    assert claims["sub"] == "system:serviceaccount:default:a"
    assert (claims["exp"] - claims["iat"], claims["aud"], claims["iss"]) == (3600, [ISSUER], ISSUER)
    assert claims["kubernetes.io"] == {
        "namespace": "default",
        "serviceaccount": {"name": "a", "uid": created["metadata"]["uid"]},
    }


@pytest.mark.parametrize(
    ("spec", "metadata", "code", "words"),
    [
        pytest.param(
            {"expirationSeconds": 599},
            {},
            422,
            'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: '
            "may not specify a duration less than 10 minutes",
            id="too short",
        ),
        pytest.param(
            {"expirationSeconds": 2**32 + 1},
            {},
            422,
            'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: '
            "may not specify a duration larger than 2^32 seconds",
            id="too long",
        ),
        pytest.param(
            {},
            {"name": "b"},
            422,
            'TokenRequest.authentication.k8s.io "a" is invalid: metadata.name: Invalid value: "b": '
            "must match the service account name if specified",
            id="another name",
        ),
        pytest.param({"boundObjectRef": {"kind": "Pod", "name": "p"}}, {}, 404, 'pods "p" not found', id="no pod"),
        pytest.param(
            {"boundObjectRef": {"kind": "Node", "apiVersion": "x/v1", "name": "p"}},
            {},
            400,
            "cannot bind token to object of type x/v1, Kind=Node",
            id="another kind",
        ),
    ],
)
async def test_refused(spec: Object, metadata: dict[str, str], code: int, words: str) -> None:
    api = Api()
    await api.create(account())
    with pytest.raises(StatusError) as raised:
        await requested(api, spec, **metadata)
    assert (raised.value.code, str(raised.value)) == (code, words)


async def test_of_nobody() -> None:
    with pytest.raises(StatusError) as raised:
        await requested(Api())
    assert str(raised.value) == 'serviceaccounts "a" not found'


def put_pod(api: Api, account_name: str) -> None:
    pod: Object = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "p", "namespace": "default", "uid": "pod-uid"},
        "spec": {"serviceAccountName": account_name, "nodeName": "n"},
    }
    api.registry.store.create(Key("pods", "default", "p"), pod)


async def test_bound_to_a_pod() -> None:
    api = Api()
    await api.create(account())
    put_pod(api, "a")
    reply = await requested(api, {"boundObjectRef": {"kind": "Pod", "name": "p"}, "expirationSeconds": 3607})
    claims = issuer(api).read(reply["status"]["token"])
    assert claims["kubernetes.io"]["pod"] == {"name": "p", "uid": "pod-uid"}
    assert claims["kubernetes.io"]["node"] == {"name": "n"}
    assert claims["kubernetes.io"]["warnafter"] == claims["iat"] + 3607
    assert claims["exp"] == claims["iat"] + 365 * 24 * 3600


async def test_bound_to_a_pod_of_another() -> None:
    api = Api()
    await api.create(account())
    put_pod(api, "b")
    with pytest.raises(StatusError, match="pod running with different serviceaccount name"):
        await requested(api, {"boundObjectRef": {"kind": "Pod", "name": "p"}})


def sign(clock: VirtualClock, seed: int = 1) -> tuple[TokenIssuer, str]:
    found = TokenIssuer(signing_key(Random(seed)), clock)
    return found, found.issue(named("v1", "ServiceAccount", metadata={"namespace": "n"}), ["a"], 600, "id", {})


def test_tokens_end() -> None:
    clock = VirtualClock()
    found, token = sign(clock)
    clock.advance_to(clock.now() + 660)
    assert found.read(token)["jti"] == "id"
    clock.advance_to(clock.now() + 1)
    with pytest.raises(UntimelyToken, match="service account token has expired"):
        found.read(token)
    with pytest.raises(UntimelyToken, match="service account token is not valid yet"):
        sign(VirtualClock(0))[0].read(token)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="nonsense"),
        pytest.param(sign(VirtualClock(), seed=2)[1], id="another cluster's"),
    ],
)
def test_tokens_of_others(token: str) -> None:
    with pytest.raises(InvalidToken, match="not this cluster's"):
        sign(VirtualClock())[0].read(token)


# Reviews


async def reviewed(api: Api, token: str, *audiences: str) -> Object:
    review: Object = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "metadata": {},
        "spec": {"token": token, **({"audiences": list(audiences)} if audiences else {})},
    }
    ctx = api.context(review, "create")
    assert ctx.resource.create is not None
    status: Object = (await ctx.resource.create(ctx, review))["status"]
    return status


async def bound_token(api: Api, kind: str) -> str:
    put_pod(api, "a")
    store = api.registry.store
    store.create(Key("nodes", "", "p"), {"metadata": {"name": "p", "uid": "node-uid"}})
    store.create(Key("secrets", "default", "p"), {"metadata": {"name": "p", "uid": "secret-uid"}})
    reply = await requested(api, {"boundObjectRef": {"kind": kind, "name": "p"}})
    return str(reply["status"]["token"])


@pytest.mark.parametrize(
    ("version", "kind", "extra"),
    [
        pytest.param("1.36", "Pod", {"node-name": "n", "pod-name": "p", "pod-uid": "pod-uid"}, id="pod"),
        pytest.param("1.36", "Node", {"node-name": "p", "node-uid": "node-uid"}, id="node"),
        pytest.param("1.36", "Secret", {}, id="secret"),
        pytest.param("1.29", "Pod", None, id="before tokens had ids"),
    ],
)
async def test_a_review_tells_who_holds_the_token(version: str, kind: str, extra: dict[str, str] | None) -> None:
    api = Api(version)
    uid = (await api.create(account()))["metadata"]["uid"]
    token = await bound_token(api, kind)
    status = await reviewed(api, token)
    known = dict(status["user"].pop("extra", {}))
    assert status == {
        "authenticated": True,
        "user": {
            "username": "system:serviceaccount:default:a",
            "uid": uid,
            "groups": ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
        },
        "audiences": [ISSUER],
    }
    prefix = "authentication.kubernetes.io/"
    if extra is None:
        assert known == {} and "jti" not in issuer(api).read(token)
    else:
        assert known.pop(f"{prefix}credential-id") == [f"JTI={issuer(api).read(token)['jti']}"]
        assert known == {prefix + name: [value] for name, value in extra.items()}


def gone(api: Api, key: Key) -> None:
    store = api.registry.store
    stored = store.get(key)
    assert stored is not None
    store.delete(key, stored.revision)


def replaced(api: Api, key: Key, **metadata: str) -> None:
    store = api.registry.store
    stored = store.get(key)
    assert stored is not None
    obj = {**stored.object, "metadata": {**stored.object["metadata"], **metadata}}
    store.update(key, obj, stored.revision)


ACCOUNT, POD, NODE, SECRET = (
    Key("serviceaccounts", "default", "a"),
    Key("pods", "default", "p"),
    Key("nodes", "", "p"),
    Key("secrets", "default", "p"),
)
LONG_AGO = {"deletionTimestamp": "2025-12-31T23:58:59Z"}


@pytest.mark.parametrize(
    ("kind", "change", "why"),
    [
        pytest.param("Pod", lambda api: gone(api, ACCOUNT), 'serviceaccounts "a" not found', id="no account"),
        pytest.param("Pod", lambda api: replaced(api, ACCOUNT, **LONG_AGO),
                     "service account default/a has been deleted", id="account deleted"),
        pytest.param("Pod", lambda api: gone(api, POD), "service account token has been invalidated", id="no pod"),
        pytest.param("Node", lambda api: gone(api, NODE), "service account token has been invalidated", id="no node"),
        pytest.param("Secret", lambda api: replaced(api, SECRET, **LONG_AGO),
                     "service account token has been invalidated", id="secret deleted"),
        pytest.param("Pod", lambda api: replaced(api, POD, uid="other"),
                     "pod UID (other) does not match service account pod ref claim (pod-uid)", id="another pod"),
    ],
)  # fmt: skip
async def test_tokens_of_what_has_gone(kind: str, change: Callable[[Api], None], why: str) -> None:
    api = Api()
    await api.create(account())
    token = await bound_token(api, kind)
    change(api)
    assert await reviewed(api, token) == {"user": {}, "error": f"[invalid bearer token, {why}]"}


async def test_a_pods_node_may_go_and_what_is_being_deleted_still_counts() -> None:
    api = Api()
    await api.create(account())
    token = await bound_token(api, "Pod")
    gone(api, NODE)
    replaced(api, POD, deletionTimestamp="2025-12-31T23:59:30Z")
    assert (await reviewed(api, token))["authenticated"]


async def test_tokens_for_others() -> None:
    api = Api()
    await api.create(account())
    token = str((await requested(api, {"audiences": ["a", "b"]}))["status"]["token"])
    why = f'token audiences ["a" "b"] is invalid for the target audiences ["{ISSUER}"]'
    assert (await reviewed(api, token))["error"] == f"[invalid bearer token, {why}]"
    assert (await reviewed(api, token, "c", "b"))["audiences"] == ["b"]
