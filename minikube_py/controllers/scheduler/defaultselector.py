"""Whom a pod without constraints of its own is spread from: the pods of its Services and of its owner
(plugins/helper/spread.go DefaultSelector)."""

from __future__ import annotations

from minikube_py.controllers.scheduler.handle import Handle
from minikube_py.controllers.scheduler.podinfo import Family
from minikube_py.controllers.scheduler.selectors import selector_of
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector, from_set


def default_selector(family: Family, handle: Handle) -> Selector:
    """All requirements together; an empty one if nothing selects the pod."""
    wanted: dict[str, str] = {}
    for service in handle.services.list(family.namespace):
        selector = service["spec"].get("selector")
        if selector is not None and selector.items() <= family.labels.items():
            wanted.update(selector)
    owner = _owner(family, handle)
    if owner is None:
        return from_set(wanted)
    if family.owner is not None and family.owner[1] == "ReplicationController":
        return from_set({**wanted, **(owner["spec"].get("selector") or {})})
    return from_set(wanted).add(*selector_of(owner["spec"].get("selector")).requirements)


def _owner(family: Family, handle: Handle) -> Object | None:
    if family.owner is None:
        return None
    api_version, kind, name = family.owner
    lister = handle.owners.get((api_version, kind))
    return lister.get(family.namespace, name) if lister is not None else None
