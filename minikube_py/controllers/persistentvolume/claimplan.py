"""The claim's plan: what to do for it, from what is known (pv_controller.go syncUnboundClaim, syncBoundClaim).

claim                                   then
names no volume, one suits              Bind
names no volume, class to be assigned   AssignClass
waits for its first consumer            Wait, until the scheduler has chosen a node, or bound a volume to it
of a class                              Provision
of no class                             Wait: FailedBinding
names a volume that is free, or its     Bind, or Wait: VolumeMismatch
names a volume that is another's        Wait: FailedBinding
was bound, its volume is gone           Lose: ClaimLost
was bound, its volume is another's      Lose: ClaimMisbound
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from minikube_py.controllers.persistentvolume.binding import BIND_COMPLETED, claim_ref, is_bound_to
from minikube_py.controllers.persistentvolume.matching import best_match, mismatch
from minikube_py.controllers.persistentvolume.storageclass import (
    SELECTED_NODE,
    class_name,
    default_class,
    delays_binding,
    names_class,
)
from minikube_py.controllers.runtime.pods import is_terminal, node_name
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name, uid

NO_PROVISIONER = "kubernetes.io/no-provisioner"
"""The provisioner of classes whose volumes people make."""


class Event(NamedTuple):
    type: Literal["Normal", "Warning"]
    reason: str
    message: str


class Bind(NamedTuple):
    volume: Object


class AssignClass(NamedTuple):
    """The default class, for a claim that was made when there was none."""

    name: str


class Provision(NamedTuple):
    class_name: str
    storage_class: Object | None


class Wait(NamedTuple):
    """The claim is Pending."""

    event: Event | None = None


class Lose(NamedTuple):
    """The claim is Lost, for good; the event is told once."""

    event: Event


Action = Bind | AssignClass | Provision | Wait | Lose


@dataclass(frozen=True)
class Known:
    """What a claim's plan depends on."""

    named: Object | None = None
    """The volume that the claim names."""
    volumes: Sequence[Object] = ()
    """Those that might suit it: the free ones of its class, and those that name it."""
    classes: Sequence[Object] = ()
    pods: Sequence[Object] = ()
    """Those that use it."""


def plan(claim: Object, known: Known) -> Action:
    if BIND_COMPLETED in meta.annotations(claim):
        return _bound(claim, known)
    return _named(claim, known.named) if claim["spec"].get("volumeName") else _unbound(claim, known)


def _unbound(claim: Object, known: Known) -> Action:
    wanted = class_name(claim)
    storage_class = next((each for each in known.classes if wanted and name(each) == wanted), None)
    delayed = delays_binding(storage_class)
    volume = best_match(claim, known.volumes, delayed=delayed)
    if volume is not None:
        return Bind(volume)
    default = default_class(known.classes) if not names_class(claim) else None
    if default is not None:
        return AssignClass(name(default))
    if delayed and SELECTED_NODE not in meta.annotations(claim):
        return Wait(_waits_for_consumer(known.pods))
    if wanted:
        return Provision(wanted, storage_class)
    message = "no persistent volumes available for this claim and no storage class is set"
    return Wait(Event("Normal", "FailedBinding", message))


def _waits_for_consumer(pods: Sequence[Object]) -> Event:
    """Choosing a volume, or a node to make one for, is up to the scheduler's VolumeBinding: a claim whose pod comes
    with a node, and so past the scheduler, waits for ever."""
    waiting = [name(pod) for pod in pods if not is_terminal(pod) and not node_name(pod)]
    if not waiting:
        return Event("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding")
    which = f"pod {waiting[0]}" if len(waiting) == 1 else f"pods {','.join(waiting)}"
    return Event("Normal", "WaitForPodScheduled", f"waiting for {which} to be scheduled")


def _named(claim: Object, volume: Object | None) -> Action:
    if volume is None:
        return Wait()
    if claim_ref(volume) is None:
        if problem := mismatch(volume, claim):
            message = f'Cannot bind to requested volume "{name(volume)}": {problem}'
            return Wait(Event("Warning", "VolumeMismatch", message))
        return Bind(volume)
    if is_bound_to(volume, claim):
        return Bind(volume)
    return Wait(Event("Warning", "FailedBinding", f'volume "{name(volume)}" already bound to a different claim.'))


def _bound(claim: Object, known: Known) -> Action:
    if not claim["spec"].get("volumeName"):
        message = "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"
        return Lose(Event("Warning", "ClaimLost", message))
    if known.named is None:
        message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
        return Lose(Event("Warning", "ClaimLost", message))
    reference = claim_ref(known.named)
    if reference is None or reference.get("uid") == uid(claim):
        return Bind(known.named)
    message = "Two claims are bound to the same volume, this one is bound incorrectly"
    return Lose(Event("Warning", "ClaimMisbound", message))
