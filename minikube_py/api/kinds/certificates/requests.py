"""A certificate signing request's spec and conditions (pkg/apis/certificates/validation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.api.kinds.certificates.pem import certificates_problem, request_problem
from minikube_py.api.kinds.certificates.signers import validate_signer_name
from minikube_py.api.kinds.podspec.godiff import diff
from minikube_py.machinery.field import (
    ErrorList,
    FieldError,
    Path,
    as_json,
    forbidden,
    invalid,
    not_supported,
    required,
)
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object

APPROVED, DENIED, FAILED = "Approved", "Denied", "Failed"
_DECISIONS = (APPROVED, DENIED)
_FINAL = (APPROVED, DENIED, FAILED)
"""Conditions that are true or not there."""
_SPEC = Path("spec")
_CONDITIONS = Path("status", "conditions")
_CERTIFICATE = Path("status", "certificate")
_LEGACY_SIGNER = "kubernetes.io/legacy-unknown"
_SHORTEST = 600
"""Seconds."""
_STATUSES = ("False", "True", "Unknown")
_USAGES = (
    "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
    "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
    "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
    "server auth", "signing", "timestamping",
)  # fmt: skip


class Rights(NamedTuple):
    """What one way to update a request may change."""

    conditions: bool = False
    certificate: bool = False


def conditions_of(obj: Object) -> list[Object]:
    return (obj.get("status") or {}).get("conditions") or []


def _of_type(obj: Object, kind: str) -> list[Object]:
    return [condition for condition in conditions_of(obj) if condition.get("type") == kind]


def certificate_of(obj: Object) -> str:
    return (obj.get("status") or {}).get("certificate") or ""


def validate_request(obj: Object, old: Object | None) -> ErrorList:
    """All but the metadata. Mistakes that are stored already may stay."""
    spec, old_spec = obj["spec"], (old or {}).get("spec") or {}
    signer, seconds = spec.get("signerName") or "", spec.get("expirationSeconds")
    errors: ErrorList = []
    if problem := request_problem(spec.get("request") or ""):
        errors.append(invalid(_SPEC.child("request"), as_json(spec.get("request")), problem))
    errors += _usage_errors(spec.get("usages") or [], old_spec.get("usages") or [])
    at = _SPEC.child("signerName")
    if signer == _LEGACY_SIGNER and old_spec.get("signerName") != _LEGACY_SIGNER:
        errors.append(invalid(at, signer, "the legacy signerName is not allowed via this API version"))
    else:
        errors += validate_signer_name(signer, at)
    if seconds is not None and seconds < _SHORTEST:
        detail = "may not specify a duration less than 600 seconds (10 minutes)"
        errors.append(invalid(_SPEC.child("expirationSeconds"), seconds, detail))
    errors += _condition_errors(conditions_of(obj), conditions_of(old or {}))
    certificate, before = certificate_of(obj), certificate_of(old or {})
    unchecked = old is not None and (certificate == before or certificates_problem(before))
    if not unchecked and (problem := certificates_problem(certificate)):
        errors.append(invalid(_CERTIFICATE, "<certificate data>", problem))
    return errors


def _usage_errors(usages: Sequence[str], old: Sequence[str]) -> ErrorList:
    at = _SPEC.child("usages")
    errors: ErrorList = [] if usages else [required(at)]
    if set(old).issubset(_USAGES):
        errors += [
            not_supported(at.index(index), as_json(usage), _USAGES)
            for index, usage in enumerate(usages)
            if usage not in _USAGES
        ]
    if len(set(old)) == len(old):
        errors += [
            FieldError("FieldValueDuplicate", at.index(index), as_json(usage), "")
            for index, usage in enumerate(usages)
            if usage in usages[:index]
        ]
    return errors


def _condition_errors(conditions: Sequence[Object], old: Sequence[Object]) -> ErrorList:
    types = [condition.get("type") or "" for condition in conditions]
    old_types = [condition.get("type") or "" for condition in old]
    errors: ErrorList = []
    for index, condition in enumerate(conditions):
        at, kind, status = _CONDITIONS.index(index), types[index], condition.get("status") or ""
        if not kind and "" not in old_types:
            errors.append(required(at.child("type")))
        allowed = ("True",) if kind in _FINAL else _STATUSES
        if not status:
            errors.append(required(at.child("status")))
        elif status not in allowed:
            errors.append(not_supported(at.child("status"), as_json(status), allowed))
        contrary = {APPROVED: DENIED, DENIED: APPROVED}.get(kind)
        if contrary in types[:index] and not set(_DECISIONS).issubset(old_types):
            detail = "Approved and Denied conditions are mutually exclusive"
            errors.append(invalid(_CONDITIONS, as_json(kind), detail))
        if kind in types[:index] and len(set(old_types)) == len(old_types):
            errors.append(FieldError("FieldValueDuplicate", at.child("type"), as_json(kind), ""))
    return errors


def validate_changes(obj: Object, old: Object, rights: Rights) -> ErrorList:
    errors: ErrorList = []
    for kind in _FINAL:
        if len(_of_type(obj, kind)) < len(_of_type(old, kind)):
            errors.append(forbidden(_CONDITIONS, f"updates may not remove a condition of type {quote(kind)}"))
    for kind in () if rights.conditions else _DECISIONS:
        new, before = _of_type(obj, kind), _of_type(old, kind)
        if len(new) > len(before):
            errors.append(forbidden(_CONDITIONS, f"updates may not add a condition of type {quote(kind)}"))
        elif len(new) == len(before) and new != before:
            detail = f"updates may not modify a condition of type {quote(kind)}\n{diff(before, new)}"
            errors.append(forbidden(_CONDITIONS, detail))
    certificate, before_certificate = certificate_of(obj), certificate_of(old)
    if certificate != before_certificate:
        if not rights.certificate:
            errors.append(forbidden(_CERTIFICATE, "updates may not set certificate content"))
        elif before_certificate:
            errors.append(forbidden(_CERTIFICATE, "updates may not modify existing certificate content"))
    return errors
