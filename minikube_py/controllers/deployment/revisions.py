"""The revisions of a Deployment: which ReplicaSet is the new one, what their annotations say, which are kept
(pkg/controller/deployment/util/deployment_util.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minikube_py.controllers.deployment.counts import NO_LIMIT, by_age, max_surge, observed, replicas
from minikube_py.controllers.deployment.templatehash import same_template
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM, parse_int64
from minikube_py.machinery.meta import generation, is_deleting, uid

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
"""The revisions a ReplicaSet had before it was rolled back to, comma-separated, oldest first."""
DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
"""The Deployment's replicas when the ReplicaSet was last scaled: if they differ now, the Deployment was scaled."""
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
"""Those plus maxSurge."""
ROLLBACK_TO = "deprecated.deployment.rollback.to"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

NOT_COPIED = frozenset((LAST_APPLIED, REVISION, REVISION_HISTORY, DESIRED_REPLICAS, MAX_REPLICAS, ROLLBACK_TO))
"""Annotations of a Deployment that its ReplicaSets do not get."""

HISTORY_LENGTH = 2000
"""Characters of REVISION_HISTORY that are kept."""

Annotations = dict[str, str]


def annotations_of(obj: Object) -> Annotations:
    return obj["metadata"].get("annotations") or {}


def revision(replica_set: Object) -> int:
    """0 without one, or if it is no number."""
    return parse_int64(annotations_of(replica_set).get(REVISION, "")) or 0


def max_revision(sets: Iterable[Object]) -> int:
    return max((revision(each) for each in sets), default=0)


def last_revision(sets: Iterable[Object]) -> int:
    """The one before the newest; 0 without one."""
    ordered = sorted(map(revision, sets), reverse=True)
    return max(0, ordered[1]) if len(ordered) > 1 else 0


def count_annotation(obj: Object, name: str) -> int | None:
    """A count of 31 bits; None if missing or malformed."""
    text = annotations_of(obj).get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) <= INT32_MAXIMUM else None


def find_new(deployment: Object, sets: Sequence[Object]) -> Object | None:
    """The oldest ReplicaSet with the Deployment's template, None without one."""
    template = deployment["spec"]["template"]
    matching = [each for each in sets if same_template(each["spec"]["template"], template)]
    return min(matching, key=by_age, default=None)


def old_sets(sets: Sequence[Object], new: Object | None) -> list[Object]:
    """All but the new one, oldest first."""
    return sorted((each for each in sets if new is None or uid(each) != uid(new)), key=by_age)


def is_scaling_event(deployment: Object, sets: Iterable[Object]) -> bool:
    """Whether the Deployment's replicas have changed since its active ReplicaSets were last scaled."""
    wanted = replicas(deployment)
    desired = (count_annotation(each, DESIRED_REPLICAS) for each in sets if replicas(each) > 0)
    return any(count is not None and count != wanted for count in desired)


def replicas_annotations(deployment: Object) -> Annotations:
    wanted = replicas(deployment)
    return {DESIRED_REPLICAS: str(wanted), MAX_REPLICAS: str(wanted + max_surge(deployment))}


def new_annotations(deployment: Object, existing: Annotations | None, newest: int) -> Annotations:
    """The annotations of the new ReplicaSet: the Deployment's, and its revision, at least `newest`. `existing` are
    those it has, None if it is about to be made."""
    result = dict(existing or {})
    result.update((k, v) for k, v in annotations_of(deployment).items() if k not in NOT_COPIED)
    before = result.get(REVISION, "")
    had = parse_int64(before) if before else 0
    if had is None:
        return dict(existing or result)  # somebody wrote nonsense there, and keeps it
    if had < newest:
        result[REVISION] = str(newest)
        if REVISION in (existing or {}):
            _remember(result, before)
    if existing is None:
        result.update(replicas_annotations(deployment))
    return result


def _remember(annotations: Annotations, before: str) -> None:
    """Append a revision that was left to the history, dropping the oldest ones if it grows too long."""
    history = [each for each in annotations.get(REVISION_HISTORY, "").split(",") if each]
    kept = [*history, before]
    while len(",".join(kept)) > HISTORY_LENGTH and len(kept) > 1:
        del kept[0]
    annotations[REVISION_HISTORY] = ",".join(kept)


def rolled_back_annotations(deployment: Object, replica_set: Object) -> Annotations:
    """A Deployment's annotations once it is rolled back to a ReplicaSet: those that are copied come from there."""
    kept = {k: v for k, v in annotations_of(deployment).items() if k in NOT_COPIED}
    return {**kept, **{k: v for k, v in annotations_of(replica_set).items() if k not in NOT_COPIED}}


def superfluous(deployment: Object, old: Sequence[Object]) -> list[Object]:
    """The old ReplicaSets beyond revisionHistoryLimit, oldest revisions first; those with pods stay."""
    limit = deployment["spec"].get("revisionHistoryLimit")
    if limit is None or limit == NO_LIMIT:
        return []
    alive = [each for each in old if not is_deleting(each)]
    alive.sort(key=lambda each: (revision(each), by_age(each)))
    return [each for each in alive[: max(0, len(alive) - limit)] if _is_empty(each)]


def _is_empty(replica_set: Object) -> bool:
    """Without pods, wanted or not, by a status that is up to date."""
    return (
        replicas(replica_set) == 0
        and observed(replica_set, "replicas") == 0
        and generation(replica_set) <= observed(replica_set, "observedGeneration")
    )
