"""Specs of admission policies and of their bindings (pkg/apis/admissionregistration/validation)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.admissionregistration.conditions import (
    validate_audit_annotations,
    validate_match_conditions,
    validate_validations,
    validate_variables,
)
from minikube_py.api.kinds.admissionregistration.params import validate_param_kind, validate_param_ref
from minikube_py.api.kinds.admissionregistration.rules import validate_match_resources, validate_mutating_operations
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
from minikube_py.machinery.names import name_is_dns_subdomain

_SPEC = Path("spec")
_FAILURE_POLICIES = ("Fail", "Ignore")
_REINVOCATION_POLICIES = ("IfNeeded", "Never")
_ACTIONS = ("Audit", "Deny", "Warn")
_PATCHES = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}
_NOTHING = "validations or auditAnnotations must contain at least one item"
_DENY_AND_WARN = (
    "must not contain both Deny and Warn (repeating the same validation failure information in the API response and "
    "headers serves no purpose)"
)


def validate_validating_policy(spec: Object, old_spec: Object | None, name: str) -> ErrorList:
    errors = _common_errors(spec, old_spec, mutating=False)
    validations, annotations = spec.get("validations") or [], spec.get("auditAnnotations") or []
    if not validations and not annotations:
        return [
            *errors,
            required(_SPEC.child("validations"), _NOTHING),
            required(_SPEC.child("auditAnnotations"), _NOTHING),
        ]
    errors += validate_validations(validations, _SPEC.child("validations"))
    return errors + validate_audit_annotations(annotations, name, _SPEC.child("auditAnnotations"))


def validate_mutating_policy(spec: Object, old_spec: Object | None) -> ErrorList:
    errors = _common_errors(spec, old_spec, mutating=True)
    mutations, policy = spec.get("mutations") or [], spec.get("reinvocationPolicy") or ""
    if not mutations:
        errors.append(required(_SPEC.child("mutations"), "mutations must contain at least one item"))
    for index, mutation in enumerate(mutations):
        errors += _mutation_errors(mutation, _SPEC.child("mutations").index(index))
    at = _SPEC.child("reinvocationPolicy")
    if not policy:
        errors.append(required(at))
    elif policy not in _REINVOCATION_POLICIES:
        errors.append(not_supported(at, as_json(policy), _REINVOCATION_POLICIES))
    return errors


def _common_errors(spec: Object, old_spec: Object | None, *, mutating: bool) -> ErrorList:
    failure, param_kind, match = spec.get("failurePolicy"), spec.get("paramKind"), spec.get("matchConstraints")
    errors: ErrorList = []
    if failure is None:
        errors.append(required(_SPEC.child("failurePolicy")))
    elif failure not in _FAILURE_POLICIES:
        errors.append(not_supported(_SPEC.child("failurePolicy"), as_json(failure), _FAILURE_POLICIES))
    if param_kind is not None:
        errors += validate_param_kind(param_kind, _SPEC.child("paramKind"))
    at = _SPEC.child("matchConstraints")
    if match is None:
        errors.append(required(at))
    else:
        errors += validate_match_resources(match, at)
        if not match.get("resourceRules"):
            errors.append(required(at.child("resourceRules")))
        if mutating:
            errors += validate_mutating_operations(match, at)
    if old_spec is None or _matching(spec) != _matching(old_spec):
        errors += validate_match_conditions(spec.get("matchConditions") or [], _SPEC.child("matchConditions"))
    return errors + validate_variables(spec.get("variables") or [], _SPEC.child("variables"))


def _matching(spec: Object) -> tuple[Object | None, list[Object]]:
    """What match conditions depend on."""
    return spec.get("paramKind"), spec.get("matchConditions") or []


def _mutation_errors(mutation: Object, path: Path) -> ErrorList:
    kind = mutation.get("patchType") or ""
    if not kind:
        return [required(path.child("patchType"))]
    field = _PATCHES.get(kind)
    if field is None:
        return [not_supported(path.child("patchType"), as_json(kind), _PATCHES)]
    patch = mutation.get(field)
    errors: ErrorList = []
    if patch is None:
        errors.append(required(path.child(field), f"must be specified when patchType is {kind}"))
    elif not (patch.get("expression") or "").strip():
        errors.append(required(path.child(field, "expression")))
    for other in _PATCHES.values():
        if other != field and mutation.get(other) is not None:
            detail = f"must not be specified when patchType is {kind}"
            errors.append(invalid(path.child(other), f"{{{other}}}", detail))
    return errors


def validate_validating_binding(spec: Object) -> ErrorList:
    return [
        *_binding_errors(spec),
        *_action_errors(spec.get("validationActions") or [], _SPEC.child("validationActions")),
    ]


def validate_mutating_binding(spec: Object) -> ErrorList:
    match = spec.get("matchResources")
    errors = _binding_errors(spec)
    return errors if match is None else errors + validate_mutating_operations(match, _SPEC.child("matchResources"))


def _binding_errors(spec: Object) -> ErrorList:
    name, at = spec.get("policyName") or "", _SPEC.child("policyName")
    errors = invalid_each(at, name, name_is_dns_subdomain(name)) if name else [required(at)]
    errors += validate_param_ref(spec.get("paramRef"), _SPEC.child("paramRef"))
    return errors + validate_match_resources(spec.get("matchResources"), _SPEC.child("matchResources"))


def _action_errors(actions: Sequence[str], path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, action in enumerate(actions):
        if action not in _ACTIONS:
            errors.append(not_supported(path.index(index), as_json(action), _ACTIONS))
        if action in actions[:index]:
            errors.append(FieldError("FieldValueDuplicate", path.index(index), as_json(action), ""))
    if "Deny" in actions and "Warn" in actions:
        errors.append(invalid(path, list(actions), _DENY_AND_WARN))
    return errors if actions else [required(path, "at least one validation action is required")]
