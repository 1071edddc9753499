"""The form of x-kubernetes-validations; what their expressions mean is not looked at.

`validate_rules` is where upstream compiles them, and estimates what they cost (validation.go).
"""

from __future__ import annotations

import re

from minikube_py.api.customresources.structural import VALIDATIONS, Structural
from minikube_py.api.kinds.apiextensions.fieldpath import resolve
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, not_supported, required
from minikube_py.machinery.gvr import Object

_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")


def validate_rules(schema: Object, path: Path) -> ErrorList:
    """Errors of the rules of one node of a schema."""
    errors: ErrorList = []
    for index, rule in enumerate(schema.get(VALIDATIONS) or ()):
        errors += _rule_errors(rule, schema, path.child(VALIDATIONS).index(index))
    return errors


def _rule_errors(rule: Object, schema: Object, path: Path) -> ErrorList:
    errors = _text_errors(rule, path)
    expression = rule.get("messageExpression") or ""
    if expression and not expression.strip():
        errors.append(required(path.child("messageExpression"), "messageExpression must be non-empty if specified"))
    reason = rule.get("reason")
    if reason is not None and reason not in _REASONS:
        errors.append(not_supported(path.child("reason"), as_json(reason), _REASONS))
    field = rule.get("fieldPath") or ""
    if field and not field.strip():
        errors.append(invalid(path.child("fieldPath"), field, "must be non-empty if specified"))
    if _lines(field):
        errors.append(invalid(path.child("fieldPath"), field, "must not contain line breaks"))
    if field and not _leads(field, schema):
        errors.append(invalid(path.child("fieldPath"), field, "must be a valid path"))
    return errors


def _leads(field: str, schema: Object) -> bool:
    try:
        resolve(field, Structural(schema), brackets=True)
    except ValueError:
        return False
    return True


def _text_errors(rule: Object, path: Path) -> ErrorList:
    """Of the rule and its message, the first that is wrong."""
    text, message = rule.get("rule") or "", rule.get("message") or ""
    if not text.strip():
        return [required(path.child("rule"), "rule is not specified")]
    if message and not message.strip():
        return [invalid(path.child("message"), message, "must be non-empty if specified")]
    if _lines(message.strip()):
        return [invalid(path.child("message"), message, "must not contain line breaks")]
    if _lines(text.strip()) and not message.strip():
        return [required(path.child("message"), "message must be specified if rule contains line breaks")]
    return []


def _lines(text: str) -> bool:
    return re.search(r"[\n\r]", text) is not None
