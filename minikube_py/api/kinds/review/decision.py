"""Who may do what, and whose a token is.

Members of system:masters may do everything; nobody else is known to be allowed anything.
"""

from __future__ import annotations

from minikube_py.api.context import Context, User
from minikube_py.api.tokens import ISSUER, InvalidToken, TokenIssuer, signing_key
from minikube_py.machinery.gvr import Object

ADMINISTRATORS = "system:masters"
AUTHENTICATED = "system:authenticated"
WRONG_TOKEN = "invalid bearer token"


def access(user: User) -> Object:
    """A SubjectAccessReview's status."""
    return {"allowed": ADMINISTRATORS in user.groups}


def rules(user: User) -> Object:
    """A SelfSubjectRulesReview's status."""
    everything = ADMINISTRATORS in user.groups
    return {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}] if everything else [],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}] if everything else [],
        "incomplete": False,
    }


def user_of_token(ctx: Context, token: str, audiences: list[str]) -> User | None:
    """The service account that a token of this cluster is for, if it is for one of the audiences."""
    issuer = TokenIssuer(signing_key(ctx.registry.random), ctx.registry.clock)
    try:
        claims = issuer.read(token)
    except (InvalidToken, ValueError):
        return None
    if not set(audiences or (ISSUER,)).intersection(claims.get("aud") or ()):
        return None
    private = claims["kubernetes.io"]
    namespace, account = private["namespace"], private["serviceaccount"]
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
    return User(f"system:serviceaccount:{namespace}:{account['name']}", groups, account["uid"])


def user_info(user: User) -> Object:
    """authentication/v1 UserInfo, without what is empty."""
    info = {
        "username": user.name,
        "uid": user.uid,
        "groups": list(user.groups),
        "extra": {key: list(values) for key, values in user.extra},
    }
    return {name: value for name, value in info.items() if value}
