"""What is known of how one resource uses quotas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from minikube_py.machinery.gvr import GroupResource, Object
from minikube_py.machinery.quantity import of
from minikube_py.machinery.quota import scopes
from minikube_py.machinery.quota.amounts import Amounts

Verb = Literal["create", "update"]

ONE = of(1)


class Evaluator:
    """Counts objects; others know more of theirs (quota/v1/generic/evaluator.go)."""

    def __init__(self, resource: GroupResource, *aliases: str) -> None:
        self.resource = resource
        self.names = frozenset({f"count/{resource}", *aliases})
        """Of resources that quotas may limit."""

    def matching(self, names: Iterable[str]) -> list[str]:
        """Those of a quota's resources that this one uses."""
        return [name for name in names if self.counts(name)]

    def counts(self, name: str) -> bool:
        return name in self.names

    def handles(self, verb: Verb, subresource: str, obj: Object, old: Object | None) -> bool:
        """Whether admission need look at such a request."""
        return verb == "create" and not subresource

    def replenishes(self, old: Object, new: Object) -> bool:
        """Whether an update may change what is used."""
        return False

    def in_scope(self, requirement: Object, obj: Object) -> bool:
        """Whether an expression of a scopeSelector means the object."""
        return False

    def missing(self, required: Sequence[str], obj: Object) -> str:
        """What the object must say and does not, in words; "" for nothing."""
        return ""

    def usage(self, obj: Object, now: float) -> Amounts:
        return dict.fromkeys(self.names, ONE)

    def is_counted(self, quota_spec: Object, obj: Object) -> bool:
        """Whether the quota's scopes mean the object."""
        return all(self.in_scope(each, obj) for each in scopes.requirements(quota_spec))

    def total(self, quota_spec: Object, names: Iterable[str], objects: Iterable[Object], now: float) -> Amounts:
        """What the objects use together of the resources named, 0 where they use none."""
        totals: Amounts = dict.fromkeys(names, ZERO_COUNT)
        for obj in objects:
            if self.is_counted(quota_spec, obj):
                used = self.usage(obj, now)
                for name in totals:
                    if name in used:
                        totals[name] = totals[name] + used[name]
        return totals


ZERO_COUNT = of(0)
