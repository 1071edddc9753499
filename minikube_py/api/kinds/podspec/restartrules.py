"""Restart policies of single containers, and their rules by exit code."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, not_supported, required, too_many
from minikube_py.machinery.gvr import Object

_POLICIES = ("Always", "Never", "OnFailure")
_ACTIONS = ("Restart", "RestartAllContainers")
_OPERATORS = ("In", "NotIn")
_RULES_MAXIMUM = 20
_CODES_MAXIMUM = 255


def restart_policy_errors(container: Object, path: Path) -> ErrorList:
    """`restartPolicy` and `restartPolicyRules` of the container at `path`."""
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or ()
    errors: ErrorList = []
    if policy is None:
        if rules:
            detail = "must specify restartPolicy when restart rules are used"
            errors.append(required(path.child("restartPolicy"), detail))
    elif policy not in _POLICIES:
        errors.append(not_supported(path.child("restartPolicy"), policy, _POLICIES))
    if len(rules) > _RULES_MAXIMUM:
        errors.append(too_many(path.child("restartPolicyRules"), len(rules), _RULES_MAXIMUM))
    for index, rule in enumerate(rules):
        errors += _rule_errors(rule, path.child("restartPolicyRules").index(index))
    return errors


def _rule_errors(rule: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if (action := rule.get("action") or "") not in _ACTIONS:
        errors.append(not_supported(path.child("action"), action, _ACTIONS))
    codes = rule.get("exitCodes")
    if codes is None:
        return [*errors, required(path.child("exitCodes"), "must be specified")]
    if (operator := codes.get("operator") or "") not in _OPERATORS:
        errors.append(not_supported(path.child("exitCodes", "operator"), operator, _OPERATORS))
    if len(values := codes.get("values") or ()) > _CODES_MAXIMUM:
        errors.append(too_many(path.child("exitCodes", "values"), len(values), _CODES_MAXIMUM))
    return errors
