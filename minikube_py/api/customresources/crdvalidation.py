from __future__ import annotations

from minikube_py.machinery.field import FieldError
from minikube_py.machinery.gvr import Object


def validate_crd(obj: Object, minor: int) -> list[FieldError]:
    return []
def validate_crd_update(obj: Object, old: Object, minor: int) -> list[FieldError]:
    return []
def validate_crd_status_update(obj: Object, old: Object) -> list[FieldError]:
    return []
