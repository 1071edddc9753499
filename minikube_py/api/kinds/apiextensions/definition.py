"""Validation of CustomResourceDefinitions (apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go).

What all versions have alike - schema, subresources, columns, selectable fields - stands in one place in upstream's
internal type, and errors name it there: spec.validation instead of spec.versions[0].schema (apis/apiextensions/v1/
conversion.go). Expressions of x-kubernetes-validations are not compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from minikube_py.api.customresources.crd import is_true
from minikube_py.api.kinds.apiextensions.conversion import validate_conversion
from minikube_py.api.kinds.apiextensions.defaults import Facts
from minikube_py.api.kinds.apiextensions.internal import internal_version
from minikube_py.api.kinds.apiextensions.schema import validate_schema
from minikube_py.api.kinds.apiextensions.version import (
    deprecation_problems,
    validate_columns,
    validate_selectable_fields,
    validate_subresources,
)
from minikube_py.machinery.field import ErrorList, Path, invalid, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1035_label, dns1123_subdomain, name_is_dns_subdomain
from minikube_py.machinery.objectmeta import validate_immutable, validate_object_meta, validate_object_meta_update

APPROVED = "api-approved.kubernetes.io"
_APPROVAL = f'protected groups must have approval annotation "{APPROVED}"'
_APPROVAL_RULES = "see https://github.com/kubernetes/enhancements/pull/1111"
_SCOPES = ("Cluster", "Namespaced")
_METADATA, _SPEC, _STATUS = Path("metadata"), Path("spec"), Path("status")


def validate_crd(crd: Object, facts: Facts) -> ErrorList:
    """Errors of a new CRD."""
    spec = crd["spec"]

    def name_problems(name: str, prefix: bool = False) -> list[str]:
        found = name_is_dns_subdomain(name, prefix)
        if name != f"{spec['names'].get('plural', '')}.{spec.get('group', '')}":
            found.append('must be spec.names.plural+"."+spec.group')
        return found

    errors = validate_object_meta(crd["metadata"], False, name_problems, _METADATA)
    errors += _spec_errors(spec, facts, allow_invalid_ca=True, before=None)
    return errors + _common_errors(crd, None)


def validate_crd_update(crd: Object, old: Object, facts: Facts) -> ErrorList:
    spec, before = crd["spec"], old["spec"]
    errors = validate_object_meta_update(crd["metadata"], old["metadata"], _METADATA)
    established = is_true(old, "Established")
    errors += _spec_errors(spec, facts, allow_invalid_ca=not established, before=before)
    names, old_names = spec["names"], before["names"]
    if established:
        errors += validate_immutable(spec.get("scope", ""), before.get("scope", ""), _SPEC.child("scope"))
        errors += validate_immutable(names.get("kind", ""), old_names.get("kind", ""), _SPEC.child("names", "kind"))
    errors += validate_immutable(spec.get("group", ""), before.get("group", ""), _SPEC.child("group"))
    plural = _SPEC.child("names", "plural")
    errors += validate_immutable(names.get("plural", ""), old_names.get("plural", ""), plural)
    return errors + _common_errors(crd, old)


def validate_crd_status_update(crd: Object, old: Object) -> ErrorList:
    errors = validate_object_meta_update(crd["metadata"], old["metadata"], _METADATA)
    return errors + _name_errors(crd["status"].get("acceptedNames") or {}, _STATUS.child("acceptedNames"))


def _common_errors(crd: Object, old: Object | None) -> ErrorList:
    status = crd["status"]
    errors = _name_errors(status.get("acceptedNames") or {}, _STATUS.child("acceptedNames"))
    errors += _stored_version_errors(status.get("storedVersions"), crd["spec"].get("versions") or [])
    errors += _approval_errors(crd, old)
    if crd["spec"].get("preserveUnknownFields") and not (old or {"spec": {}})["spec"].get("preserveUnknownFields"):
        instead = "set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        detail = f"cannot set to true, {instead}"
        errors.append(invalid(_SPEC.child("preserveUnknownFields"), True, detail))
    return errors


# -- spec ------------------------------------------------------------------------------------------------------------


class _Spec:
    """A spec with what is alike in all versions in its own place, as upstream's internal type has it."""

    def __init__(self, spec: Object) -> None:
        self.versions: list[Object] = spec.get("versions") or []
        self.shared: Object = {}
        for name in ("schema", "subresources", "additionalPrinterColumns", "selectableFields"):
            values = [version.get(name) or None for version in self.versions]
            if name in ("schema", "subresources"):  # pointers: an empty one is one
                values = [version.get(name) for version in self.versions]
            if values and all(value == values[0] for value in values):
                self.shared[name] = values[0]

    def own(self, version: Object, name: str) -> Any:
        """What a version says alone."""
        return None if name in self.shared else version.get(name)

    def internal(self) -> list[Object]:
        """The versions as messages show them."""
        shared = frozenset(self.shared)
        return [internal_version(version, shared) for version in self.versions]


