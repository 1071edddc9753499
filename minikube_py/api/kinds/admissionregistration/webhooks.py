"""A webhook of a configuration (pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minikube_py.api.kinds.admissionregistration.clients import default_service, validate_client_config
from minikube_py.api.kinds.admissionregistration.conditions import validate_match_conditions
from minikube_py.api.kinds.admissionregistration.rules import default_match_resources, default_rules, validate_rule
from minikube_py.machinery.domainnames import fully_qualified_name
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labelselector import validate_label_selector
from minikube_py.machinery.names import dns1035_label

_FAILURE_POLICIES = ("Fail", "Ignore")
_MATCH_POLICIES = ("Equivalent", "Exact")
_REINVOCATION_POLICIES = ("IfNeeded", "Never")
_NO_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_SIDE_EFFECTS = ("None", "NoneOnDryRun", "Some", "Unknown")
_REVIEW_VERSIONS = ("v1", "v1beta1")
_DEFAULT_TIMEOUT, _LONGEST_TIMEOUT = 10, 30
"""Seconds."""
_SELECTORS = ("namespaceSelector", "objectSelector")


class Demands(NamedTuple):
    """Which of the younger rules hold: all for a new configuration, else those that the stored one fulfils."""

    no_side_effects: bool = True
    known_review_version: bool = True
    unique_names: bool = True
    valid_selectors: bool = True
    match_conditions: bool = True

    @staticmethod
    def after(old: Sequence[Object], new: Sequence[Object]) -> Demands:
        names = [webhook.get("name") or "" for webhook in old]
        unchanged = [each.get("matchConditions") for each in old] == [each.get("matchConditions") for each in new]
        return Demands(
            no_side_effects=all(webhook.get("sideEffects") in _NO_SIDE_EFFECTS for webhook in old),
            known_review_version=all(
                set(_REVIEW_VERSIONS).intersection(webhook.get("admissionReviewVersions") or ()) for webhook in old
            ),
            unique_names=len(set(names)) == len(names),
            valid_selectors=not any(
                validate_label_selector(webhook.get(name), Path(name)) for webhook in old for name in _SELECTORS
            ),
            match_conditions=not unchanged,
        )


def default_webhook(webhook: Object, mutating: bool) -> None:
    if webhook.get("failurePolicy") is None:
        webhook["failurePolicy"] = "Fail"
    default_match_resources(webhook)
    default_rules(webhook.get("rules"))
    if webhook.get("timeoutSeconds") is None:
        webhook["timeoutSeconds"] = _DEFAULT_TIMEOUT
    if mutating and webhook.get("reinvocationPolicy") is None:
        webhook["reinvocationPolicy"] = "Never"
    default_service(webhook.get("clientConfig"))


def validate_webhook(webhook: Object, demands: Demands, path: Path) -> ErrorList:
    errors = fully_qualified_name(path.child("name"), webhook.get("name") or "")
    for index, rule in enumerate(webhook.get("rules") or ()):
        errors += validate_rule(rule, path.child("rules").index(index))
    errors += _choice_errors(webhook, "failurePolicy", _FAILURE_POLICIES, path)
    errors += _choice_errors(webhook, "matchPolicy", _MATCH_POLICIES, path)
    allowed = _NO_SIDE_EFFECTS if demands.no_side_effects else _SIDE_EFFECTS
    if webhook.get("sideEffects") is None:
        errors.append(required(path.child("sideEffects"), f"must specify one of {', '.join(allowed)}"))
    errors += _choice_errors(webhook, "sideEffects", allowed, path)
    timeout = webhook.get("timeoutSeconds")
    if timeout is not None and not 1 <= timeout <= _LONGEST_TIMEOUT:
        detail = "the timeout value must be between 1 and 30 seconds"
        errors.append(invalid(path.child("timeoutSeconds"), timeout, detail))
    for name in _SELECTORS:
        errors += validate_label_selector(
            webhook.get(name), path.child(name), allow_invalid_values=not demands.valid_selectors
        )
    errors += _choice_errors(webhook, "reinvocationPolicy", _REINVOCATION_POLICIES, path)
    errors += validate_client_config(webhook.get("clientConfig") or {}, path.child("clientConfig"))
    if demands.match_conditions:
        errors += validate_match_conditions(webhook.get("matchConditions") or [], path.child("matchConditions"))
    versions = webhook.get("admissionReviewVersions") or []
    return errors + _review_version_errors(versions, demands, path.child("admissionReviewVersions"))


def _choice_errors(webhook: Object, name: str, choices: Sequence[str], path: Path) -> ErrorList:
    value = webhook.get(name)
    if value is None or value in choices:
        return []
    return [not_supported(path.child(name), as_json(value), choices)]


def _review_version_errors(versions: list[str], demands: Demands, path: Path) -> ErrorList:
    known = ", ".join(_REVIEW_VERSIONS)
    if not versions:
        return [required(path, f"must specify one of {known}")]
    errors: ErrorList = []
    for index, version in enumerate(versions):
        if version in versions[:index]:
            errors.append(invalid(path.index(index), version, "duplicate version"))
        else:
            errors += invalid_each(path.index(index), version, dns1035_label(version))
    if demands.known_review_version and not set(_REVIEW_VERSIONS).intersection(versions):
        errors.append(invalid(path, versions, f"must include at least one of {known}"))
    return errors
