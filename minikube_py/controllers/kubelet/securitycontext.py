"""As whom a container runs, and what it may (pkg/securitycontext/util.go DetermineEffectiveSecurityContext,
pkg/kubelet/kuberuntime/security_context_others.go)."""

from __future__ import annotations

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import uid

_SHARED = ("runAsUser", "runAsGroup", "runAsNonRoot")
"""What the pod says for all of its containers, unless they say it themselves."""


def effective(spec: Object, container: Object) -> Object:
    """The container's own securityContext with what the pod's adds to it."""
    own = container.get("securityContext") or {}
    of_pod = spec.get("securityContext")
    return {**{field: of_pod[field] for field in _SHARED if field in of_pod}, **own} if of_pod else own


def is_read_only(container: Object) -> bool:
    """Whether it cannot write to its own root."""
    return bool((container.get("securityContext") or {}).get("readOnlyRootFilesystem"))


def root_problem(pod: Object, container: Object) -> str:
    """Why it may not run as the user that it is told to run as; who an image's own user is, nobody knows."""
    context = effective(pod["spec"], container)
    if not context.get("runAsNonRoot") or context.get("runAsUser") != 0:
        return ""
    metadata = pod["metadata"]
    named = f'"{metadata["name"]}_{metadata["namespace"]}({uid(pod)})"'
    return f"container's runAsUser breaks non-root policy (pod: {named}, container: {container['name']})"
