"""CertificateSigningRequest: a wish for a certificate, its approval and the certificate
(pkg/registry/certificates/certificates)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.certificates.requests import (
    APPROVED,
    DENIED,
    FAILED,
    Rights,
    certificate_of,
    conditions_of,
    validate_changes,
    validate_request,
)
from minikube_py.api.kinds.review.decision import user_info
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, Strategy, UpdateStrategy
from minikube_py.machinery.duration import human_duration
from minikube_py.machinery.field import ErrorList
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_kube_object_meta, validate_kube_object_meta_update

_USER = ("username", "uid", "groups", "extra")


class CertificateSigningRequestStrategy(Strategy):
    reset_fields = (("spec",), ("status",))

    def default(self, obj: Object) -> None:
        obj.setdefault("spec", {})

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        """Anything goes."""
        return []

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        """Whoever asks is who the certificate is for."""
        spec = {name: value for name, value in obj["spec"].items() if name not in _USER}
        obj["spec"] = {**spec, **user_info(ctx.user)}
        obj["status"] = {}

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        obj["spec"], obj["status"] = old["spec"], old.get("status") or {}

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*_metadata_errors(self, obj), *validate_request(obj, None)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return _update_errors(self, obj, old, Rights())


class CertificateStatusStrategy(UpdateStrategy):
    """Sets the certificate, and conditions but for the decision."""

    reset_fields = (("spec",), ("status", "conditions"))

    def __init__(self, main: Strategy) -> None:
        self.main = main

    def default(self, obj: Object) -> None:
        self.main.default(obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        obj["spec"] = old["spec"]
        for kind in (APPROVED, DENIED):
            _keep_conditions(obj, old, kind)
        _stamp_conditions(ctx, obj, old)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return _update_errors(self.main, obj, old, Rights(certificate=True))


class ApprovalStrategy(UpdateStrategy):
    """Sets conditions alone."""

    reset_fields = (("spec",), ("status", "certificate"))

    def __init__(self, main: Strategy) -> None:
        self.main = main

    def default(self, obj: Object) -> None:
        self.main.default(obj)

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        _stamp_conditions(ctx, obj, old)
        conditions = conditions_of(obj)
        obj["spec"] = old["spec"]
        kept = {name: value for name, value in (old.get("status") or {}).items() if name != "conditions"}
        obj["status"] = {"conditions": conditions, **kept} if conditions else kept

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return _update_errors(self.main, obj, old, Rights(conditions=True))


def _metadata_errors(strategy: Strategy, obj: Object) -> ErrorList:
    return validate_kube_object_meta(obj["metadata"], False, strategy.validate_name, METADATA)


def _update_errors(strategy: Strategy, obj: Object, old: Object, rights: Rights) -> ErrorList:
    return [
        *_metadata_errors(strategy, obj),
        *validate_request(obj, old),
        *validate_changes(obj, old, rights),
        *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
    ]


def _keep_conditions(obj: Object, old: Object, kind: str) -> None:
    """The stored conditions of a type stand for the new ones, if there are as many."""
    conditions = list(conditions_of(obj))
    places = [index for index, each in enumerate(conditions) if each.get("type") == kind]
    stored = [each for each in conditions_of(old) if each.get("type") == kind]
    if not places or len(places) != len(stored):
        return
    for index, condition in zip(places, stored, strict=True):
        conditions[index] = condition
    obj["status"] = {**obj["status"], "conditions": conditions}


def _stamp_conditions(ctx: Context, obj: Object, old: Object) -> None:
    """Times that are not told: now, or when the condition became what it is."""
    if not conditions_of(obj):
        return
    since = {
        (each.get("type"), each.get("status")): each["lastTransitionTime"]
        for each in reversed(conditions_of(old))
        if each.get("lastTransitionTime")
    }
    stamped = []
    for condition in conditions_of(obj):
        transition = since.get((condition.get("type"), condition.get("status")), ctx.now)
        times = {
            "lastUpdateTime": condition.get("lastUpdateTime") or ctx.now,
            "lastTransitionTime": condition.get("lastTransitionTime") or transition,
        }
        stamped.append({**condition, **times})
    obj["status"] = {**obj["status"], "conditions": stamped}


def cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    seconds = spec.get("expirationSeconds")
    return [
        obj["metadata"]["name"],
        age(obj),
        spec.get("signerName") or "<none>",
        spec.get("username") or "",
        "<none>" if seconds is None else human_duration(seconds),
        condition_text(obj),
    ]


def condition_text(obj: Object) -> str:
    """ "Pending", "Approved,Issued", "Denied", "Approved,Failed"."""
    types = {condition.get("type") for condition in conditions_of(obj)}
    states = [DENIED if DENIED in types else APPROVED if APPROVED in types else "Pending"]
    if FAILED in types:
        states.append(FAILED)
    return ",".join([*states, *(["Issued"] if certificate_of(obj) else [])])


_STRATEGY = CertificateSigningRequestStrategy()
_DOC = "io.k8s.api.certificates.v1.CertificateSigningRequest"

RESOURCES = (
    Resource(
        group="certificates.k8s.io",
        version="v1",
        plural="certificatesigningrequests",
        kind="CertificateSigningRequest",
        namespaced=False,
        short_names=("csr",),
        strategy=_STRATEGY,
        subresources=(
            Subresource("approval", strategy=ApprovalStrategy(_STRATEGY)),
            Subresource("status", strategy=CertificateStatusStrategy(_STRATEGY)),
        ),
        columns=(
            NAME,
            AGE,
            Column("SignerName", doc=f"{_DOC}Spec#signerName"),
            Column("Requestor", doc=f"{_DOC}Spec#request"),
            Column("RequestedDuration", doc=f"{_DOC}Spec#expirationSeconds"),
            Column("Condition", doc=f"{_DOC}Status#conditions"),
        ),
        cells=cells,
        fields={"spec.signerName": lambda obj: (obj.get("spec") or {}).get("signerName") or ""},
    ),
)