def _spec_errors(spec: Object, facts: Facts, *, allow_invalid_ca: bool, before: Object | None) -> ErrorList:
    parts = _Spec(spec)
    errors = _group_errors(spec.get("group") or "")
    errors += _scope_errors(spec.get("scope") or "")
    errors += _missing_schema_errors(parts)
    for index, version in enumerate(parts.versions):
        errors += _version_errors(version, parts, facts, before, _SPEC.child("versions").index(index))
    errors += _versions_errors(spec, parts)
    errors += _required_name_errors(spec["names"])
    errors += _name_errors(spec["names"], _SPEC.child("names"))
    errors += _shared_errors(parts, facts, before)
    old_conversion = (before or {}).get("conversion")
    return errors + validate_conversion(
        spec.get("conversion"), old_conversion, allow_invalid_ca, _SPEC.child("conversion")
    )


def _group_errors(group: str) -> ErrorList:
    path = _SPEC.child("group")
    if not group:
        return [required(path)]
    if problems := dns1123_subdomain(group):
        return [invalid(path, group, ",".join(problems))]
    return [] if "." in group else [invalid(path, group, "should be a domain with at least one dot")]


def _scope_errors(scope: str) -> ErrorList:
    if not scope:
        return [required(_SPEC.child("scope"))]
    return [] if scope in _SCOPES else [not_supported(_SPEC.child("scope"), scope, _SCOPES)]


def _missing_schema_errors(parts: _Spec) -> ErrorList:
    if _schema(parts.shared.get("schema")) is not None:
        return []
    return [
        required(_SPEC.child("versions").index(index).child("schema", "openAPIV3Schema"))
        for index, version in enumerate(parts.versions)
        if _schema(parts.own(version, "schema")) is None
    ]


def _schema(validation: Object | None) -> Object | None:
    return (validation or {}).get("openAPIV3Schema")


def _version_errors(version: Object, parts: _Spec, facts: Facts, before: Object | None, path: Path) -> ErrorList:
    name = version.get("name") or ""
    errors: ErrorList = []
    if problems := dns1035_label(name):
        errors.append(invalid(path.child("name"), name, ",".join(problems)))
    warning = version.get("deprecationWarning")
    for problem in deprecation_problems(bool(version.get("deprecated")), warning):
        errors.append(invalid(path.child("deprecationWarning"), warning, problem))
    subresources = version.get("subresources") or {}
    schema = _schema(parts.own(version, "schema"))
    if schema is not None:
        errors += validate_schema(schema, facts, "status" in subresources, path.child("schema", "openAPIV3Schema"))
    errors += validate_subresources(parts.own(version, "subresources"), path.child("subresources"))
    columns = parts.own(version, "additionalPrinterColumns")
    errors += validate_columns(columns or [], path.child("additionalPrinterColumns"))
    fields = parts.own(version, "selectableFields")
    if fields and schema is None:
        detail = "may only be set when `version.schema.openAPIV3Schema` is not included"
        errors.append(invalid(path.child("selectableFields"), "", detail))
    elif fields and schema is not None:
        kept = _kept_fields(fields, name, before)
        errors += validate_selectable_fields(fields, schema, kept, path.child("selectableFields"))
    return errors


def _kept_fields(fields: Any, name: str, before: Object | None) -> bool:
    """Whether a version's selectable fields are those it had: then there may be too many."""
    versions = (before or {}).get("versions") or ()
    return any(each.get("name") == name and each.get("selectableFields") == fields for each in versions)


def _versions_errors(spec: Object, parts: _Spec) -> ErrorList:
    path = _SPEC.child("versions")
    errors: ErrorList = []
    names = [version.get("name") or "" for version in parts.versions]
    shown = parts.internal() if spec.get("versions") is not None else None
    if len(set(names)) != len(names):
        errors.append(invalid(path, shown, "must contain unique version names"))
    if sum(bool(version.get("storage")) for version in parts.versions) != 1:
        errors.append(invalid(path, shown, "must have exactly one version marked as storage version"))
    if names and names[0] and (problems := dns1035_label(names[0])):
        errors.append(invalid(_SPEC.child("version"), names[0], ",".join(problems)))
    return errors


