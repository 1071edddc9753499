"""Rules over the counters of specs and statuses."""

from __future__ import annotations

from minikube_py.machinery.field import ErrorList, Path, invalid
from minikube_py.machinery.gvr import Object

NEGATIVE = "must be greater than or equal to 0"


def validate_nonnegative(of: Object, path: Path, *names: str) -> ErrorList:
    """One error for each of these fields that is below 0; absent ones are 0 (ValidateNonnegativeField)."""
    return [invalid(path.child(name), of[name], NEGATIVE, "minimum") for name in names if (of.get(name) or 0) < 0]


def validate_not_above(of: Object, path: Path, limit: str, shown: str, *names: str) -> ErrorList:
    """One error for each of these counters that is above the counter `limit`, which the message calls `shown`."""
    maximum = of.get(limit) or 0
    return [
        invalid(path.child(name), of.get(name) or 0, f"cannot be greater than {shown}")
        for name in names
        if (of.get(name) or 0) > maximum
    ]


def validate_collision_count(status: Object, old_status: Object, path: Path) -> ErrorList:
    """status.collisionCount never goes down, nor away."""
    new, old = status.get("collisionCount"), old_status.get("collisionCount")
    if old is None or (new is not None and new >= old):
        return []
    return [invalid(path.child("collisionCount"), new or 0, "cannot be decremented")]
