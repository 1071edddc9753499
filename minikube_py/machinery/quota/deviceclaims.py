"""What ResourceClaims use: devices of each class (pkg/quota/v1/evaluator/core/resource_claims.go)."""

from __future__ import annotations

from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.quantity import of
from minikube_py.machinery.quota.amounts import Amounts
from minikube_py.machinery.quota.evaluator import Evaluator, Verb

_DEVICES = ".deviceclass.resource.k8s.io/devices"
_ALL = 32
"""What a request for all devices counts as: so many can be allocated at most."""


class DeviceClaimEvaluator(Evaluator):
    def __init__(self) -> None:
        super().__init__(GroupResource("resource.k8s.io", "resourceclaims"))

    def counts(self, name: str) -> bool:
        return name in self.names or name.endswith(_DEVICES)

    def handles(self, verb: Verb, subresource: str, obj: Object, old: Object | None) -> bool:
        return not subresource

    def usage(self, obj: Object, now: float) -> Amounts:
        devices: dict[str, int] = {}
        for request in ((obj.get("spec") or {}).get("devices") or {}).get("requests") or ():
            for name, number in _of_request(request).items():
                devices[name] = devices.get(name, 0) + number
        return {**super().usage(obj, now), **{name + _DEVICES: of(number) for name, number in devices.items()}}


def _of_request(request: Object) -> dict[str, int]:
    """Of alternatives the most that any takes of each class."""
    alternatives = request.get("firstAvailable") or [request.get("exactly") or request]
    most: dict[str, int] = {}
    for each in alternatives:
        name = each.get("deviceClassName")
        if name:
            number = _ALL if each.get("allocationMode") == "All" else each.get("count") or 0
            most[name] = max(most.get(name, 0), number)
    return most