def _shared_errors(parts: _Spec, facts: Facts, before: Object | None) -> ErrorList:
    """Errors of what all versions share."""
    errors: ErrorList = []
    status = any("status" in (version.get("subresources") or {}) for version in parts.versions)
    schema = _schema(parts.shared.get("schema"))
    if schema is not None:
        errors += validate_schema(schema, facts, status, _SPEC.child("validation", "openAPIV3Schema"))
    errors += validate_subresources(parts.shared.get("subresources"), _SPEC.child("subresources"))
    columns = parts.shared.get("additionalPrinterColumns") or []
    errors += validate_columns(columns, _SPEC.child("additionalPrinterColumns"))
    fields, path = parts.shared.get("selectableFields"), _SPEC.child("selectableFields")
    if fields and parts.shared.get("schema") is None:
        errors.append(invalid(path, "", "may only be set when validations.schema is included"))
    elif fields and schema is not None:
        kept = _kept_fields(fields, parts.versions[0].get("name") or "", before)
        errors += validate_selectable_fields(fields, schema, kept, path)
    return errors


# -- names -----------------------------------------------------------------------------------------------------------


def _required_name_errors(names: Object) -> ErrorList:
    wanted = ("plural", "singular", "kind", "listKind")
    return [required(_SPEC.child("names", name)) for name in wanted if not names.get(name)]


def _name_errors(names: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    for name in ("plural", "singular"):
        if names.get(name) and (problems := dns1035_label(names[name])):
            errors.append(invalid(path.child(name), names[name], ",".join(problems)))
    for name in ("kind", "listKind"):
        if names.get(name) and (problems := dns1035_label(names[name].lower())):
            detail = "may have mixed case, but should otherwise match: " + ",".join(problems)
            errors.append(invalid(path.child(name), names[name], detail))
    errors += _label_errors(names.get("shortNames") or (), path.child("shortNames"))
    if names.get("kind") and names["kind"] == names.get("listKind"):
        errors.append(invalid(path.child("listKind"), names["listKind"], "kind and listKind may not be the same"))
    return errors + _label_errors(names.get("categories") or (), path.child("categories"))


def _label_errors(labels: Sequence[str], path: Path) -> ErrorList:
    return [
        invalid(path.index(index), label, ",".join(problems))
        for index, label in enumerate(labels)
        if (problems := dns1035_label(label))
    ]


# -- status, metadata ------------------------------------------------------------------------------------------------


def _stored_version_errors(stored: list[str] | None, versions: list[Object]) -> ErrorList:
    path = _STATUS.child("storedVersions")
    if not stored:
        return [invalid(path, stored, "must have at least one stored version")]
    names = [version.get("name") or "" for version in versions]
    errors = [
        invalid(path, stored, f"must have the storage version {version['name']}")
        for version in versions
        if version.get("storage") and version.get("name") not in stored
    ]
    for index, name in enumerate(stored):
        if name not in names:
            detail = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            errors.append(invalid(path.index(index), name, detail))
    return errors


def _approval_errors(crd: Object, old: Object | None) -> ErrorList:
    """Groups under k8s.io and kubernetes.io are the community's."""
    group = crd["spec"].get("group") or ""
    if not any(group == owner or group.endswith(f".{owner}") for owner in ("k8s.io", "kubernetes.io")):
        return []
    approval = _approval(crd)
    state = _approval_state(approval)
    if state == "approved" or (old is not None and _approval_state(_approval(old)) == state):
        return []
    path = _METADATA.child("annotations").key(APPROVED)
    if state == "missing":
        return [required(path, f"{_APPROVAL}, {_APPROVAL_RULES}")]
    rule = f'{_APPROVAL} with either a URL or a reason starting with "unapproved", {_APPROVAL_RULES}'
    return [invalid(path, approval, rule)]


def _approval(crd: Object) -> str:
    return (crd["metadata"].get("annotations") or {}).get(APPROVED) or ""


def _approval_state(approval: str) -> str:
    if not approval:
        return "missing"
    if approval.startswith("unapproved"):
        return "approved"
    try:
        url = urlsplit(approval)
    except ValueError:
        return "invalid"
    return "approved" if url.scheme and url.netloc and " " not in approval else "invalid"
