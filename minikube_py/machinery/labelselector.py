"""LabelSelector objects ({"matchLabels": ..., "matchExpressions": [...]}): meta/v1 helpers.go and validation."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, invalid_each, required
from minikube_py.machinery.gotext import quote, sorted_map
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import (
    DOES_NOT_EXIST,
    EQUALS,
    EXISTS,
    IN,
    NOT_IN,
    Requirement,
    Selector,
    everything,
    nothing,
    requirement,
)
from minikube_py.machinery.names import label_value
from minikube_py.machinery.objectmeta import validate_label_name, validate_labels

_OPERATORS = {"In": IN, "NotIn": NOT_IN, "Exists": EXISTS, "DoesNotExist": DOES_NOT_EXIST}


def as_selector(selector: Object | None) -> Selector:
    """The selector an object means: None is nothing, an empty one everything. Raises ValueError."""
    if selector is None:
        return nothing()
    match_labels, expressions = selector.get("matchLabels"), selector.get("matchExpressions")
    if not match_labels and not expressions:
        return everything()
    found = [requirement(key, EQUALS, (value,)) for key, value in (match_labels or {}).items()]
    found += [_requirement(expression) for expression in expressions or ()]
    return Selector(found)


def _requirement(expression: Object) -> Requirement:
    wanted = expression.get("operator") or ""
    operator = _OPERATORS.get(wanted)
    if operator is None:
        raise ValueError(f"{quote(wanted)} is not a valid label selector operator")
    return requirement(expression.get("key") or "", operator, expression.get("values") or ())


def format_selector(selector: Object | None) -> str:
    """As tables and kubectl show it: "<none>" if empty, "<error>" if invalid (metav1.FormatLabelSelector)."""
    try:
        return str(as_selector(selector)) or "<none>"
    except ValueError:
        return "<error>"


def in_go_order(selector: Object | None) -> Object | None:
    """The object as Go marshals it, for a bad value in a message."""
    if selector is None:
        return None
    ordered: Object = {}
    if match_labels := selector.get("matchLabels"):
        ordered["matchLabels"] = sorted_map(match_labels)
    if expressions := selector.get("matchExpressions"):
        ordered["matchExpressions"] = [_expression_in_go_order(expression) for expression in expressions]
    return ordered


def _expression_in_go_order(expression: Object) -> Object:
    ordered = {"key": expression.get("key") or "", "operator": expression.get("operator") or ""}
    return {**ordered, "values": expression["values"]} if expression.get("values") else ordered


def validate_label_selector(
    selector: Object | None,
    path: Path,
    *,
    allow_invalid_values: bool = False,
    allow_unknown_operator: bool = False,
) -> ErrorList:
    """`allow_invalid_values` is for objects stored before values were checked."""
    errors: ErrorList = []
    if not selector:
        return errors
    if match_labels := selector.get("matchLabels"):
        errors += validate_labels(match_labels, path.child("matchLabels"))
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        errors += validate_requirement(
            expression,
            path.child("matchExpressions").index(index),
            allow_invalid_values=allow_invalid_values,
            allow_unknown_operator=allow_unknown_operator,
        )
    return errors


def validate_requirement(
    expression: Object, path: Path, *, allow_invalid_values: bool = False, allow_unknown_operator: bool = False
) -> ErrorList:
    """One of matchExpressions."""
    errors = _operator_errors(expression, path, allow_unknown_operator)
    errors += validate_label_name(expression.get("key") or "", path.child("key"))
    if not allow_invalid_values:
        errors += _value_errors(expression.get("values") or [], path.child("values"))
    return errors


def _operator_errors(expression: Object, path: Path, allow_unknown: bool) -> ErrorList:
    operator, values = expression.get("operator") or "", expression.get("values")
    if operator in ("In", "NotIn"):
        detail = "must be specified when `operator` is 'In' or 'NotIn'"
        return [] if values else [required(path.child("values"), detail)]
    if operator in ("Exists", "DoesNotExist"):
        detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        return [forbidden(path.child("values"), detail)] if values else []
    if allow_unknown:
        return []
    return [invalid(path.child("operator"), as_json(operator), "not a valid selector operator")]


def _value_errors(values: list[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, value in enumerate(values):
        if problems := label_value(value):
            errors += invalid_each(path.index(index), value, problems)
    return errors


def go_text(selector: Object | None) -> str:
    """As Go prints a LabelSelector."""
    if selector is None:
        return "nil"
    wanted = sorted((selector.get("matchLabels") or {}).items())
    pairs = "".join(f"{key}: {value}," for key, value in wanted)
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{each['key']},Operator:{each['operator']},"
        f"Values:[{' '.join(each.get('values') or ())}],}},"
        for each in selector.get("matchExpressions") or ()
    )
    requirements = f"[]LabelSelectorRequirement{{{expressions}}}"
    return f"&LabelSelector{{MatchLabels:map[string]string{{{pairs}}},MatchExpressions:{requirements},}}"
