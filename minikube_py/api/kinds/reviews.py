"""Reviews: questions about who somebody is and what they may do (pkg/registry/authentication, authorization)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.api.context import Context, User
from minikube_py.api.kinds.review import bearer, decision
from minikube_py.api.kinds.review.validation import (
    validate_local_review,
    validate_self_review,
    validate_subject_review,
)
from minikube_py.api.registry import metadata as system
from minikube_py.api.resource import Action, Resource
from minikube_py.api.tokens import ISSUER
from minikube_py.machinery import errors
from minikube_py.machinery.field import ErrorList
from minikube_py.machinery.gvr import Object

_AUTHORIZATION = "authorization.k8s.io"
_AUTHENTICATION = "authentication.k8s.io"


def _received(ctx: Context, review: Object) -> Object:
    """What every created object goes through before its kind sees it."""
    metadata = review["metadata"]
    system.wipe_system_fields(metadata)
    system.ensure_namespace(ctx, metadata)
    return ctx.registry.field_manager(ctx.resource, None).update(None, review, ctx.field_manager, ctx.now)


def _access_review(check: Callable[[Object], ErrorList], subject: Callable[[Context, Object], User]) -> Action:
    async def answer(ctx: Context, review: Object) -> Object:
        review = _received(ctx, review)
        if found := check(review):
            # Upstream names the kind by a field that decoding has emptied.
            raise errors.invalid(_AUTHORIZATION, "", "", found)
        await ctx.registry.admission.validate(ctx, review, None)
        return {**review, "status": decision.access(subject(ctx, review))}

    return answer


def _caller(ctx: Context, review: Object) -> User:
    return ctx.user


def _named(ctx: Context, review: Object) -> User:
    spec = review["spec"]
    return User(spec.get("user") or "", tuple(spec.get("groups") or ()), spec.get("uid") or "")


async def review_rules(ctx: Context, review: Object) -> Object:
    if not review["spec"].get("namespace"):
        raise errors.bad_request("no namespace on request")
    await ctx.registry.admission.validate(ctx, _received(ctx, review), None)
    head = {"kind": review["kind"], "apiVersion": review["apiVersion"]}
    return {**head, "metadata": {}, "spec": {}, "status": decision.rules(ctx.user)}


async def review_token(ctx: Context, review: Object) -> Object:
    spec = review["spec"]
    if not spec.get("token"):
        raise errors.bad_request("token is required for TokenReview in authentication")
    review = _received(ctx, review)
    await ctx.registry.admission.validate(ctx, review, None)
    audiences = spec.get("audiences") or [ISSUER]
    try:
        user, matching = bearer.user_of_token(ctx, spec["token"], audiences)
    except bearer.Rejected as error:
        return {**review, "status": {"user": {}, "error": str(error)}}
    status = {"authenticated": True, "user": decision.user_info(user), "audiences": matching}
    return {**review, "status": status}


async def review_self(ctx: Context, review: Object) -> Object:
    """Answers a new object, not the one that was sent."""
    await ctx.registry.admission.validate(ctx, _received(ctx, review), None)
    return {
        "kind": review["kind"],
        "apiVersion": review["apiVersion"],
        "metadata": {"creationTimestamp": ctx.now},
        "status": {"userInfo": decision.user_info(ctx.user)},
    }


def _review(group: str, kind: str, action: Action, *, namespaced: bool = False) -> Resource:
    plural = f"{kind.lower()}s"
    return Resource(group, "v1", plural, kind, namespaced=namespaced, verbs=("create",), create=action)


RESOURCES = (
    _review(_AUTHENTICATION, "SelfSubjectReview", review_self),
    _review(_AUTHENTICATION, "TokenReview", review_token),
    _review(_AUTHORIZATION, "LocalSubjectAccessReview", _access_review(validate_local_review, _named), namespaced=True),
    _review(_AUTHORIZATION, "SelfSubjectAccessReview", _access_review(validate_self_review, _caller)),
    _review(_AUTHORIZATION, "SelfSubjectRulesReview", review_rules),
    _review(_AUTHORIZATION, "SubjectAccessReview", _access_review(validate_subject_review, _named)),
)
