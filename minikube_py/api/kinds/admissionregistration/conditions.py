"""Match conditions, variables and validations: the parts of webhooks and policies that carry expressions
(pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    duplicate,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_many,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, qualified_name

_MOST_CONDITIONS = 64
_MOST_ANNOTATIONS = 20
_LONGEST_VALUE = 5 * 1024
"""Bytes of an audit annotation's expression."""
_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_NOT_SPECIFIED = "expression is not specified"
_is_identifier = re.compile("[_a-zA-Z][_a-zA-Z0-9]*").fullmatch
_RESERVED = frozenset(
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    }
)  # fmt: skip


def validate_match_conditions(conditions: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    if len(conditions) > _MOST_CONDITIONS:
        errors.append(too_many(path, len(conditions), _MOST_CONDITIONS))
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        at, name = path.index(index), condition.get("name") or ""
        if not (condition.get("expression") or "").strip():
            errors.append(required(at.child("expression")))
        errors += invalid_each(at.child("name"), name, qualified_name(name)) if name else [required(at.child("name"))]
        if name in seen:
            errors.append(duplicate(at.child("name"), name))
        if name:
            seen.add(name)
    return errors


def validate_variables(variables: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, variable in enumerate(variables):
        at, name = path.index(index), variable.get("name") or ""
        if not name.strip():
            errors.append(required(at.child("name"), "name is not specified"))
        elif not _is_identifier(name) or name in _RESERVED:
            errors.append(invalid(at.child("name"), name, "must be a valid CEL identifier"))
        if not (variable.get("expression") or "").strip():
            errors.append(required(at.child("expression"), _NOT_SPECIFIED))
    return errors


def validate_validations(validations: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, validation in enumerate(validations):
        at = path.index(index)
        message, reason = validation.get("message") or "", validation.get("reason")
        message_expression = validation.get("messageExpression") or ""
        if not (validation.get("expression") or "").strip():
            errors.append(required(at.child("expression"), _NOT_SPECIFIED))
        if message_expression and not message_expression.strip():
            detail = "must be non-empty if specified"
            errors.append(invalid(at.child("messageExpression"), message_expression, detail))
        if message and not message.strip():
            errors.append(invalid(at.child("message"), message, "must be non-empty if specified"))
        elif "\n" in message.strip() or "\r" in message.strip():
            errors.append(invalid(at.child("message"), message, "must not contain line breaks"))
        if reason is not None and reason not in _REASONS:
            errors.append(not_supported(at.child("reason"), as_json(reason), _REASONS))
    return errors


def validate_audit_annotations(annotations: Sequence[Object], policy: str, path: Path) -> ErrorList:
    """`policy` is the policy's name, which their keys begin with."""
    errors: ErrorList = []
    if len(annotations) > _MOST_ANNOTATIONS:
        names = {"Key": "key", "ValueExpression": "valueExpression"}
        shown = [{go: each.get(name) or "" for go, name in names.items()} for each in annotations]
        errors.append(invalid(path, shown, f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations"))
    seen: set[str] = set()
    for index, annotation in enumerate(annotations):
        at, key = path.index(index), annotation.get("key") or ""
        errors += _key_errors(policy, key, at.child("key"))
        value = (annotation.get("valueExpression") or "").strip()
        if not value:
            errors.append(required(at.child("valueExpression"), "valueExpression is not specified"))
        elif byte_length(value) > _LONGEST_VALUE:
            detail = f"must not exceed {_LONGEST_VALUE} bytes in length"
            errors.append(required(at.child("valueExpression"), detail))
        if key in seen:
            errors.append(duplicate(at.child("key"), key))
        seen.add(key)
    return errors


def _key_errors(policy: str, key: str, path: Path) -> ErrorList:
    if not policy:
        return [invalid(path, key, "requires metadata.name be non-empty")]
    whole = f"{policy}/{key}"
    return invalid_each(path, whole, qualified_name(whole))
