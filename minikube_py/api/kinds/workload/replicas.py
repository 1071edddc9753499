"""The selector and template that Deployment and ReplicaSet share (pkg/apis/apps/validation)."""

from __future__ import annotations

from minikube_py.api.kinds.workload.podtemplate import SPEC, TEMPLATE, validate_replica_template
from minikube_py.machinery import labelselector
from minikube_py.machinery.field import ErrorList, as_json, invalid, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE

_SELECTOR = SPEC.child("selector")


def validate_selector_and_template(spec: Object) -> ErrorList:
    selector = spec.get("selector")
    errors = validate_selector_is_given(selector, "deployment")
    try:
        compiled = labelselector.as_selector(selector)
    except ValueError:
        return [*errors, invalid(_SELECTOR, shown_selector(selector), "invalid label selector")]
    return errors + validate_replica_template(spec.get("template") or {}, compiled, TEMPLATE)


def validate_selector_is_given(selector: Object | None, kind: str) -> ErrorList:
    """It must be there, well formed, and not match everything. `kind` as the message has it."""
    if selector is None:
        return [required(_SELECTOR)]
    errors = labelselector.validate_label_selector(selector, _SELECTOR)
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        errors.append(invalid(_SELECTOR, shown_selector(selector), f"empty selector is invalid for {kind}"))
    return errors


def validate_immutable_selector(spec: Object, old: Object) -> ErrorList:
    new_selector, old_selector = spec.get("selector"), old.get("selector")
    if new_selector == old_selector:
        return []
    return [invalid(_SELECTOR, shown_selector(new_selector), FIELD_IMMUTABLE)]


def shown_selector(selector: Object | None) -> object:
    """A selector as a bad value."""
    return as_json(labelselector.in_go_order(selector))
