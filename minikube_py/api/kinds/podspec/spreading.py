"""How pods are spread over nodes: topology spread constraints."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.podspec.affinity import label_key_errors
from minikube_py.machinery.field import ErrorList, Path, duplicate, invalid, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labelselector import validate_label_selector

_ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
_NODE_POLICIES = ("Honor", "Ignore")
_NOT_POSITIVE = "must be greater than zero"


def spread_constraint_errors(constraints: Sequence[Object], path: Path) -> ErrorList:
    """`topologySpreadConstraints`."""
    errors: ErrorList = []
    for index, constraint in enumerate(constraints):
        errors += _constraint_errors(constraint, constraints[index + 1 :], path.index(index))
    return errors


def _constraint_errors(constraint: Object, following: Sequence[Object], path: Path) -> ErrorList:
    key, action = constraint.get("topologyKey") or "", constraint.get("whenUnsatisfiable") or ""
    errors: ErrorList = []
    if (skew := constraint.get("maxSkew") or 0) <= 0:
        errors.append(invalid(path.child("maxSkew"), skew, _NOT_POSITIVE, "minimum"))
    if not key:
        errors.append(required(path.child("topologyKey"), "can not be empty"))
    if action not in _ACTIONS:
        errors.append(not_supported(path.child("whenUnsatisfiable"), action, _ACTIONS))
    for other in following:
        if (other.get("topologyKey") or "", other.get("whenUnsatisfiable") or "") == (key, action):
            errors.append(duplicate(path.child("{topologyKey, whenUnsatisfiable}"), f"{{{key}, {action}}}"))
            break
    errors += _minimum_domains_errors(constraint.get("minDomains"), action, path.child("minDomains"))
    for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        policy = constraint.get(name)
        if policy is not None and policy not in _NODE_POLICIES:
            errors.append(not_supported(path.child(name), policy, _NODE_POLICIES))
    errors += label_key_errors(constraint, path)
    return errors + validate_label_selector(constraint.get("labelSelector"), path.child("labelSelector"))


def _minimum_domains_errors(count: int | None, action: str, path: Path) -> ErrorList:
    if count is None:
        return []
    errors: ErrorList = []
    if count <= 0:
        errors.append(invalid(path, count, _NOT_POSITIVE, "minimum"))
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        errors.append(invalid(path, count, detail))
    return errors
