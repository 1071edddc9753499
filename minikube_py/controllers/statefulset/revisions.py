"""Which revision a StatefulSet's template is, and which ones to forget
(pkg/controller/statefulset/stateful_set_control.go getStatefulSetRevisions, truncateHistory)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minikube_py.controllers.runtime.history import number, snapshot
from minikube_py.controllers.statefulset.identity import pod_revision
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name

HASH = "controller.kubernetes.io/hash"
"""The label of a StatefulSet's revisions with their hash."""


class Choice(NamedTuple):
    """The template's revision, if there is one, and the number it is to have."""

    revision: Object | None
    number: int


def choose(stateful_set: Object, revisions: Sequence[Object]) -> Choice:
    """`revisions` are ordered. The newest stays as it is; an older one becomes the newest; none is to be created."""
    following = number(revisions[-1]) + 1 if revisions else 1
    data = snapshot(stateful_set)
    equal = [each for each in revisions if each.get("data") == data]
    if not equal:
        return Choice(None, following)
    if revisions[-1].get("data") == data:
        return Choice(revisions[-1], number(revisions[-1]))
    return Choice(equal[-1], following)


def current_of(stateful_set: Object, revisions: Iterable[Object], update: Object) -> Object:
    """The one the status names, else the one updated to."""
    wanted = (stateful_set.get("status") or {}).get("currentRevision")
    return next((each for each in revisions if name(each) == wanted), update)


def superfluous(
    stateful_set: Object, revisions: Sequence[Object], pods: Iterable[Object], live: Iterable[Object]
) -> list[Object]:
    """The oldest of those that no pod is of, beyond the limit. `revisions` are ordered; `live` are always kept."""
    kept = {name(each) for each in live} | {pod_revision(pod) for pod in pods}
    past = [each for each in revisions if name(each) not in kept]
    limit = stateful_set["spec"].get("revisionHistoryLimit")
    if limit is None or limit < 0:
        return []
    return past[: max(0, len(past) - limit)]
