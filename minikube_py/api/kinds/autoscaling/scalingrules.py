"""spec.behavior of a HorizontalPodAutoscaler: how fast it may scale (pkg/apis/autoscaling)."""

from __future__ import annotations

import json
from typing import Any

from minikube_py.machinery import quantity
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, not_supported, required
from minikube_py.machinery.gotext import json_text
from minikube_py.machinery.gvr import Object

_LONGEST_WINDOW = 3600
_LONGEST_PERIOD = 1800
"""Seconds."""
_SELECT_POLICIES = ("Disabled", "Max", "Min")
_POLICY_TYPES = ("Percent", "Pods")

_PERCENT = {"type": "Percent", "value": 100, "periodSeconds": 15}
_PODS = {"type": "Pods", "value": 4, "periodSeconds": 15}


def default_behavior(behavior: Object) -> None:
    """Rules that one part has, the other gets too. Scaling down waits for what the controller is told, unless the
    object says otherwise (pkg/apis/autoscaling/v2 SetDefaults_HorizontalPodAutoscalerBehavior)."""
    up = behavior.setdefault("scaleUp", {})
    up.setdefault("stabilizationWindowSeconds", 0)
    down = behavior.setdefault("scaleDown", {})
    for rules, policies in ((up, (_PODS, _PERCENT)), (down, (_PERCENT,))):
        rules.setdefault("selectPolicy", "Max")
        if rules.get("policies") is None:
            rules["policies"] = [dict(policy) for policy in policies]


def validate_behavior(behavior: Object | None, path: Path) -> ErrorList:
    errors: ErrorList = []
    for name in ("scaleUp", "scaleDown"):
        rules = (behavior or {}).get(name)
        if rules is not None:
            errors += _rules_errors(rules, path.child(name))
    return errors


def _rules_errors(rules: Object, path: Path) -> ErrorList:
    window, select = rules.get("stabilizationWindowSeconds"), rules.get("selectPolicy")
    errors: ErrorList = []
    at = path.child("stabilizationWindowSeconds")
    if window is not None and window < 0:
        errors.append(invalid(at, window, "must be greater than or equal to zero"))
    if window is not None and window > _LONGEST_WINDOW:
        errors.append(invalid(at, window, f"must be less than or equal to {_LONGEST_WINDOW}"))
    if select is not None and select not in _SELECT_POLICIES:
        errors.append(not_supported(path.child("selectPolicy"), as_json(select), _SELECT_POLICIES))
    policies = rules.get("policies") or []
    if not policies:
        errors.append(required(path.child("policies"), "must specify at least one Policy"))
    for index, policy in enumerate(policies):
        errors += _policy_errors(policy, path.child("policies").index(index))
    tolerance = rules.get("tolerance")
    if tolerance is not None and quantity.parse(tolerance).sign() < 0:
        errors.append(invalid(path.child("tolerance"), tolerance, "must be greater than or equal to 0"))
    return errors


def _policy_errors(policy: Object, path: Path) -> ErrorList:
    kind = policy.get("type") or ""
    errors: ErrorList = []
    if kind not in _POLICY_TYPES:
        errors.append(not_supported(path.child("type"), as_json(kind), _POLICY_TYPES))
    for name in ("value", "periodSeconds"):
        number = policy.get(name) or 0
        if number <= 0:
            errors.append(invalid(path.child(name), number, "must be greater than zero"))
    period = policy.get("periodSeconds") or 0
    if period > _LONGEST_PERIOD:
        errors.append(invalid(path.child("periodSeconds"), period, f"must be less than or equal to {_LONGEST_PERIOD}"))
    return errors


def behavior_text(behavior: Object) -> str:
    """As v1's annotation has it: the internal type, which knows no JSON names."""
    return json_text({"ScaleUp": _internal(behavior.get("scaleUp")), "ScaleDown": _internal(behavior.get("scaleDown"))})


def _internal(rules: Object | None) -> Object | None:
    policies = (rules or {}).get("policies")
    return rules and {
        "StabilizationWindowSeconds": rules.get("stabilizationWindowSeconds"),
        "SelectPolicy": rules.get("selectPolicy"),
        "Policies": policies
        and [
            {"Type": each.get("type"), "Value": each.get("value"), "PeriodSeconds": each.get("periodSeconds")}
            for each in policies
        ],
        "Tolerance": rules.get("tolerance"),
    }


def parse_behavior(text: str) -> Object | None:
    """The behavior an annotation tells; None where it tells none, or nonsense."""
    try:
        found = _lower(json.loads(text))
        rules = {name: _external(found.get(name.lower())) for name in ("scaleUp", "scaleDown")}
    except (ValueError, TypeError, AttributeError):
        return None
    return {name: value for name, value in rules.items() if value is not None} or None


def _lower(tree: Any) -> Any:
    """Keys in lower case, as Go reads them."""
    if isinstance(tree, dict):
        return {key.lower(): _lower(value) for key, value in tree.items()}
    return [_lower(each) for each in tree] if isinstance(tree, list) else tree


def _external(rules: Object | None) -> Object | None:
    if rules is None:
        return None
    policies, tolerance = rules.get("policies"), rules.get("tolerance")
    found = {
        "stabilizationWindowSeconds": rules.get("stabilizationwindowseconds"),
        "selectPolicy": rules.get("selectpolicy"),
        "policies": policies
        and [
            {
                "type": each.get("type") or "",
                "value": each.get("value") or 0,
                "periodSeconds": each.get("periodseconds") or 0,
            }
            for each in policies
        ],
        "tolerance": tolerance and quantity.canonicalize(tolerance),
    }
    return {name: value for name, value in found.items() if value is not None and value != []}
