"""What a pod as a whole is given: status.resources and status.allocatedResources (kubelet_pods.go
convertToAPIPodLevelResourcesStatus)."""

from __future__ import annotations

from minikube_py.machinery import podresources, quantity
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
        podresources.add(requests, {name: quantity.parse(text)})
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


def _total(spec: Object, field: str) -> Amounts:
    def parsed(container: Object) -> Amounts:
        return {name: quantity.parse(text) for name, text in _asked(container, field).items()}

    return podresources.aggregate(spec, parsed)
