"""Which requests a flow schema matches (pkg/apis/flowcontrol/validation)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import name_is_dns_label, name_is_dns_subdomain

_ANY = "*"
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch")
_SUBJECTS = {"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
"""Kinds of subjects, and the field that holds each."""
_NAMESPACE = "each member of this list must be '*' or a DNS-1123 label; "


def validate_rules(rules: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, rule in enumerate(rules):
        at = path.index(index)
        subjects = rule.get("subjects") or []
        resource_rules, other_rules = rule.get("resourceRules") or [], rule.get("nonResourceRules") or []
        if not subjects:
            errors.append(required(at.child("subjects"), "subjects must contain at least one value"))
        for position, subject in enumerate(subjects):
            errors += _subject_errors(subject, at.child("subjects").index(position))
        if not resource_rules and not other_rules:
            errors.append(required(at, "at least one of resourceRules and nonResourceRules has to be non-empty"))
        for position, each in enumerate(resource_rules):
            errors += _resource_rule_errors(each, at.child("resourceRules").index(position))
        for position, each in enumerate(other_rules):
            errors += _non_resource_rule_errors(each, at.child("nonResourceRules").index(position))
    return errors


def _subject_errors(subject: Object, path: Path) -> ErrorList:
    kind = subject.get("kind") or ""
    field = _SUBJECTS.get(kind)
    if field is None:
        return [not_supported(path.child("kind"), as_json(kind), sorted(_SUBJECTS))]
    named, at = subject.get(field), path.child(field)
    if named is None:
        errors: ErrorList = [required(at, f"{field} is required when subject kind is '{kind}'")]
    elif kind == "ServiceAccount":
        errors = _account_errors(named, at)
    else:
        errors = [] if named.get("name") else [required(at.child("name"))]
    for other_kind, other in _SUBJECTS.items():
        if other != field and subject.get(other) is not None:
            detail = f"{other} is forbidden when subject kind is not '{other_kind}'"
            errors.append(forbidden(path.child(other), detail))
    return errors


def _account_errors(account: Object, path: Path) -> ErrorList:
    name, namespace = account.get("name") or "", account.get("namespace") or ""
    errors: ErrorList = []
    if not name:
        errors.append(required(path.child("name")))
    elif name != _ANY:
        errors += invalid_each(path.child("name"), name, name_is_dns_subdomain(name))
    if not namespace:
        return [*errors, required(path.child("namespace"), "must specify namespace for service account")]
    return errors + invalid_each(path.child("namespace"), namespace, name_is_dns_label(namespace))


def _verbs_errors(verbs: list[str], path: Path) -> ErrorList:
    if not verbs:
        return [required(path, "verbs must contain at least one value")]
    if _ANY in verbs:
        return _alone(verbs, path, "verbs")
    return [] if set(verbs).issubset(_VERBS) else [not_supported(path, verbs, _VERBS)]


def _alone(values: list[str], path: Path, what: str) -> ErrorList:
    if len(values) > 1 and _ANY in values:
        return [invalid(path, values, f"if '*' is present, must not specify other {what}")]
    return []


def _resource_rule_errors(rule: Object, path: Path) -> ErrorList:
    errors = _verbs_errors(rule.get("verbs") or [], path.child("verbs"))
    for field, one, other in (("apiGroups", "api group", "api groups"), ("resources", "resource", "resources")):
        values = rule.get(field) or []
        if not values:
            errors.append(required(path.child(field), f"resource rules must supply at least one {one}"))
        errors += _alone(values, path.child(field), other)
    namespaces, at = rule.get("namespaces") or [], path.child("namespaces")
    if not namespaces and not rule.get("clusterScope"):
        detail = "resource rules that are not cluster scoped must supply at least one namespace"
        return [*errors, required(at, detail)]
    if _ANY in namespaces:
        return errors + _alone(namespaces, at, "namespaces")
    for index, name in enumerate(namespaces):
        errors += [invalid(at.index(index), name, _NAMESPACE + problem) for problem in name_is_dns_label(name)]
    return errors


def _non_resource_rule_errors(rule: Object, path: Path) -> ErrorList:
    errors = _verbs_errors(rule.get("verbs") or [], path.child("verbs"))
    urls, at = rule.get("nonResourceURLs") or [], path.child("nonResourceURLs")
    if not urls:
        return [*errors, required(at, "nonResourceURLs must contain at least one value")]
    if _ANY in urls:
        return errors + _alone(urls, at, "non-resource URLs")
    for index, url in enumerate(urls):
        if problem := _url_problem(url):
            errors.append(invalid(at.index(index), url, problem))
    return errors


def _url_problem(url: str) -> str:
    if not url:
        return "must not be empty"
    if url == "/":
        return ""
    if not url.startswith("/"):
        return "must start with slash"
    if " " in url:
        return "must not contain white-space"
    if "//" in url:
        return "must not contain double slash"
    wildcards = url.count(_ANY)
    return "wildcard can only do suffix matching" if wildcards > 1 or (wildcards and not url.endswith("/*")) else ""
