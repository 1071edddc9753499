"""Which StorageClass a claim or volume names, and what it says (component-helpers storage/volume, pkg/volume/util)."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name

CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
"""What named a class before spec.storageClassName; it still comes first."""
DEFAULT_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
SELECTED_NODE = "volume.kubernetes.io/selected-node"
"""Of claims: the node that the scheduler wants the volume for."""


def class_name(obj: Object) -> str:
    """Of a claim or a volume; "" without one."""
    return str(meta.annotations(obj).get(CLASS_ANNOTATION, obj["spec"].get("storageClassName") or ""))


def names_class(claim: Object) -> bool:
    """Whether the claim says anything of classes; "" is a wish too: a volume without one."""
    return CLASS_ANNOTATION in meta.annotations(claim) or claim["spec"].get("storageClassName") is not None


def default_class(classes: Iterable[Object]) -> Object | None:
    """The youngest of the classes marked so; of equally old ones the first by name."""
    marked = [each for each in classes if any(meta.annotations(each).get(key) == "true" for key in DEFAULT_ANNOTATIONS)]
    marked.sort(key=name)
    marked.sort(key=lambda each: each["metadata"].get("creationTimestamp") or "", reverse=True)
    return marked[0] if marked else None


def delays_binding(storage_class: Object | None) -> bool:
    """Whether claims of the class wait for a pod that uses them."""
    return storage_class is not None and storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"
