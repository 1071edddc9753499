"""Which container of a pod is meant (pkg/registry/core/pod/strategy.go validateContainer)."""

from __future__ import annotations

from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object


def choose_container(pod: Object, wanted: str) -> str:
    """The container meant: the one named, or the only one. Raises StatusError 400."""
    name = pod["metadata"]["name"]
    spec = pod["spec"]
    init = [container["name"] for container in spec.get("initContainers") or []]
    main = [container["name"] for container in spec.get("containers") or []]
    ephemeral = [container["name"] for container in spec.get("ephemeralContainers") or []]
    if wanted:
        if wanted not in (*init, *main, *ephemeral):
            raise errors.bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(main) == 1:
        return str(main[0])
    chosen = " ".join([*init, *main, *ephemeral])
    raise errors.bad_request(f"a container name must be specified for pod {name}, choose one of: [{chosen}]")


def require_host(pod: Object) -> None:
    """Raises StatusError 400 for a pod that is on no node."""
    if not pod["spec"].get("nodeName"):
        raise errors.bad_request(f"pod {pod['metadata']['name']} does not have a host assigned")
