"""References to what is scaled or measured (pkg/apis/autoscaling/validation ValidateCrossVersionObjectReference)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import path_segment_name


class ReferenceOptions(NamedTuple):
    """What apiVersion may be."""

    any_version: bool = False
    """It is not looked at."""
    core_group: bool = False
    """It may name no group."""


def validate_reference(reference: Object, path: Path, options: ReferenceOptions) -> ErrorList:
    errors: ErrorList = []
    for name in ("kind", "name"):
        value = reference.get(name) or ""
        if value:
            errors += invalid_each(path.child(name), value, path_segment_name(value))
        else:
            errors.append(required(path.child(name)))
    version = reference.get("apiVersion") or ""
    problem = version_problem(version, options)
    if problem:
        errors.append(invalid(path.child("apiVersion"), version, problem))
    return errors


def version_problem(version: str, options: ReferenceOptions) -> str:
    """What is wrong with an apiVersion, "" for nothing."""
    if options.any_version:
        return ""
    if version.count("/") > 1:
        return f"unexpected GroupVersion string: {version}"
    has_group = version.find("/") > 0
    return "" if has_group or options.core_group else "apiVersion must specify API group"
