"""matchLabelKeys: a new pod's own label values become part of its selectors (pkg/registry/core/pod/strategy.go)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from minikube_py.machinery.gvr import Object

PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def merge_label_keys(spec: Object, labels: Mapping[str, str]) -> None:
    """matchLabelKeys: [app] on a pod with app=web makes `app in (web)` of the term's selector; mismatchLabelKeys
    makes `notin`. A term without a selector matches nothing and stays as it is."""
    for term in affinity_terms(spec):
        _merge(term, "matchLabelKeys", "In", labels)
        _merge(term, "mismatchLabelKeys", "NotIn", labels)
    for constraint in spec.get("topologySpreadConstraints") or ():
        _merge(constraint, "matchLabelKeys", "In", labels)


def affinity_terms(spec: Object) -> Iterator[Object]:
    """Every PodAffinityTerm."""
    affinity = spec.get("affinity")
    if not affinity:
        return
    for side in ("podAffinity", "podAntiAffinity"):
        terms = affinity.get(side) or {}
        for weighted in terms.get(PREFERRED) or ():
            yield weighted["podAffinityTerm"]
        yield from terms.get(REQUIRED) or ()


def _merge(term: Object, keys: str, operator: str, labels: Mapping[str, str]) -> None:
    selector = term.get("labelSelector")
    if selector is None or not term.get(keys):
        return
    added = [{"key": key, "operator": operator, "values": [labels[key]]} for key in term[keys] if key in labels]
    if added:
        selector["matchExpressions"] = [*(selector.get("matchExpressions") or ()), *added]
