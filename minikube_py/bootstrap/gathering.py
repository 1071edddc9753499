"""ClusterRoles that gather others', with the rules that clusterrole-aggregation-controller would apply to them.

It would do so first of all in each cluster, and server-side apply is a lot to load for that.
"""

from __future__ import annotations

from functools import cache

from minikube_py.bootstrap import rbac
from minikube_py.bootstrap.seed import Applied, Seed
from minikube_py.controllers.clusterroleaggregation import MANAGER, gathered, gathers
from minikube_py.machinery.gvr import Object

_APPLIED = Applied(MANAGER, {"f:rules": {}})


@cache
def gathered_roles() -> tuple[Seed, ...]:
    """The roles and bindings in their order; those that gather none are left alone."""
    all_seeds = rbac.seeds()
    roles = {each.name: _role(each) for each in all_seeds if each.kind.kind == "ClusterRole"}
    gathering = [name for name, role in roles.items() if gathers(role)]
    settled = False
    while not settled:
        # They gather one another too, so until nothing changes.
        settled = True
        for name in gathering:
            rules = gathered(roles[name], roles.values())
            if rules != roles[name]["rules"]:
                roles[name] = {**roles[name], "rules": rules}
                settled = False
    return tuple(
        each._replace(body={**each.body, "rules": roles[each.name]["rules"]}, applied=_APPLIED)
        if each.name in gathering and each.kind.kind == "ClusterRole"
        else each
        for each in all_seeds
    )


def _role(seed: Seed) -> Object:
    return {"metadata": {"name": seed.name, "labels": seed.labels or {}}, **seed.body}
