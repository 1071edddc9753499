"""ValidatingAdmissionPolicy, MutatingAdmissionPolicy and their bindings (pkg/registry/admissionregistration)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.jsonpath import compile_template
from minikube_py.api.kinds.admissionregistration.names import static_name_warnings
from minikube_py.api.kinds.admissionregistration.params import param_kind_text, param_ref_text
from minikube_py.api.kinds.admissionregistration.policies import (
    validate_mutating_binding,
    validate_mutating_policy,
    validate_validating_binding,
    validate_validating_policy,
)
from minikube_py.api.kinds.admissionregistration.rules import default_match_resources
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery.conditions import validate_conditions
from minikube_py.machinery.field import ErrorList, Path, invalid, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_object_meta

_STATUS = Path("status")


class AdmissionPolicyStrategy(Strategy):
    """A policy's or a binding's spec stands for itself: updates are checked as creations are."""

    has_generation = True
    allow_unconditional_update = False

    def default(self, obj: Object) -> None:
        spec = obj.setdefault("spec", {})
        if spec.get("failurePolicy") is None:
            spec["failurePolicy"] = "Fail"
        default_match_resources(spec.get("matchConstraints"))

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*_metadata_errors(self, obj), *self.validate_spec(obj, None)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [*_metadata_errors(self, obj), *self.validate_spec(obj, old)]

    def validate_spec(self, obj: Object, old: Object | None) -> ErrorList:
        return []

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return static_name_warnings(ctx, obj)

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return static_name_warnings(ctx, obj)


def _metadata_errors(strategy: Strategy, obj: Object) -> ErrorList:
    return validate_object_meta(obj["metadata"], False, strategy.validate_name, METADATA)


class ValidatingAdmissionPolicyStrategy(AdmissionPolicyStrategy):
    has_status = True
    reset_fields = (("status",),)

    def validate_spec(self, obj: Object, old: Object | None) -> ErrorList:
        name = obj["metadata"].get("name") or ""
        return validate_validating_policy(obj["spec"], old["spec"] if old else None, name)


class MutatingAdmissionPolicyStrategy(AdmissionPolicyStrategy):
    def validate_spec(self, obj: Object, old: Object | None) -> ErrorList:
        return validate_mutating_policy(obj["spec"], old["spec"] if old else None)


class BindingStrategy(AdmissionPolicyStrategy):
    def __init__(self, *, mutating: bool) -> None:
        self._mutating = mutating

    def default(self, obj: Object) -> None:
        default_match_resources(obj.setdefault("spec", {}).get("matchResources"))

    def validate_spec(self, obj: Object, old: Object | None) -> ErrorList:
        check = validate_mutating_binding if self._mutating else validate_validating_binding
        return check(obj["spec"])


class PolicyStatusStrategy(StatusStrategy):
    reset_fields = (("metadata",), ("spec",))
    allow_unconditional_update = False

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        status = obj.get("status") or {}
        at = _STATUS.child("typeChecking", "expressionWarnings")
        errors: ErrorList = []
        for index, warning in enumerate((status.get("typeChecking") or {}).get("expressionWarnings") or ()):
            if not warning.get("warning"):
                errors.append(required(at.index(index).child("warning")))
            errors += _field_errors(warning.get("fieldRef") or "", at.index(index).child("fieldRef"))
        return errors + validate_conditions(status.get("conditions") or [], _STATUS.child("conditions"))


def _field_errors(reference: str, path: Path) -> ErrorList:
    reference = reference.strip()
    if not reference:
        return [required(path)]
    try:
        compile_template(f"{{{reference}}}")
    except ValueError as error:
        return [invalid(path, reference, f"invalid JSONPath: {error}")]
    return []


def _policy_cells(field: str) -> Any:
    def cells(obj: Object) -> list[Any]:
        spec = obj["spec"]
        return [
            obj["metadata"]["name"],
            len(spec.get(field) or ()),
            param_kind_text(spec.get("paramKind")),
            age(obj),
        ]

    return cells


def _binding_cells(obj: Object) -> list[Any]:
    spec = obj["spec"]
    return [obj["metadata"]["name"], spec.get("policyName") or "", param_ref_text(spec.get("paramRef")), age(obj)]


_PARAM_KIND = "ParamKind specifies the kind of resources used to parameterize this policy"
_POLICY_NAME = "PolicyName indicates the policy definition which the policy binding binded to"
_PARAM_REF = "ParamRef indicates the param resource which sets the configuration param"


def _policy(kind: str, plural: str, strategy: Strategy, field: str, text: str, *, status: bool = False) -> Resource:
    return Resource(
        group="admissionregistration.k8s.io",
        version="v1",
        plural=plural,
        kind=kind,
        namespaced=False,
        categories=("api-extensions",),
        strategy=strategy,
        subresources=(Subresource("status", strategy=PolicyStatusStrategy(strategy)),) if status else (),
        columns=(
            NAME,
            Column(field.capitalize(), type="integer", description=text),
            Column("ParamKind", description=_PARAM_KIND),
            AGE,
        ),
        cells=_policy_cells(field),
    )


def _binding(kind: str, *, mutating: bool) -> Resource:
    return Resource(
        group="admissionregistration.k8s.io",
        version="v1",
        plural=f"{kind.lower()}s",
        kind=kind,
        namespaced=False,
        categories=("api-extensions",),
        strategy=BindingStrategy(mutating=mutating),
        columns=(
            NAME,
            Column("PolicyName", description=_POLICY_NAME),
            Column("ParamRef", description=_PARAM_REF),
            AGE,
        ),
        cells=_binding_cells,
    )


RESOURCES = (
    _policy(
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        ValidatingAdmissionPolicyStrategy(),
        "validations",
        "Validations indicates the number of validation rules defined in this configuration",
        status=True,
    ),
    _policy(
        "MutatingAdmissionPolicy",
        "mutatingadmissionpolicies",
        MutatingAdmissionPolicyStrategy(),
        "mutations",
        "Mutation indicates the number of mutations rules defined in this configuration",
    ),
    _binding("ValidatingAdmissionPolicyBinding", mutating=False),
    _binding("MutatingAdmissionPolicyBinding", mutating=True),
)
