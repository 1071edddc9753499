"""Which requests a webhook or a policy is about (pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.field import (
    ErrorList,
    FieldError,
    Path,
    as_json,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labelselector import validate_label_selector
from minikube_py.machinery.names import path_segment_name

_ANY = "*"
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_MUTATING_OPERATIONS = ("*", "CONNECT", "CREATE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_MATCH_POLICIES = ("Equivalent", "Exact")
_RULES = ("resourceRules", "excludeResourceRules")


def default_rules(rules: Sequence[Object] | None) -> None:
    for rule in rules or ():
        if rule.get("scope") is None:
            rule["scope"] = _ANY


def default_match_resources(match: Object | None) -> None:
    if match is None:
        return
    if match.get("matchPolicy") is None:
        match["matchPolicy"] = "Equivalent"
    for name in ("namespaceSelector", "objectSelector"):
        if match.get(name) is None:
            match[name] = {}
    for name in _RULES:
        default_rules(match.get(name))


def validate_rule(rule: Object, path: Path) -> ErrorList:
    """A RuleWithOperations."""
    operations = rule.get("operations") or []
    at = path.child("operations")
    errors: ErrorList = [] if operations else [required(at)]
    if len(operations) > 1 and _ANY in operations:
        errors.append(invalid(at, operations, "if '*' is present, must not specify other operations"))
    errors += [
        not_supported(at.index(index), as_json(operation), _OPERATIONS)
        for index, operation in enumerate(operations)
        if operation not in _OPERATIONS
    ]
    errors += _exclusive_errors(rule.get("apiGroups") or [], path.child("apiGroups"), "API groups")
    versions = rule.get("apiVersions") or []
    errors += _exclusive_errors(versions, path.child("apiVersions"), "API versions")
    errors += [required(path.child("apiVersions").index(index)) for index, each in enumerate(versions) if not each]
    errors += _resources_errors(rule.get("resources") or [], path.child("resources"))
    scope = rule.get("scope")
    if scope is not None and scope not in _SCOPES:
        errors.append(not_supported(path.child("scope"), as_json(scope), _SCOPES))
    return errors


def _exclusive_errors(values: list[str], path: Path, what: str) -> ErrorList:
    if not values:
        return [required(path)]
    if len(values) > 1 and _ANY in values:
        return [invalid(path, values, f"if '*' is present, must not specify other {what}")]
    return []


def _resources_errors(resources: list[str], path: Path) -> ErrorList:
    """Wildcards must not repeat what others say: "x/*" beside "x/y", "*/*" beside anything."""
    if not resources:
        return [required(path)]
    errors: ErrorList = []
    with_any_subresource: set[str] = set()
    of_any_resource: set[str] = set()
    plain = False
    for index, text in enumerate(resources):
        resource, slash, subresource = text.partition("/")
        if not text:
            errors.append(required(path.index(index)))
        elif not slash:
            plain = text != _ANY
        else:
            if resource in with_any_subresource:
                detail = f"if '{resource}/*' is present, must not specify {text}"
                errors.append(invalid(path.index(index), text, detail))
            if subresource in of_any_resource:
                detail = f"if '*/{subresource}' is present, must not specify {text}"
                errors.append(invalid(path.index(index), text, detail))
            if subresource == _ANY:
                with_any_subresource.add(resource)
            if resource == _ANY:
                of_any_resource.add(subresource)
    if len(resources) > 1 and "*/*" in resources:
        errors.append(invalid(path, resources, "if '*/*' is present, must not specify other resources"))
    if _ANY in resources and plain:
        detail = "if '*' is present, must not specify other resources without subresources"
        errors.append(invalid(path, resources, detail))
    return errors


def validate_match_resources(match: Object | None, path: Path) -> ErrorList:
    if match is None:
        return []
    policy = match.get("matchPolicy")
    errors: ErrorList = []
    if policy is None:
        errors.append(required(path.child("matchPolicy")))
    elif policy not in _MATCH_POLICIES:
        errors.append(not_supported(path.child("matchPolicy"), as_json(policy), _MATCH_POLICIES))
    for name in ("namespaceSelector", "objectSelector"):
        selector = match.get(name)
        if selector is None:
            errors.append(required(path.child(name)))
        else:
            errors += validate_label_selector(selector, path.child(name))
    for name in _RULES:
        for index, rule in enumerate(match.get(name) or ()):
            errors += _named_rule_errors(rule, path.child(name).index(index))
    return errors


def _named_rule_errors(rule: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for index, name in enumerate(rule.get("resourceNames") or ()):
        at = path.child("resourceNames").index(index)
        errors += invalid_each(at, name, path_segment_name(name))
        if name in seen:
            errors.append(FieldError("FieldValueDuplicate", at, name, ""))
        seen.add(name)
    return errors + validate_rule(rule, path)


def validate_mutating_operations(match: Object, path: Path) -> ErrorList:
    """What is deleted cannot be mutated."""
    at = path.child("resourceRules", "operations")
    return [
        not_supported(at, as_json(operation), _MUTATING_OPERATIONS)
        for rule in match.get("resourceRules") or ()
        for operation in rule.get("operations") or ()
        if operation not in _MUTATING_OPERATIONS
    ]
