"""TokenRequest: what POST on serviceaccounts/token does (pkg/registry/core/serviceaccount/storage/token.go)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.core import gates
from minikube_py.api.tokens import ISSUER, TokenIssuer, signing_key
from minikube_py.machinery import errors, meta
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import GroupResource, GroupVersionKind, Object
from minikube_py.store import Key

TOKEN_REQUEST = GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest")

_DEFAULT_EXPIRATION = 3600
_MINIMUM_EXPIRATION = 600
_MAXIMUM_EXPIRATION = 1 << 32
_WARN_ONLY_EXPIRATION = 3607
"""What the ServiceAccount admission plugin asks for in pods' projected volumes: such tokens live on for a year."""
_EXTENDED_EXPIRATION = 365 * 24 * 3600
_EXPIRATION = Path("spec", "expirationSeconds")
_BOUND = {"Pod": "pods", "Node": "nodes", "Secret": "secrets"}
"""What a token can be bound to, and its resource."""


async def create_token(ctx: Context, body: Object) -> Object:
    """Answers the request with its status filled in. Raises StatusError."""
    metadata, spec = body.get("metadata") or {}, body.get("spec") or {}
    _check_names(ctx, metadata)
    account = _stored(ctx, GroupResource("", "serviceaccounts"), ctx.namespace, ctx.name)
    _check_uid(ctx.name, metadata, account)
    audiences = spec.get("audiences") or [ISSUER]
    asked = spec.get("expirationSeconds")
    expiration = _DEFAULT_EXPIRATION if asked is None else asked
    if problems := validate_expiration(expiration):
        raise errors.invalid(TOKEN_REQUEST.group, TOKEN_REQUEST.kind, "", problems)
    reference = spec.get("boundObjectRef")
    bound = _bound(ctx, reference) if reference else {}
    lifetime, warn_after = _lifetime(expiration, audiences, bound)
    now = ctx.registry.clock.now()
    issuer = TokenIssuer(signing_key(ctx.registry.random), ctx.registry.clock)
    token_id = ctx.registry.random.uid() if gates.tells_tokens_apart(ctx) else ""
    token = issuer.issue(account, audiences, lifetime, token_id, bound, warn_after)
    return {
        "kind": TOKEN_REQUEST.kind,
        "apiVersion": TOKEN_REQUEST.api_version,
        "metadata": {
            **metadata,
            "name": meta.name(account),
            "namespace": meta.namespace(account),
            "uid": meta.uid(account),
            "creationTimestamp": rfc3339(now),
        },
        "spec": {"audiences": audiences, "expirationSeconds": expiration, "boundObjectRef": reference},
        "status": {"token": token, "expirationTimestamp": rfc3339(now + expiration)},
    }


def validate_expiration(seconds: int) -> ErrorList:
    """pkg/apis/authentication/validation."""
    errors_: ErrorList = []
    if seconds < _MINIMUM_EXPIRATION:
        errors_.append(invalid(_EXPIRATION, seconds, "may not specify a duration less than 10 minutes"))
    if seconds > _MAXIMUM_EXPIRATION:
        errors_.append(invalid(_EXPIRATION, seconds, "may not specify a duration larger than 2^32 seconds"))
    return errors_


def _check_names(ctx: Context, metadata: Object) -> None:
    """What the body says of itself must be what the path says."""
    for field, expected in (("name", ctx.name), ("namespace", ctx.namespace)):
        given = metadata.get(field)
        if given and given != expected:
            detail = f"must match the service account {field} if specified"
            problem = invalid(Path("metadata", field), given, detail)
            raise errors.invalid(TOKEN_REQUEST.group, TOKEN_REQUEST.kind, ctx.name, [problem])


def _check_uid(name: str, metadata: Object, account: Object) -> None:
    given = metadata.get("uid")
    if given and given != meta.uid(account):
        text = (
            f"the UID in the token request ({given}) does not match "
            f"the UID of the service account ({meta.uid(account)})"
        )
        raise errors.conflict(GroupResource(TOKEN_REQUEST.group, TOKEN_REQUEST.kind), name, text)


def _bound(ctx: Context, reference: Object) -> dict[str, Object]:
    """The object that a token is bound to, and a pod's node, by their singulars."""
    kind, name, uid = reference.get("kind") or "", reference.get("name") or "", reference.get("uid") or ""
    group, _, version = (reference.get("apiVersion") or "").rpartition("/")
    if group or kind not in _BOUND:
        raise errors.bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    namespace = "" if kind == "Node" else ctx.namespace
    obj = _stored(ctx, GroupResource("", _BOUND[kind]), namespace, name)
    bound = {kind.lower(): obj}
    if kind == "Pod":
        if obj["spec"].get("serviceAccountName") != ctx.name:
            raise errors.bad_request(
                f'cannot bind token for serviceaccount "{ctx.name}" to pod running with different serviceaccount name.'
            )
        node_name = obj["spec"].get("nodeName")
        if node_name and gates.tells_tokens_apart(ctx):
            node = ctx.registry.store.get(Key("nodes", "", node_name))
            bound["node"] = node.object if node else {"metadata": {"name": node_name}}
    if uid and uid != meta.uid(obj):
        text = (
            f"the UID in the bound object reference ({uid}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise errors.conflict(GroupResource("", kind), name, text)
    return bound


def _lifetime(expiration: int, audiences: list[str], bound: dict[str, Object]) -> tuple[int, int]:
    """Seconds that the token lives, and after which its use is warned of (0: not at all)."""
    if "pod" in bound and expiration == _WARN_ONLY_EXPIRATION and set(audiences) <= {ISSUER}:
        return _EXTENDED_EXPIRATION, expiration
    return expiration, 0


def _stored(ctx: Context, resource: GroupResource, namespace: str, name: str) -> Object:
    found = ctx.registry.store.get(Key(str(resource), namespace, name))
    if found is None:
        raise errors.not_found(resource, name)
    return found.object
