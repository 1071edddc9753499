"""Which names of a CRD are accepted: those that no other of its group has.

Upstream: apiextensions-apiserver/pkg/controller/status/naming_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.api.customresources.crd import condition, with_condition
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object

_IN_USE = "{} is already in use"


def accept_names(crd: Object, crds: Iterable[Object], now: str) -> Object | None:
    """The status after its names were looked at; None if nothing is to be said. `crds`: all there are."""
    names, status = crd["spec"]["names"], crd.get("status") or {}
    accepted: Object = status.get("acceptedNames") or {}
    if names == accepted:
        return None
    granted, reason, message = _granted(names, accepted, *_taken(crd["spec"]["group"], crds))
    state = "False" if reason != "NoConflicts" else "True"
    before = condition(crd, "NamesAccepted")
    told = before and (before["status"], before.get("reason"), before.get("message")) == (state, reason, message)
    if told and granted == accepted:
        return None
    changed = {**crd, "status": {**status, "acceptedNames": granted}}
    changed = {**changed, "status": with_condition(changed, "NamesAccepted", state, reason, message, now)}
    return _with_established(changed, state == "True", now)


def _with_established(crd: Object, accepted: bool, now: str) -> Object:
    """Not established yet, and why; what is established stays so."""
    before = condition(crd, "Established")
    status: Object = crd["status"]
    if before is not None and (before["status"] == "True" or not accepted):
        return status
    reason, message = "NotAccepted", "not all names are accepted"
    if accepted:
        reason, message = "Installing", "the initial names have been accepted"
    return with_condition(crd, "Established", "False", reason, message, now)


def _taken(group: str, crds: Iterable[Object]) -> tuple[set[str], set[str]]:
    """Names of resources and of kinds that CRDs of the group hold."""
    resources: set[str] = set()
    kinds: set[str] = set()
    for crd in crds:
        if crd["spec"]["group"] == group:
            held = (crd.get("status") or {}).get("acceptedNames") or {}
            resources |= {held.get("plural", ""), held.get("singular", ""), *(held.get("shortNames") or ())}
            kinds |= {held.get("kind", ""), held.get("listKind", "")}
    return resources, kinds


def _granted(names: Object, accepted: Object, resources: set[str], kinds: set[str]) -> tuple[Object, str, str]:
    """(accepted names, the condition's reason, its message); of several conflicts the last is told."""
    granted = dict(accepted)
    reason, message = "NoConflicts", "no conflicts found"
    for field, taken in (
        ("plural", resources),
        ("singular", resources),
        ("shortNames", resources),
        ("kind", kinds),
        ("listKind", kinds),
    ):
        wanted = names.get(field)
        conflicts = _conflicts(wanted, accepted.get(field), taken)
        if conflicts:
            reason = f"{field[0].upper()}{field[1:]}Conflict"
            message = conflicts[0] if len(conflicts) == 1 else f"[{', '.join(dict.fromkeys(conflicts))}]"
        else:
            _set(granted, field, wanted)
    _set(granted, "categories", names.get("categories"))
    return granted, reason, message


def _conflicts(wanted: object, accepted: object, taken: set[str]) -> list[str]:
    if isinstance(wanted, list):
        held = accepted if isinstance(accepted, list) else []
        return [_IN_USE.format(quote(name)) for name in wanted if name not in held and name in taken]
    if wanted == accepted or not isinstance(wanted, str) or wanted not in taken:
        return []
    return [_IN_USE.format(quote(wanted))]


def _set(names: Object, field: str, value: object) -> None:
    if value:
        names[field] = value
    else:
        names.pop(field, None)
