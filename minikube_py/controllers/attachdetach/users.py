"""Which pods use which volumes, by their claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from minikube_py.controllers.attachdetach.volumes import keeps_attached
from minikube_py.controllers.runtime import Context
from minikube_py.controllers.runtime.podclaims import claim_keys, ephemeral_claim_name, is_for_pod, pods_by_claim, users
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.controllers.runtime.podsonnode import BY_NODE, pods_by_node
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import key, name
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS

BY_VOLUME = "claims by volume"


def bound_to(claim: Object) -> str:
    """The name of its volume; "" as long as it has none."""
    bound = (claim.get("status") or {}).get("phase") == "Bound"
    return claim["spec"].get("volumeName") or "" if bound else ""


def _volume_index(claim: Object) -> Sequence[str]:
    volume = bound_to(claim)
    return (volume,) if volume else ()


def _by_name(pod: Object, claim: Object) -> bool:
    """Whether the pod may use a claim of the name: what is made for an ephemeral volume is of its own pod only."""
    volumes = pod["spec"].get("volumes") or ()
    ephemeral = any(
        each.get("ephemeral") is not None and ephemeral_claim_name(pod, each) == name(claim) for each in volumes
    )
    return not ephemeral or is_for_pod(pod, claim)


class VolumeUsers:
    def __init__(self, context: Context) -> None:
        self._pods = pods_by_claim(context)
        pods_by_node(context)
        context.informer(PERSISTENT_VOLUME_CLAIMS).add_index(BY_VOLUME, _volume_index)
        self._claims = context.lister(PERSISTENT_VOLUME_CLAIMS)

    def of(self, volume: str) -> dict[str, list[Object]]:
        """The pods that keep a volume attached, by their nodes; first come, first served."""
        found: dict[str, list[Object]] = {}
        for claim in self._claims.by_index(BY_VOLUME, volume):
            for pod in users(self._pods, key(claim)):
                if keeps_attached(pod) and _by_name(pod, claim):
                    found.setdefault(node_name(pod), []).append(pod)
        return found

    def volumes_of(self, pod: Object) -> Iterator[str]:
        """The names of the volumes that a scheduled pod uses."""
        if not node_name(pod):
            return
        for where in claim_keys(pod):
            claim = self._claims.get(*where)
            if claim is not None:
                yield bound_to(claim)

    def volumes_on(self, node: str) -> Iterable[str]:
        """Those of all pods of a node."""
        return [volume for pod in self._pods.by_index(BY_NODE, node) for volume in self.volumes_of(pod)]
