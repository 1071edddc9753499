"""What a pod as a whole is given: status.resources and status.allocatedResources (kubelet_pods.go
convertToAPIPodLevelResourcesStatus)."""

from __future__ import annotations

from minikube_py.controllers.kubelet.containers import is_sidecar
from minikube_py.machinery import quantity
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.quantity import Quantity

Amounts = dict[str, Quantity]
_NOTHING: Object = {}


def pod_resources(spec: Object) -> Object:
    """Limits are a pod's only where all of its containers have them, for else it has none."""
    requests, limits = _total(spec, "requests"), _total(spec, "limits")
    containers = [*spec["containers"], *(spec.get("initContainers") or ())]
    for name in tuple(limits):
        if not all(name in _asked(each, "limits") for each in containers):
            del limits[name]
    own = spec.get("resources") or _NOTHING
    for name, text in (own.get("requests") or _NOTHING).items():
        requests[name] = quantity.parse(text)
    for name, text in (own.get("limits") or _NOTHING).items():
        limits[name] = quantity.parse(text)
    for name, text in (spec.get("overhead") or _NOTHING).items():
        _add(requests, {name: quantity.parse(text)})
    resources: Object = {}
    if limits:
        resources["limits"] = _written(limits)
    if not requests:
        return {"resources": resources}
    resources["requests"] = _written(requests)
    return {"resources": resources, "allocatedResources": resources["requests"]}


def _written(amounts: Amounts) -> dict[str, str]:
    return {name: str(amounts[name]) for name in sorted(amounts)}


def _asked(container: Object, field: str) -> dict[str, str]:
    return (container.get("resources") or _NOTHING).get(field) or {}


def _add(total: Amounts, more: Amounts) -> None:
    for name, number in more.items():
        total[name] = total[name] + number if name in total else number


def _raise(total: Amounts, floor: Amounts) -> None:
    for name, number in floor.items():
        if name not in total or total[name] < number:
            total[name] = number


def _total(spec: Object, field: str) -> Amounts:
    """Of containers and sidecars together, at least what each init container needs beside those before it."""
    total: Amounts = {}
    for container in spec["containers"]:
        _add(total, _parsed(container, field))
    sidecars: Amounts = {}
    highest: Amounts = {}
    for container in spec.get("initContainers") or ():
        own = _parsed(container, field)
        if is_sidecar(container):
            _add(total, own)
            _add(sidecars, own)
            _raise(highest, sidecars)
        else:
            _add(own, sidecars)
            _raise(highest, own)
    _raise(total, highest)
    return total


def _parsed(container: Object, field: str) -> Amounts:
    return {name: quantity.parse(text) for name, text in _asked(container, field).items()}
