"""What an access review may ask (pkg/apis/authorization/validation)."""

from __future__ import annotations

from minikube_py.machinery import labelselector
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, required
from minikube_py.machinery.gvr import Object

_SPEC = Path("spec")
_RESOURCE = _SPEC.child("resourceAttributes")
_NON_RESOURCE = _SPEC.child("nonResourceAttributes")


def validate_self_review(review: Object) -> ErrorList:
    return [*_attributes_errors(review["spec"]), *_selector_errors(review["spec"]), *_metadata_errors(review)]


def validate_subject_review(review: Object) -> ErrorList:
    return [*_spec_errors(review["spec"]), *_metadata_errors(review)]


def validate_local_review(review: Object) -> ErrorList:
    spec = review["spec"]
    errors = [*_spec_errors(spec), *_metadata_errors(review, local=True)]
    resource, non_resource = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None:
        namespace = resource.get("namespace") or ""
        if namespace != (review["metadata"].get("namespace") or ""):
            errors.append(invalid(_RESOURCE.child("namespace"), namespace, "must match metadata.namespace"))
    if non_resource is not None:
        errors.append(invalid(_NON_RESOURCE, _internal(non_resource), "disallowed on this kind of request"))
    return errors


def _spec_errors(spec: Object) -> ErrorList:
    errors = _attributes_errors(spec)
    if not spec.get("user") and not spec.get("groups"):
        errors.append(invalid(_SPEC.child("user"), "", "at least one of user or group must be specified"))
    return errors + _selector_errors(spec)


def _attributes_errors(spec: Object) -> ErrorList:
    resource, non_resource = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and non_resource is not None:
        detail = "cannot be specified in combination with resourceAttributes"
        return [invalid(_NON_RESOURCE, _internal(non_resource), detail)]
    if resource is None and non_resource is None:
        detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        return [invalid(_RESOURCE, None, detail)]
    return []


def _internal(attributes: Object) -> Object:
    """As upstream's internal type prints them."""
    return {"Path": attributes.get("path") or "", "Verb": attributes.get("verb") or ""}


def _metadata_errors(review: Object, *, local: bool = False) -> ErrorList:
    ignored = {"managedFields", "namespace"} if local else {"managedFields"}
    metadata = {name: value for name, value in review["metadata"].items() if value is not None}
    if not metadata.keys() - ignored:
        return []
    shown = {**metadata, "creationTimestamp": metadata.get("creationTimestamp")}
    if shown["creationTimestamp"] is None:
        del shown["creationTimestamp"]
    detail = "must be empty except for namespace" if local else "must be empty"
    return [invalid(Path("metadata"), as_json(shown), detail)]


def _selector_errors(spec: Object) -> ErrorList:
    resource = spec.get("resourceAttributes")
    if resource is None:
        return []
    errors: ErrorList = []
    for name, check in (("fieldSelector", _field_requirement_errors), ("labelSelector", _label_requirement_errors)):
        selector = resource.get(name)
        if selector is None:
            continue
        path = _RESOURCE.child(name)
        raw, requirements = selector.get("rawSelector") or "", selector.get("requirements") or []
        if raw and requirements:
            detail = "may not specified at the same time as requirements"
            errors.append(invalid(path.child("rawSelector"), raw, detail))
        if not raw and not requirements:
            detail = f"when {path} is specified, requirements or rawSelector is required"
            errors.append(required(path.child("requirements"), detail))
        for index, requirement in enumerate(requirements):
            errors += check(requirement, path.child("requirements").index(index))
    return errors


def _field_requirement_errors(requirement: Object, path: Path) -> ErrorList:
    """Operators of younger clients are let through (apimachinery's ValidateFieldSelectorRequirement)."""
    errors: ErrorList = []
    operator, values = requirement.get("operator") or "", requirement.get("values")
    if not requirement.get("key"):
        errors.append(required(path.child("key"), "must be specified"))
    if operator in ("In", "NotIn") and not values:
        errors.append(required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"))
    if operator in ("Exists", "DoesNotExist") and values:
        detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        errors.append(forbidden(path.child("values"), detail))
    return errors


def _label_requirement_errors(requirement: Object, path: Path) -> ErrorList:
    return labelselector.validate_requirement(requirement, path, allow_unknown_operator=True)
