"""Which changes have a claim or a volume reconciled.

Upstream looks at all of them every 15 seconds, and leaves much to that. Here what may help a waiting claim wakes it: a
volume that became available, its class or the default one, a pod that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from minikube_py.controllers.persistentvolume.binder import CANDIDATES, Binder
from minikube_py.controllers.persistentvolume.binding import AVAILABLE, BIND_COMPLETED, claim_key, claim_ref, phase
from minikube_py.controllers.persistentvolume.matching import best_match
from minikube_py.controllers.persistentvolume.storageclass import class_name, delays_binding
from minikube_py.controllers.runtime import Controller
from minikube_py.controllers.runtime.podclaims import claim_keys
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, name
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES

NEEDS = "needs"
"""Index of claims: "volume/NAME" for those that name a volume, else "class/CLASS"."""


def needs_index(claim: Object) -> Sequence[str]:
    named = claim["spec"].get("volumeName")
    return (f"volume/{named}" if named else f"class/{class_name(claim)}",)


def takers(volume: Object, waiting: Iterable[Object], free: int) -> Iterable[Object]:
    """The claims to wake for a volume that became free, as one of `free`.

    Each claim that it suits takes one of the free volumes, this one or a better one: once as many have chosen as there
    are volumes, this one is taken. To wake all would take a million reconciles for a thousand of each.
    """
    return islice((claim for claim in waiting if best_match(claim, (volume,)) is not None), free)


def watch_for_claims(controller: Controller, binder: Binder) -> None:
    binder.claims.add_index(NEEDS, needs_index)
    classes = controller.context.lister(STORAGE_CLASSES)

    def of_volume(volume: Object) -> Iterable[NamespacedName]:
        found = binder.claims.by_index(NEEDS, f"volume/{name(volume)}")
        reference = claim_ref(volume)
        if reference is not None:
            return [claim_key(reference), *map(key, found)]
        if not _is_free(volume):
            return map(key, found)
        named = class_name(volume)
        waiting = binder.claims.by_index(NEEDS, f"class/{named}")
        # Of those that wait for a consumer, who will take a volume is not known here.
        delayed = delays_binding(classes.get("", named))
        alike = binder.volumes.by_index(CANDIDATES, f"free/{named}")
        free = len(waiting) if delayed else sum(map(_is_free, alike))
        return map(key, (*found, *takers(volume, waiting, free)))

    def of_class(storage_class: Object) -> Iterable[NamespacedName]:
        names = (name(storage_class), "")
        return [key(claim) for each in names for claim in binder.claims.by_index(NEEDS, f"class/{each}")]

    def of_pod(pod: Object) -> Iterable[NamespacedName]:
        if not pod["spec"].get("volumes"):
            return ()
        claims = ((where, binder.claims.get(where)) for where in claim_keys(pod))
        return [where for where, claim in claims if claim is not None and BIND_COMPLETED not in meta.annotations(claim)]

    controller.watches_for(PERSISTENT_VOLUME_CLAIMS)
    controller.watches(PERSISTENT_VOLUMES, of_volume, when=_helps_claims)
    controller.watches(STORAGE_CLASSES, of_class, when=lambda old, new: new is not None)
    controller.watches(PODS, of_pod, when=_comes_goes_or_is_scheduled)


def watch_for_volumes(controller: Controller, binder: Binder) -> None:
    def of_claim(claim: Object) -> Iterable[NamespacedName]:
        named = claim["spec"].get("volumeName")
        kept = [key(volume) for volume in binder.volumes.by_index(CANDIDATES, f"for/{key(claim)}")]
        return [NamespacedName("", named), *kept] if named else kept

    controller.watches_for(PERSISTENT_VOLUMES)
    controller.watches(PERSISTENT_VOLUME_CLAIMS, of_claim, when=_moves)


def _helps_claims(old: Object | None, new: Object | None) -> bool:
    """Whether the volume became free to bind, or is gone (its claim is lost)."""
    return new is None or old is None or (_is_free(new) and not _is_free(old))


def _is_free(volume: Object) -> bool:
    return phase(volume) == AVAILABLE


def _comes_goes_or_is_scheduled(old: Object | None, new: Object | None) -> bool:
    return old is None or new is None or node_name(old) != node_name(new)


def _moves(old: Object | None, new: Object | None) -> bool:
    """Whether the claim is gone, or names another volume."""
    if new is None:
        return True
    return old is not None and old["spec"].get("volumeName") != new["spec"].get("volumeName")
