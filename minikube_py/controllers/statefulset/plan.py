"""What a StatefulSet does next, decided from its pods (pkg/controller/statefulset/stateful_set_control.go).

The steps are made phase by phase; what goes wrong in one phase ends all. A set whose pods are ordered (OrderedReady,
"monotonic" upstream) does one thing at a time and waits for each pod to be available; a parallel one does all at
once.

    1. wanted pods, from the lowest ordinal      delete the finished, create the missing, fix the changed
    2. condemned pods' claims                    hand them to their pods, if they are to go with them
    3. condemned pods, from the highest ordinal  delete
    4. pods of other revisions, from the highest ordinal, down to the partition: delete, to be made anew by 1

3 sets: web-0 available, web-1 not ready, web-2 missing; ordered: nothing to do until web-1 is available;
parallel: create web-2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import NamedTuple

from minikube_py.controllers.runtime.history import restored
from minikube_py.controllers.runtime.pods import is_available, is_terminal, phase
from minikube_py.controllers.statefulset.identity import (
    claim_names,
    identity_matches,
    new_pod,
    ordinal,
    ordinals,
    pod_revision,
    replicas,
    storage_matches,
)
from minikube_py.controllers.statefulset.retention import deletes_when_scaled, is_stale, is_up_to_date
from minikube_py.controllers.statefulset.status import (
    is_created,
    is_running_and_ready,
    is_unavailable,
    min_ready_seconds,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.intstr import scaled_value
from minikube_py.machinery.meta import is_deleting, name

BURST = 500
"""How many pods a parallel set makes before it looks again. (Upstream would make room for all that are wanted first:
two thousand million are a few keystrokes away.)"""

ClaimOf = Callable[[str], Object | None]
"""The set's namespace's claim of a name."""


class Verb(Enum):
    CREATE = "create"
    DELETE = "delete"
    UPDATE = "update"
    """Make its identity, storage and claims right."""
    CREATE_CLAIMS = "create claims"
    """Those of a pending pod that are missing."""
    OWN_CLAIMS = "own claims"
    """Make their owners right."""


class Step(NamedTuple):
    verb: Verb
    pod: Object


@dataclass(frozen=True)
class World:
    """What the plan is made from."""

    stateful_set: Object
    current: Object
    """The ControllerRevision that was rolled out last."""
    update: Object
    """The one of the set's template."""
    pods: Sequence[Object]
    claim_of: ClaimOf
    now: float
    index_label: bool = True
    """Whether pods have their ordinal as a label."""


@dataclass
class Plan:
    counted: Sequence[Object]
    """The pods that the status is about."""
    wanted: list[Step] = field(default_factory=list)
    claims: list[Step] = field(default_factory=list)
    condemned: list[Step] = field(default_factory=list)
    outdated: list[Step] = field(default_factory=list)


def is_ordered(stateful_set: Object) -> bool:
    policy: str | None = stateful_set["spec"].get("podManagementPolicy")
    return policy != "Parallel"


def plan(world: World) -> Plan:
    stateful_set = world.stateful_set
    if is_deleting(stateful_set):
        return Plan(world.pods)
    wanted, condemned = arrange(world)
    made = Plan([*wanted, *condemned])
    ordered = is_ordered(stateful_set)
    for pod in wanted:
        steps, blocked = _attend(world, pod, ordered)
        made.wanted += steps
        if blocked and ordered:
            return made
    made.claims = [Step(Verb.OWN_CLAIMS, pod) for pod in condemned if not _claims_match(world, pod)]
    made.condemned, blocked = _condemn(world, wanted, condemned, ordered)
    if not (blocked and ordered) and len(wanted) == replicas(stateful_set):
        made.outdated = [Step(Verb.DELETE, pod) for pod in _outdated(world, wanted)]
    return made


def arrange(world: World) -> tuple[list[Object], list[Object]]:
    """The pods wanted, by ordinal, drafts in place of those that are missing, and the condemned, highest first. Of an
    ordered set the first draft alone is made, for nothing comes after it; of a parallel one BURST at most."""
    stateful_set = world.stateful_set
    there: dict[int, Object] = {}
    condemned: list[Object] = []
    range_of_ordinals = ordinals(stateful_set)
    for pod in world.pods:
        number = ordinal(pod)
        if number in range_of_ordinals:
            there[number] = pod
        elif number >= 0:
            condemned.append(pod)
    missing = (number for number in range_of_ordinals if number not in there)
    drafted = islice(missing, 1 if is_ordered(stateful_set) else BURST)
    there |= {number: _draft(world, number) for number in tuple(drafted)}
    return [there[number] for number in sorted(there)], sorted(condemned, key=ordinal, reverse=True)


