"""Names that are reserved for what a file configures (pkg/apis/admissionregistration/validation/static_suffix.go)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor
from minikube_py.machinery.gvr import Object

_SUFFIX = ".static.k8s.io"
_SINCE = 36


def static_name_warnings(ctx: Context, obj: Object) -> list[str]:
    if minor(ctx) < _SINCE or not (obj["metadata"].get("name") or "").endswith(_SUFFIX):
        return []
    return [
        f'metadata.name: names ending with "{_SUFFIX}" are reserved for static manifest-based configurations and '
        "cannot be managed via the API"
    ]
