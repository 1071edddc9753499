"""What PersistentVolumeClaims use: storage, in all and of each class
(pkg/quota/v1/evaluator/core/persistent_volume_claims.go)."""

from __future__ import annotations

from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.quantity import Quantity, of, parse
from minikube_py.machinery.quota import scopes
from minikube_py.machinery.quota.amounts import Amounts
from minikube_py.machinery.quota.evaluator import ONE, Evaluator, Verb

_CLAIMS, _STORAGE = "persistentvolumeclaims", "requests.storage"
_OF_CLASS = ".storageclass.storage.k8s.io/"
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"


class VolumeClaimEvaluator(Evaluator):
    def __init__(self) -> None:
        super().__init__(GroupResource("", "persistentvolumeclaims"), _CLAIMS, _STORAGE)

    def counts(self, name: str) -> bool:
        return name in self.names or name.endswith((_OF_CLASS + _CLAIMS, _OF_CLASS + _STORAGE))

    def handles(self, verb: Verb, subresource: str, obj: Object, old: Object | None) -> bool:
        if subresource == "status":
            return old is not None and self.replenishes(old, obj)
        return not subresource

    def replenishes(self, old: Object, new: Object) -> bool:
        return _allocated(old) != _allocated(new) or _attributes_classes(old) != _attributes_classes(new)

    def in_scope(self, requirement: Object, obj: Object) -> bool:
        if requirement["scopeName"] != "VolumeAttributesClass":
            return False
        return scopes.holds(requirement, _attributes_classes(obj))

    def usage(self, obj: Object, now: float) -> Amounts:
        used: Amounts = {_CLAIMS: ONE, f"count/{_CLAIMS}": ONE}
        storage, storage_class = _storage(obj), _class(obj)
        if storage is not None:
            used[_STORAGE] = storage
        if storage_class:
            used |= {f"{storage_class}{_OF_CLASS}{name}": used[name] for name in (_CLAIMS, _STORAGE) if name in used}
        return used


def _class(claim: Object) -> str:
    old = (claim["metadata"].get("annotations") or {}).get(_OLD_CLASS)
    return str(old if old is not None else claim["spec"].get("storageClassName") or "")


def _allocated(claim: Object) -> str | None:
    found: str | None = ((claim.get("status") or {}).get("allocatedResources") or {}).get("storage")
    return found


def _storage(claim: Object) -> Quantity | None:
    """What is asked for, or was allocated if that is more; whole bytes."""
    wanted = ((claim["spec"].get("resources") or {}).get("requests") or {}).get("storage")
    if wanted is None:
        return None
    asked, allocated = parse(wanted), _allocated(claim)
    if allocated is not None and parse(allocated) > asked:
        asked = parse(allocated)
    return asked if asked.scale >= 0 else of(asked.value(), asked.format)


def _attributes_classes(claim: Object) -> set[str]:
    status = claim.get("status") or {}
    names = (
        claim["spec"].get("volumeAttributesClassName"),
        status.get("currentVolumeAttributesClassName"),
        (status.get("modifyVolumeStatus") or {}).get("targetVolumeAttributesClassName"),
    )
    return {name for name in names if name}
