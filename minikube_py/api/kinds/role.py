"""Role and ClusterRole: what may be done, in a namespace or everywhere (pkg/registry/rbac)."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.kinds.rbac.rules import GROUP, validate_rules
from minikube_py.api.resource import Resource
from minikube_py.api.strategy import METADATA, Strategy
from minikube_py.machinery.field import ErrorList, Path, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labelselector import validate_label_selector
from minikube_py.machinery.names import path_segment_name
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

_SELECTORS = Path("aggregationRule", "clusterRoleSelectors")


class RoleStrategy(Strategy):
    allow_create_on_update = True

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return path_segment_name(name)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *validate_rules(obj.get("rules"), ctx.resource.namespaced)]


class ClusterRoleStrategy(RoleStrategy):
    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*super().validate(ctx, obj), *validate_aggregation(obj.get("aggregationRule"))]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """Values that were stored before they were checked may stay."""
        lenient = bool(_selector_errors(old.get("aggregationRule") or {}))
        return [
            *super().validate(ctx, obj),
            *validate_aggregation(obj.get("aggregationRule"), allow_invalid_values=lenient),
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
        ]


def validate_aggregation(rule: Object | None, *, allow_invalid_values: bool = False) -> ErrorList:
    if rule is None:
        return []
    if not rule.get("clusterRoleSelectors"):
        return [required(_SELECTORS, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
    return _selector_errors(rule, allow_invalid_values)


def _selector_errors(rule: Object, allow_invalid_values: bool = False) -> ErrorList:
    errors: ErrorList = []
    for index, selector in enumerate(rule.get("clusterRoleSelectors") or ()):
        errors += validate_label_selector(selector, _SELECTORS.index(index), allow_invalid_values=allow_invalid_values)
    return errors


RESOURCES = (
    Resource(GROUP, "v1", "roles", "Role", strategy=RoleStrategy()),
    Resource(GROUP, "v1", "clusterroles", "ClusterRole", namespaced=False, strategy=ClusterRoleStrategy()),
)
