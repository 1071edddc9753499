"""Numbers of Deployments and ReplicaSets, and orders among ReplicaSets."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.intstr import scaled_value

NO_LIMIT = 2**31 - 1
"""The value of progressDeadlineSeconds and revisionHistoryLimit that turns them off."""


def replicas(obj: Object) -> int:
    """spec.replicas of a Deployment or a ReplicaSet."""
    return int(obj["spec"].get("replicas") or 0)


def observed(obj: Object, name: str) -> int:
    """A count in its status."""
    return int((obj.get("status") or {}).get(name) or 0)


def total(sets: Iterable[Object]) -> int:
    return sum(replicas(each) for each in sets)


def total_observed(sets: Iterable[Object], name: str) -> int:
    return sum(observed(each, name) for each in sets)


def active(sets: Iterable[Object]) -> list[Object]:
    """Those that have, or ought to have, pods."""
    return [each for each in sets if replicas(each) > 0]


def is_rolling(deployment: Object) -> bool:
    return (deployment["spec"].get("strategy") or {}).get("type") == "RollingUpdate"


def fenceposts(deployment: Object) -> tuple[int, int]:
    """maxSurge and maxUnavailable as numbers of pods, surge rounded up and unavailability down; if both come to 0,
    one pod may be unavailable (deploymentutil.ResolveFenceposts). What validation should have refused counts as 0.

    replicas  maxSurge  maxUnavailable    gives
    10        25%       25%               3, 2
    2         0         1%                0, 1
    1         1%        25%               1, 0
    """
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    wanted = replicas(deployment)
    try:
        surge = scaled_value(rolling.get("maxSurge") or 0, wanted, True)
        unavailable = scaled_value(rolling.get("maxUnavailable") or 0, wanted, False)
    except ValueError:
        return 0, 0
    return surge, 1 if surge == 0 and unavailable == 0 else unavailable


def max_surge(deployment: Object) -> int:
    return fenceposts(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: Object) -> int:
    wanted = replicas(deployment)
    if not is_rolling(deployment) or wanted == 0:
        return 0
    return min(fenceposts(deployment)[1], wanted)


def by_age(replica_set: Object) -> tuple[float, str]:
    """Sorts the oldest first, then by name."""
    created = replica_set["metadata"].get("creationTimestamp")
    return (parse_rfc3339(created) if created else 0.0), replica_set["metadata"]["name"]