def _draft(world: World, number: int) -> Object:
    """Below the partition a pod comes back as it was."""
    stateful_set = world.stateful_set
    strategy = stateful_set["spec"].get("updateStrategy") or {}
    rolling = strategy.get("rollingUpdate")
    start = ordinals(stateful_set).start
    if rolling is not None:
        kept = rolling.get("partition") or 0
    elif strategy.get("type") == "RollingUpdate":
        kept = (stateful_set.get("status") or {}).get("currentReplicas") or 0
    else:
        kept = 0
    revision = world.current if number < start + kept else world.update
    template = restored(stateful_set, revision)
    return new_pod(template, number, name(revision), index_label=world.index_label)


def _attend(world: World, pod: Object, ordered: bool) -> tuple[list[Step], bool]:
    """What to do about a wanted pod, and whether those after it have to wait."""
    if is_terminal(pod):
        return ([] if is_deleting(pod) else [Step(Verb.DELETE, pod)]), True
    if not is_created(pod):
        return ([] if _has_stale_claim(world, pod) else [Step(Verb.CREATE, pod)]), True
    steps = []
    if phase(pod) == "Pending" and _lacks_claims(world, pod):
        steps.append(Step(Verb.CREATE_CLAIMS, pod))
    min_ready = min_ready_seconds(world.stateful_set)
    if ordered and (is_deleting(pod) or not is_running_and_ready(pod) or not is_available(pod, min_ready, world.now)):
        return steps, True
    if not (
        identity_matches(world.stateful_set, pod)
        and storage_matches(world.stateful_set, pod)
        and _claims_match(world, pod)
    ):
        steps.append(Step(Verb.UPDATE, pod))
    return steps, False


def _condemn(
    world: World, wanted: Iterable[Object], condemned: Sequence[Object], ordered: bool
) -> tuple[list[Step], bool]:
    """The pods to scale away, and whether updating has to wait."""
    if not ordered:
        return [Step(Verb.DELETE, pod) for pod in condemned if not is_deleting(pod)], False
    if not condemned:
        return [], False
    min_ready = min_ready_seconds(world.stateful_set)
    last = condemned[0]
    unavailable = (each for each in (*wanted, *reversed(condemned)) if is_unavailable(each, min_ready, world.now))
    first_unavailable = next(unavailable, None)
    healthy = is_running_and_ready(last) and is_available(last, min_ready, world.now)
    if is_deleting(last) or not (healthy or last is first_unavailable):
        return [], True
    return [Step(Verb.DELETE, last)], True


# Updating


def _outdated(world: World, wanted: Sequence[Object]) -> list[Object]:
    strategy = world.stateful_set["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return []
    rolling = strategy.get("rollingUpdate") or {}
    candidates = wanted[rolling.get("partition") or 0 :]
    if rolling.get("maxUnavailable") is not None:
        return _within_budget(world, wanted, candidates, rolling["maxUnavailable"])
    return _one_by_one(world, candidates)


def _one_by_one(world: World, candidates: Sequence[Object]) -> list[Object]:
    """The highest that is of another revision, unless one above it is not available yet."""
    min_ready = min_ready_seconds(world.stateful_set)
    for pod in reversed(candidates):
        if _is_outdated(world, pod):
            return [pod]
        if is_unavailable(pod, min_ready, world.now):
            return []
    return []


def _within_budget(
    world: World, wanted: Sequence[Object], candidates: Sequence[Object], max_unavailable: int | str
) -> list[Object]:
    """As many as may be unavailable beside those that are."""
    min_ready = min_ready_seconds(world.stateful_set)
    allowed = max(1, scaled_value(max_unavailable, replicas(world.stateful_set), False))
    allowed -= sum(is_unavailable(pod, min_ready, world.now) for pod in wanted)
    outdated = [pod for pod in reversed(candidates) if _is_outdated(world, pod)]
    return outdated[: max(0, allowed)]


def _is_outdated(world: World, pod: Object) -> bool:
    return pod_revision(pod) != name(world.update) and not is_deleting(pod)


# Claims


def _claims(world: World, pod: Object) -> list[Object | None]:
    return [world.claim_of(each) for each in claim_names(world.stateful_set, ordinal(pod))]


def _claims_match(world: World, pod: Object) -> bool:
    """Whether those that exist are owned as they should be."""
    found = _claims(world, pod)
    return all(claim is None or is_up_to_date(claim, world.stateful_set, pod) for claim in found)


def _lacks_claims(world: World, pod: Object) -> bool:
    found = _claims(world, pod)
    return any(claim is None or is_deleting(claim) for claim in found) or not _claims_match(world, pod)


def _has_stale_claim(world: World, pod: Object) -> bool:
    """A claim that goes with a former pod has to be gone before the pod is made again."""
    if not deletes_when_scaled(world.stateful_set):
        return False
    return any(claim is not None and is_stale(claim, pod) for claim in _claims(world, pod))
