"""References to objects of other kinds (pkg/apis/networking/validation)."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, invalid_each, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_subdomain, path_segment_name


def validate_local_reference(reference: Object, path: Path) -> ErrorList:
    """A kind, perhaps its group, and a name."""
    errors: ErrorList = []
    if (group := reference.get("apiGroup")) is not None:
        errors += invalid_each(path.child("apiGroup"), group, dns1123_subdomain(group))
    return [
        *errors,
        *validate_segment(reference, path, "kind"),
        *validate_segment(reference, path, "name"),
    ]


def validate_segment(reference: Object, path: Path, field: str) -> ErrorList:
    """A field that must be given, and could stand in a URL path."""
    value = reference.get(field) or ""
    if not value:
        return [required(path.child(field))]
    return invalid_each(path.child(field), value, path_segment_name(value))
