"""LimitRange: how much one object of a namespace may use (pkg/registry/core/limitrange)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.defaults import default_resource_list
from minikube_py.api.kinds.quota.limits import AMOUNTS, default_limit, validate_limits
from minikube_py.api.resource import Resource
from minikube_py.api.strategy import Strategy
from minikube_py.machinery.field import ErrorList, Path
from minikube_py.machinery.gvr import Object

_LIMITS = Path("spec", "limits")


class LimitRangeStrategy(Strategy):
    allow_create_on_update = True

    def default(self, obj: Object) -> None:
        for limit in (obj.get("spec") or {}).get("limits") or ():
            default_limit(limit)
            for name in AMOUNTS:
                default_resource_list(limit.get(name) or {})

    def begin_create(self, ctx: Context, obj: Object) -> None:
        """One without a name is named by a uid."""
        if not obj["metadata"].get("name"):
            obj["metadata"]["name"] = ctx.registry.random.uid()

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        limits = (obj.get("spec") or {}).get("limits") or []
        return [*self.validate_metadata(ctx, obj), *validate_limits(limits, _LIMITS)]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return self.validate(ctx, obj)


RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="limitranges",
        kind="LimitRange",
        short_names=("limits",),
        strategy=LimitRangeStrategy(),
    ),
)
