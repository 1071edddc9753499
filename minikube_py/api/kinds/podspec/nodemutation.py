"""Where a gated pod may run may still be narrowed: its node selector and its affinity to nodes grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minikube_py.api.kinds.podspec.gostructs import all_as_go, as_go
from minikube_py.api.kinds.podspec.labelkeys import REQUIRED
from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import Object


def gated_node_errors(spec: Object, old: Object, path: Path) -> ErrorList:
    """Of a pod that had scheduling gates; `path` is the pod spec's."""
    selector: Mapping[str, str] = spec.get("nodeSelector") or {}
    before: Mapping[str, str] = old.get("nodeSelector") or {}
    errors: ErrorList = []
    if any(selector.get(key) != value for key, value in before.items()):
        detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        errors.append(invalid(path.child("nodeSelector"), dict(sorted(selector.items())), detail))
    new_affinity, old_affinity = _node_affinity(spec), _node_affinity(old)
    if new_affinity != old_affinity:
        errors += _affinity_errors(new_affinity, old_affinity, path.child("affinity", "nodeAffinity"))
    return errors


def _node_affinity(spec: Object) -> Any:
    return (spec.get("affinity") or {}).get("nodeAffinity")


def _affinity_errors(new: Object | None, old: Object | None, path: Path) -> ErrorList:
    """What was empty may become anything; terms are neither added nor taken, only their requirements grow."""
    old_terms: list[Object] = ((old or {}).get(REQUIRED) or {}).get("nodeSelectorTerms") or []
    new_terms: list[Object] = ((new or {}).get(REQUIRED) or {}).get("nodeSelectorTerms") or []
    at = path.child(REQUIRED, "nodeSelectorTerms")
    if old_terms and len(old_terms) != len(new_terms):
        detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        return [invalid(at, all_as_go("NodeSelectorTerm", new_terms) or None, detail)]
    detail = "only additions are allowed (no mutations or deletions)"
    return [
        invalid(at.index(index), as_go("NodeSelectorTerm", new_terms[index]), detail)
        for index, term in enumerate(old_terms)
        if not _only_grown(new_terms[index], term)
    ]


def _only_grown(new: Object, old: Object) -> bool:
    parts: list[tuple[Sequence[Object], Sequence[Object]]] = [
        (new.get(field) or [], old.get(field) or []) for field in ("matchExpressions", "matchFields")
    ]
    if not any(before for _, before in parts):
        return not any(after for after, _ in parts)
    return all(after[: len(before)] == before for after, before in parts)


def with_old_node_constraints(spec: Object, old: Object) -> Object:
    """`spec` with the node selector and node affinity of `old`, for the comparison of the rest."""
    made = {key: value for key, value in spec.items() if key not in ("nodeSelector", "affinity")}
    if "nodeSelector" in old:
        made["nodeSelector"] = old["nodeSelector"]
    affinity = {key: value for key, value in (spec.get("affinity") or {}).items() if key != "nodeAffinity"}
    if (node := _node_affinity(old)) is not None:
        affinity["nodeAffinity"] = node
    if affinity or "affinity" in old:
        made["affinity"] = affinity
    return made
