"""Where a pod may run: affinity to nodes and to other pods."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.podspec.labelkeys import PREFERRED, REQUIRED
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labelselector import validate_label_selector
from minikube_py.machinery.names import label_value, name_is_dns_label, name_is_dns_subdomain
from minikube_py.machinery.objectmeta import validate_label_name

_NOT_AN_OPERATOR = "not a valid selector operator"


def affinity_errors(affinity: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if node := affinity.get("nodeAffinity"):
        errors += _node_affinity_errors(node, path.child("nodeAffinity"))
    for side in ("podAffinity", "podAntiAffinity"):
        if terms := affinity.get(side):
            errors += _pod_affinity_errors(terms, path.child(side))
    return errors


def _node_affinity_errors(affinity: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if (selector := affinity.get(REQUIRED)) is not None:
        errors += node_selector_errors(selector, path.child(REQUIRED))
    for index, term in enumerate(affinity.get(PREFERRED) or ()):
        at = path.child(PREFERRED).index(index)
        errors += _weight_errors(term, at)
        # values are not checked here: such a term matches nothing, but is no more than a wish
        errors += node_selector_term_errors(term.get("preference") or {}, at.child("preference"), check_values=False)
    return errors


def _weight_errors(term: Object, path: Path) -> ErrorList:
    weight = term.get("weight") or 0
    return [] if 1 <= weight <= 100 else [invalid(path.child("weight"), weight, "must be in the range 1-100")]


def node_selector_errors(selector: Object, path: Path) -> ErrorList:
    """A NodeSelector, as volumes have one too."""
    at = path.child("nodeSelectorTerms")
    terms = selector.get("nodeSelectorTerms")
    if not terms:
        return [required(at, "must have at least one node selector term")]
    errors: ErrorList = []
    for index, term in enumerate(terms):
        errors += node_selector_term_errors(term, at.index(index))
    return errors


def node_selector_term_errors(term: Object, path: Path, *, check_values: bool = True) -> ErrorList:
    errors: ErrorList = []
    for index, requirement in enumerate(term.get("matchExpressions") or ()):
        errors += _label_requirement_errors(requirement, path.child("matchExpressions").index(index), check_values)
    for index, requirement in enumerate(term.get("matchFields") or ()):
        errors += _field_requirement_errors(requirement, path.child("matchFields").index(index))
    return errors


def _label_requirement_errors(requirement: Object, path: Path, check_values: bool) -> ErrorList:
    values: Sequence[str] = requirement.get("values") or ()
    errors = _operator_errors(requirement.get("operator") or "", values, path)
    errors += validate_label_name(requirement.get("key") or "", path.child("key"))
    if check_values:
        for index, value in enumerate(values):
            if problems := label_value(value):
                errors += invalid_each(path.child("values").index(index), value, problems)
    return errors


def _operator_errors(operator: str, values: Sequence[str], path: Path) -> ErrorList:
    at = path.child("values")
    if operator in ("In", "NotIn"):
        return [] if values else [required(at, "must be specified when `operator` is 'In' or 'NotIn'")]
    if operator in ("Exists", "DoesNotExist"):
        detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        return [forbidden(at, detail)] if values else []
    if operator in ("Gt", "Lt"):
        detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        return [] if len(values) == 1 else [required(at, detail)]
    return [invalid(path.child("operator"), as_json(operator), _NOT_AN_OPERATOR)]


def _field_requirement_errors(requirement: Object, path: Path) -> ErrorList:
    operator, key = requirement.get("operator") or "", requirement.get("key") or ""
    values: Sequence[str] = requirement.get("values") or ()
    errors: ErrorList = []
    if operator not in ("In", "NotIn"):
        errors.append(invalid(path.child("operator"), as_json(operator), _NOT_AN_OPERATOR))
    elif len(values) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(required(path.child("values"), detail))
    if key != "metadata.name":
        errors.append(invalid(path.child("key"), key, "not a valid field selector key"))
        return errors
    for index, value in enumerate(values):
        errors += invalid_each(path.child("values").index(index), value, name_is_dns_subdomain(value))
    return errors


def _pod_affinity_errors(terms: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    for index, term in enumerate(terms.get(REQUIRED) or ()):
        errors += _pod_term_errors(term, path.child(REQUIRED).index(index))
    for index, weighted in enumerate(terms.get(PREFERRED) or ()):
        at = path.child(PREFERRED).index(index)
        errors += _weight_errors(weighted, at)
        errors += _pod_term_errors(weighted.get("podAffinityTerm") or {}, at.child("podAffinityTerm"))
    return errors


def _pod_term_errors(term: Object, path: Path) -> ErrorList:
    errors = validate_label_selector(term.get("labelSelector"), path.child("labelSelector"))
    errors += validate_label_selector(term.get("namespaceSelector"), path.child("namespaceSelector"))
    for namespace in term.get("namespaces") or ():
        errors += invalid_each(path.child("namespace"), namespace, name_is_dns_label(namespace))
    errors += label_key_errors(term, path)
    key = term.get("topologyKey") or ""
    if not key:
        errors.append(required(path.child("topologyKey"), "can not be empty"))
    return errors + validate_label_name(key, path.child("topologyKey"))


def label_key_errors(term: Object, path: Path) -> ErrorList:
    """matchLabelKeys and mismatchLabelKeys of the term at `path`. The pod's values have been merged into the selector
    already, so a key that stands there twice was there before."""
    keys, mismatched = term.get("matchLabelKeys") or (), term.get("mismatchLabelKeys") or ()
    if not keys and not mismatched:
        return []
    selector = term.get("labelSelector")
    errors: ErrorList = []
    for name, listed in (("matchLabelKeys", keys), ("mismatchLabelKeys", mismatched)):
        if listed and selector is None:
            errors.append(forbidden(path.child(name), "must not be specified when labelSelector is not set"))
        elif listed:
            for index, key in enumerate(listed):
                errors += validate_label_name(key, path.child(name).index(index))
    if selector is not None:
        errors += _repeated_key_errors(keys, selector, path)
    for index, key in enumerate(keys):
        if key in mismatched:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            errors.append(invalid(path.child("matchLabelKeys").index(index), key, detail))
    return errors


def _repeated_key_errors(keys: Sequence[str], selector: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    position = {key: index for index, key in enumerate(keys)}
    seen = set(selector.get("matchLabels") or ())
    for expression in selector.get("matchExpressions") or ():
        key = expression.get("key") or ""
        if key in position and key in seen:
            errors.append(invalid(path.index(position[key]), key, "exists in both matchLabelKeys and labelSelector"))
        seen.add(key)
    return errors
