"""Policy rules and subjects (pkg/apis/rbac/validation)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import name_is_dns_subdomain

GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def validate_rules(rules: Sequence[Object] | None, namespaced: bool) -> ErrorList:
    errors: ErrorList = []
    for index, rule in enumerate(rules or ()):
        errors += _rule_errors(rule, namespaced, Path("rules").index(index))
    return errors


def _rule_errors(rule: Object, namespaced: bool, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not rule.get("verbs"):
        errors.append(required(path.child("verbs"), "verbs must contain at least one value"))
    if urls := rule.get("nonResourceURLs"):
        at = path.child("nonResourceURLs")
        if namespaced:
            errors.append(invalid(at, urls, "namespaced rules cannot apply to non-resource URLs"))
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            errors.append(invalid(at, urls, "rules cannot apply to both regular resources and non-resource URLs"))
        return errors
    if not rule.get("apiGroups"):
        errors.append(required(path.child("apiGroups"), "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        errors.append(required(path.child("resources"), "resource rules must supply at least one resource"))
    return errors


def default_subjects(subjects: Sequence[Object] | None) -> None:
    """Users and groups are of RBAC's own group."""
    for subject in subjects or ():
        if not subject.get("apiGroup") and subject.get("kind") in ("User", "Group"):
            subject["apiGroup"] = GROUP


def validate_subjects(subjects: Sequence[Object] | None, namespaced: bool) -> ErrorList:
    errors: ErrorList = []
    for index, subject in enumerate(subjects or ()):
        errors += _subject_errors(subject, namespaced, Path("subjects").index(index))
    return errors


def _subject_errors(subject: Object, namespaced: bool, path: Path) -> ErrorList:
    name, kind, group = subject.get("name") or "", subject.get("kind") or "", subject.get("apiGroup") or ""
    errors: ErrorList = [] if name else [required(path.child("name"))]
    if kind == "ServiceAccount":
        if name:
            errors += invalid_each(path.child("name"), name, name_is_dns_subdomain(name))
        if group:
            errors.append(not_supported(path.child("apiGroup"), group, ("",)))
        if not namespaced and not subject.get("namespace"):
            errors.append(required(path.child("namespace")))
    elif kind in _SUBJECTS:
        if group != GROUP:
            errors.append(not_supported(path.child("apiGroup"), group, (GROUP,)))
    else:
        errors.append(not_supported(path.child("kind"), kind, _SUBJECTS))
    return errors
