"""Which StorageClass a claim or a volume names, and which is the default one."""

from __future__ import annotations

from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object

STORAGE_CLASSES = "storageclasses.storage.k8s.io"
"""The store's name of StorageClasses."""
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
"""What named a class before spec.storageClassName."""
_DEFAULT_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


def is_default_class(obj: Object) -> bool:
    annotations = meta.annotations(obj)
    return any(annotations.get(key) == "true" for key in _DEFAULT_ANNOTATIONS)


def class_name(obj: Object) -> str:
    """Of a claim or a volume; "" if it names none."""
    named: str = obj["spec"].get("storageClassName") or ""
    return meta.annotations(obj).get(CLASS_ANNOTATION, named)
