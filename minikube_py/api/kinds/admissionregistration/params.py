"""Parameters of policies: their kind, and which of them a binding takes (pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

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
from minikube_py.machinery.labelselector import validate_label_selector
from minikube_py.machinery.names import dns1035_label, dns1123_subdomain, path_segment_name

_ACTIONS = ("Deny", "Allow")
_EXCLUSIVE = "name and selector are mutually exclusive"


def validate_param_kind(param: Object, path: Path) -> ErrorList:
    version, kind = param.get("apiVersion") or "", param.get("kind") or ""
    errors = _version_errors(version, path.child("apiVersion")) if version else [required(path.child("apiVersion"))]
    if not kind:
        errors.append(required(path.child("kind")))
    elif problems := dns1035_label(kind.lower()):
        detail = f"may have mixed case, but should otherwise match: {','.join(problems)}"
        errors.append(invalid(path.child("kind"), kind, detail))
    return errors


def _version_errors(api_version: str, path: Path) -> ErrorList:
    if api_version.count("/") > 1:
        return [invalid(path, api_version, f"unexpected GroupVersion string: {api_version}")]
    group, _, version = api_version.rpartition("/")
    errors: ErrorList = []
    if group and (problems := dns1123_subdomain(group)):
        errors.append(invalid(path, group, ",".join(problems)))
    if not version:
        errors.append(invalid(path, api_version, "version must be specified"))
    elif problems := dns1035_label(version):
        errors.append(invalid(path, version, ",".join(problems)))
    return errors


def validate_param_ref(reference: Object | None, path: Path) -> ErrorList:
    if reference is None:
        return []
    name, selector = reference.get("name") or "", reference.get("selector")
    errors = invalid_each(path.child("name"), name, path_segment_name(name)) if name else []
    if name and selector is not None:
        errors.append(forbidden(path.child("name"), _EXCLUSIVE))
    if selector is not None:
        errors += validate_label_selector(selector, path.child("selector"))
        if name:
            errors.append(forbidden(path.child("selector"), _EXCLUSIVE))
    if not name and selector is None:
        errors.append(required(path, "one of name or selector must be specified"))
    action, at = reference.get("parameterNotFoundAction"), path.child("parameterNotFoundAction")
    if not action:
        errors.append(required(at))
    elif action not in _ACTIONS:
        errors.append(not_supported(at, as_json(action), _ACTIONS))
    return errors


def param_kind_text(param: Object | None) -> str:
    return "<unset>" if param is None else f"{param.get('apiVersion') or ''}/{param.get('kind') or ''}"


def param_ref_text(reference: Object | None) -> str:
    """A name within its namespace, or within any; a selector as Go prints the struct."""
    if reference is None:
        return "<unset>"
    if name := reference.get("name"):
        return f"{reference.get('namespace') or '*'}/{name}"
    selector = reference.get("selector")
    return "<unset>" if selector is None else _selector_text(selector)


def _selector_text(selector: Object) -> str:
    """As generated String methods print a LabelSelector."""
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{each.get('key') or ''},Operator:{each.get('operator') or ''},"
        f"Values:[{' '.join(each.get('values') or ())}],}},"
        for each in selector.get("matchExpressions") or ()
    )
    shown = f"map[string]string{{{labels}}}"
    return f"&LabelSelector{{MatchLabels:{shown},MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
