"""What a terminating namespace's status says of its content (deletion/status_condition_utils.go). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minikube_py.machinery.conditions import find
from minikube_py.machinery.gvr import GroupVersionResource, Object

DISCOVERY_FAILURE = "NamespaceDeletionDiscoveryFailure"
PARSING_FAILURE = "NamespaceDeletionGroupVersionParsingFailure"
CONTENT_FAILURE = "NamespaceDeletionContentFailure"
CONTENT_REMAINING = "NamespaceContentRemaining"
FINALIZERS_REMAINING = "NamespaceFinalizersRemaining"

_GOOD = {
    DISCOVERY_FAILURE: ("ResourcesDiscovered", "All resources successfully discovered"),
    PARSING_FAILURE: ("ParsedGroupVersions", "All legacy kube types successfully parsed"),
    CONTENT_FAILURE: ("ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
    CONTENT_REMAINING: ("ContentRemoved", "All content successfully removed"),
    FINALIZERS_REMAINING: ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
}
"""Reason and message of each condition when all is well, in the order of the conditions."""

Told = tuple[str, str]
"""Reason and message of a condition that is True."""


def told(
    discovery_failure: str = "",
    content_failures: Sequence[str] = (),
    remaining: Mapping[GroupVersionResource, int] | None = None,
    finalizers: Mapping[str, int] | None = None,
) -> dict[str, Told]:
    """The conditions that are True."""
    made: dict[str, Told] = {}
    if discovery_failure:
        made[DISCOVERY_FAILURE] = ("DiscoveryFailed", discovery_failure)
    if content_failures:
        text = ", ".join(sorted(content_failures))
        message = f"Failed to delete all resource types, {len(content_failures)} remaining: {text}"
        made[CONTENT_FAILURE] = ("ContentDeletionFailed", message)
    if remaining:
        each = sorted(f"{which.resource}.{which.group} has {n} resource instances" for which, n in remaining.items())
        made[CONTENT_REMAINING] = ("SomeResourcesRemain", f"Some resources are remaining: {', '.join(each)}")
    if finalizers:
        each = sorted(f"{which} in {n} resource instances" for which, n in finalizers.items())
        message = f"Some content in the namespace has finalizers remaining: {', '.join(each)}"
        made[FINALIZERS_REMAINING] = ("SomeFinalizersRemain", message)
    return made


def updated(conditions: Sequence[Object] | None, bad: Mapping[str, Told], now: str) -> list[Object]:
    """All five conditions, those of other types kept; the time moves where the status does (`now` is RFC 3339)."""
    made = list(conditions or ())
    for type, good in _GOOD.items():
        reason, message = bad.get(type, good)
        new = {"type": type, "status": "True" if type in bad else "False", "reason": reason, "message": message}
        old = find(made, type)
        if old is None:
            made.append({**new, "lastTransitionTime": now})
        else:
            when = old.get("lastTransitionTime") if old.get("status") == new["status"] else now
            made[made.index(old)] = {**old, **new, "lastTransitionTime": when}
    return made
