"""Scopes: which objects a ResourceQuota counts. All of a quota's scopes must hold."""

from __future__ import annotations

from collections.abc import Collection

from minikube_py.machinery.gvr import Object


def requirements(spec: Object) -> list[Object]:
    """Of a quota's spec, as scopeSelector expressions."""
    plain: list[Object] = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes") or ()]
    return [*plain, *((spec.get("scopeSelector") or {}).get("matchExpressions") or ())]


def holds(requirement: Object, values: Collection[str]) -> bool:
    """Whether an object that has these values (names of its classes) is meant."""
    operator, wanted = requirement["operator"], requirement.get("values") or ()
    if operator == "In":
        return any(value in wanted for value in values)
    if operator == "NotIn":
        return not values or any(value not in wanted for value in values)
    return bool(values) is (operator == "Exists")
