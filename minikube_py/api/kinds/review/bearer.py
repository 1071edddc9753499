"""Whose a service account's token is, and whether it still counts (pkg/serviceaccount/{jwt,claims}.go)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minikube_py.api.context import Context, User
from minikube_py.api.kinds.core import gates
from minikube_py.api.kinds.review.decision import AUTHENTICATED
from minikube_py.api.tokens import LEEWAY, TokenIssuer, UntimelyToken, signing_key
from minikube_py.machinery import meta
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.store import Key

WRONG_TOKEN = "invalid bearer token"
INVALIDATED = "service account token has been invalidated"

_BOUND = (("secret", "secrets"), ("pod", "pods"), ("node", "nodes"))
"""What a token can be bound to, by the name that its claims have for it, and its resource."""
_EXTRA = "authentication.kubernetes.io/"


class Rejected(Exception):
    """The token counts for nothing; says why in a TokenReview's words."""


def user_of_token(ctx: Context, token: str, audiences: list[str]) -> tuple[User, list[str]]:
    """The service account that a token of this cluster is for, and those of the audiences. Raises Rejected."""
    issuer = TokenIssuer(signing_key(ctx.registry.random), ctx.registry.clock)
    try:
        claims = issuer.read(token)
    except UntimelyToken as error:
        raise _rejected(str(error)) from None
    except ValueError:
        raise Rejected(WRONG_TOKEN) from None
    matching = [audience for audience in audiences if audience in (claims.get("aud") or ())]
    if not matching:
        had, wanted = _quoted(claims.get("aud") or ()), _quoted(audiences)
        raise _rejected(f"token audiences {had} is invalid for the target audiences {wanted}")
    private = claims["kubernetes.io"]
    _check_account(ctx, private)
    _check_bound(ctx, private)
    namespace, account = private["namespace"], private["serviceaccount"]
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
    extra = _extra(claims) if gates.tells_tokens_apart(ctx) else ()
    return User(f"system:serviceaccount:{namespace}:{account['name']}", groups, account["uid"], extra), matching


def _rejected(why: str) -> Rejected:
    """Of a token of ours: the loopback's authenticator, which did not know it, speaks first."""
    return Rejected(f"[{WRONG_TOKEN}, {why}]")


def _quoted(texts: Iterable[str]) -> str:
    return f"[{' '.join(quote(text) for text in texts)}]"


def _check_account(ctx: Context, private: Any) -> None:
    namespace, claim = private["namespace"], private["serviceaccount"]
    account = _found(ctx, "serviceaccounts", namespace, claim["name"])
    if account is None:
        raise _rejected(f"serviceaccounts {quote(claim['name'])} not found")
    if meta.uid(account) != claim["uid"]:
        raise _rejected(f"service account UID ({meta.uid(account)}) does not match claim ({claim['uid']})")
    if _is_past(ctx, account):
        raise _rejected(f"service account {namespace}/{claim['name']} has been deleted")


def _check_bound(ctx: Context, private: Any) -> None:
    """A pod's node only says where it was."""
    for singular, plural in _BOUND:
        claim = private.get(singular)
        if claim is None or (singular == "node" and "pod" in private):
            continue
        obj = _found(ctx, plural, "" if singular == "node" else private["namespace"], claim["name"])
        if obj is None or _is_past(ctx, obj):
            raise _rejected(INVALIDATED)
        if meta.uid(obj) != claim["uid"]:
            text = f"{singular} UID ({meta.uid(obj)}) does not match service account {singular} ref claim"
            raise _rejected(f"{text} ({claim['uid']})")


def _found(ctx: Context, plural: str, namespace: str, name: str) -> Object | None:
    stored = ctx.registry.store.get(Key(plural, namespace, name))
    return stored.object if stored is not None else None


def _is_past(ctx: Context, obj: Object) -> bool:
    deleted = obj["metadata"].get("deletionTimestamp")
    return deleted is not None and parse_rfc3339(deleted) < ctx.registry.clock.now() - LEEWAY


def _extra(claims: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What else is known of who holds it."""
    found = [("credential-id", f"JTI={claims['jti']}")] if claims.get("jti") else []
    for singular in ("node", "pod"):
        claim = claims["kubernetes.io"].get(singular) or {}
        found += [(f"{singular}-{field}", claim[field]) for field in ("name", "uid") if field in claim]
    return tuple((_EXTRA + name, (value,)) for name, value in found)
