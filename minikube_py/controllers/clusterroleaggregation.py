"""clusterrole-aggregation-controller: puts together the rules of ClusterRoles that gather others'
(pkg/controller/clusterroleaggregation).

    aggregationRule: {clusterRoleSelectors: [{matchLabels: {rbac.authorization.k8s.io/aggregate-to-edit: "true"}}]}
"""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.client.protocol import APPLY_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.labelselector import as_selector

CLUSTER_ROLES = GroupVersionResource("rbac.authorization.k8s.io", "v1", "clusterroles")
MANAGER = "clusterrole-aggregation-controller"

_RULE = ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")


def gathers(role: Object) -> bool:
    return role.get("aggregationRule") is not None


def rules(role: Object) -> list[Object]:
    """What its rules say, without fields that are empty."""
    return [{field: rule[field] for field in _RULE if rule.get(field)} for rule in role.get("rules") or ()]


def gathered(role: Object, roles: Iterable[Object]) -> list[Object]:
    """The rules it should have, each once: selector by selector, the roles of each by name. Raises ValueError for a
    selector that is none."""
    others = sorted((each for each in roles if meta.name(each) != meta.name(role)), key=meta.name)
    found: list[Object] = []
    for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
        matches = as_selector(selector).matches
        for other in others:
            if matches(meta.labels(other)):
                found += [rule for rule in rules(other) if rule not in found]
    return found


class Aggregator:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._roles = context.lister(CLUSTER_ROLES)

    async def reconcile(self, where: NamespacedName) -> None:
        role = self._roles.get(*where)
        if role is None or not gathers(role):
            return
        wanted = gathered(role, self._roles.list())
        if wanted == rules(role):
            return
        applied: Object = {
            "apiVersion": CLUSTER_ROLES.api_version,
            "kind": "ClusterRole",
            "metadata": {"name": where.name},
        }
        if wanted:  # without any, this controller only gives up those that it gathered
            applied["rules"] = wanted
        await self._client.patch(
            CLUSTER_ROLES, "", where.name, applied, patch_type=APPLY_PATCH, field_manager=MANAGER, force=True
        )


def new(context: Context) -> Controller:
    controller = Controller(context, "ClusterRole", Aggregator(context))
    roles = context.lister(CLUSTER_ROLES)

    def gathering(changed: Object) -> Iterable[NamespacedName]:
        """Who gathers whom is not known beforehand, and there are few."""
        return [meta.key(each) for each in roles.list() if gathers(each)]

    controller.watches(CLUSTER_ROLES, gathering)
    return controller


CONTROLLER = Descriptor("clusterrole-aggregation-controller", new, ("clusterrole-aggregation",))
