"""A Job's podFailurePolicy and successPolicy (pkg/apis/batch/validation)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from minikube_py.api.kinds.workload.counts import validate_nonnegative
from minikube_py.api.kinds.workload.indexes import count_indexes
from minikube_py.machinery.field import (
    OMITTED,
    ErrorList,
    FieldError,
    Path,
    as_json,
    duplicate,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_long,
    too_many,
)
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, qualified_name

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MOST_RULES = 20
_MOST_PATTERNS = 20
_MOST_EXIT_CODES = 255
_LONGEST_INDEXES = 64 * 1024
"""Bytes."""


def default_failure_policy(spec: Object) -> None:
    """Conditions are meant to be True (SetDefaults_PodFailurePolicyOnPodConditionsPattern)."""
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"


def validate_failure_policy(spec: Object, path: Path) -> ErrorList:
    """Errors of spec.podFailurePolicy at `path`."""
    rules = spec["podFailurePolicy"].get("rules") or []
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = {each.get("name") for name in ("containers", "initContainers") for each in pod.get(name) or ()}
    at = path.child("rules")
    errors: ErrorList = []
    if len(rules) > _MOST_RULES:
        errors.append(too_many(at, len(rules), _MOST_RULES))
    for index, rule in enumerate(rules):
        errors += _rule_errors(rule, at.index(index), spec.get("backoffLimitPerIndex") is not None, containers)
    return errors


def _rule_errors(rule: Object, path: Path, per_index: bool, containers: set[Any]) -> ErrorList:
    action = rule.get("action") or ""
    at = path.child("action")
    errors: ErrorList = []
    if action == "FailIndex":
        if not per_index:
            errors.append(invalid(at, as_json(action), "requires the backoffLimitPerIndex to be set"))
    else:
        errors += _choice_errors(action, _ACTIONS, at)
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or []
    if codes is not None:
        errors += _exit_code_errors(codes, path.child("onExitCodes"), containers)
    if conditions:
        errors += _condition_errors(conditions, path.child("onPodConditions"))
    if codes is not None and conditions:
        errors.append(_about(path, "specifying both OnExitCodes and OnPodConditions is not supported"))
    if codes is None and not conditions:
        errors.append(_about(path, "specifying one of OnExitCodes and OnPodConditions is required"))
    return errors


def _about(path: Path, detail: str) -> FieldError:
    return invalid(path, OMITTED, detail)


def _choice_errors(value: str, choices: Sequence[str], path: Path) -> ErrorList:
    """A value that must be given and be one of these."""
    if not value:
        return [required(path, f"valid values: [{' '.join(map(quote, choices))}]")]
    return [] if value in choices else [not_supported(path, as_json(value), choices)]


def _condition_errors(patterns: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    if len(patterns) > _MOST_PATTERNS:
        errors.append(too_many(path, len(patterns), _MOST_PATTERNS))
    for index, pattern in enumerate(patterns):
        at = path.index(index)
        kind = pattern.get("type") or ""
        errors += invalid_each(at.child("type"), kind, qualified_name(kind))
        errors += _choice_errors(pattern.get("status") or "", _STATUSES, at.child("status"))
    return errors


def _exit_code_errors(codes: Object, path: Path, containers: set[Any]) -> ErrorList:
    operator, values = codes.get("operator") or "", codes.get("values") or []
    errors = _choice_errors(operator, _OPERATORS, path.child("operator"))
    container = codes.get("containerName")
    if container is not None and container not in containers:
        detail = "must be one of the container or initContainer names in the pod template"
        errors.append(invalid(path.child("containerName"), container, detail))
    at = path.child("values")
    if not values:
        errors.append(invalid(at, values, "at least one value is required"))
    elif len(values) > _MOST_EXIT_CODES:
        errors.append(too_many(at, len(values), _MOST_EXIT_CODES))
    for index, value in enumerate(values):
        if operator == "In" and value == 0:
            errors.append(invalid(at.index(index), value, "must not be 0 for the In operator"))
        if value in values[:index]:
            errors.append(duplicate(at.index(index), value))
    if any(before > after for before, after in itertools.pairwise(values)):
        errors.append(invalid(at, values, "must be ordered"))
    return errors


def validate_success_policy(spec: Object, path: Path) -> ErrorList:
    """Errors of spec.successPolicy at `path`, of an Indexed Job."""
    rules = spec["successPolicy"].get("rules") or []
    at = path.child("rules")
    errors: ErrorList = []
    if not rules:
        errors.append(required(at, "at least one rules must be specified when the successPolicy is specified"))
    if len(rules) > _MOST_RULES:
        errors.append(too_many(at, len(rules), _MOST_RULES))
    for index, rule in enumerate(rules):
        errors += _success_rule_errors(rule, at.index(index), spec.get("completions") or 0)
    return errors


def _success_rule_errors(rule: Object, path: Path, completions: int) -> ErrorList:
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    errors: ErrorList = []
    if count is None and indexes is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        errors.append(required(path, detail))
    named = 0
    if indexes is not None:
        at = path.child("succeededIndexes")
        if byte_length(indexes) > _LONGEST_INDEXES:
            errors.append(too_long(at, _LONGEST_INDEXES))
        try:
            named = count_indexes(indexes, completions)
        except ValueError as error:
            errors.append(invalid(at, indexes, f"error parsing succeededIndexes: {error}"))
    if count is not None:
        errors += validate_nonnegative(rule, path, "succeededCount")
        most = "must be less than or equal to {} (the number of {})"
        if count > completions:
            detail = most.format(completions, "specified completions")
            errors.append(invalid(path.child("succeededCount"), count, detail))
        if indexes is not None and count > named:
            detail = most.format(named, "indexes in the specified succeededIndexes field")
            errors.append(invalid(path.child("succeededCount"), count, detail))
    return errors


def internal_failure_policy(policy: Object | None) -> Object | None:
    """As upstream's internal type prints it."""
    return policy and {"Rules": [_internal_rule(rule) for rule in policy.get("rules") or []]}


def _internal_rule(rule: Object) -> Object:
    codes = rule.get("onExitCodes")
    return {
        "Action": rule.get("action") or "",
        "OnExitCodes": codes
        and {
            "ContainerName": codes.get("containerName"),
            "Operator": codes.get("operator") or "",
            "Values": codes.get("values"),
        },
        "OnPodConditions": [
            {"Type": each.get("type") or "", "Status": each.get("status") or ""}
            for each in rule.get("onPodConditions") or ()
        ]
        or None,
    }


def internal_success_policy(policy: Object | None) -> Object | None:
    """As upstream's internal type prints it."""
    return policy and {
        "Rules": [
            {"SucceededIndexes": rule.get("succeededIndexes"), "SucceededCount": rule.get("succeededCount")}
            for rule in policy.get("rules") or ()
        ]
    }
