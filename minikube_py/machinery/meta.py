"""Reading an object's metadata: apimachinery's meta accessors over JSON trees."""

from minikube_py.machinery.gvr import GroupVersionKind, NamespacedName, Object


def name(obj: Object) -> str:
    return str(obj["metadata"].get("name", ""))


def namespace(obj: Object) -> str:
    return str(obj["metadata"].get("namespace", ""))


def key(obj: Object) -> NamespacedName:
    metadata = obj["metadata"]
    return NamespacedName(metadata.get("namespace", ""), metadata.get("name", ""))


def uid(obj: Object) -> str:
    return str(obj["metadata"].get("uid", ""))


def resource_version(obj: Object) -> str:
    return str(obj["metadata"].get("resourceVersion", ""))


def generation(obj: Object) -> int:
    return int(obj["metadata"].get("generation", 0))


def labels(obj: Object) -> dict[str, str]:
    return obj["metadata"].get("labels") or {}


def annotations(obj: Object) -> dict[str, str]:
    return obj["metadata"].get("annotations") or {}


def finalizers(obj: Object) -> list[str]:
    return obj["metadata"].get("finalizers") or []


def owner_references(obj: Object) -> list[Object]:
    return obj["metadata"].get("ownerReferences") or []


def is_deleting(obj: Object) -> bool:
    """Whether deletion was asked for: deletionTimestamp is set."""
    return bool(obj["metadata"].get("deletionTimestamp"))


def controller_of(obj: Object) -> Object | None:
    """The owner reference with controller: true, or None."""
    for reference in owner_references(obj):
        if reference.get("controller"):
            return reference
    return None


def is_controlled_by(obj: Object, owner: Object) -> bool:
    reference = controller_of(obj)
    return reference is not None and reference["uid"] == uid(owner)


def controller_reference(owner: Object, kind: GroupVersionKind) -> Object:
    """The reference a controller puts on what it makes (metav1.NewControllerRef)."""
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": name(owner),
        "uid": uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }
