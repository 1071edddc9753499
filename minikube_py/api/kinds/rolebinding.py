"""RoleBinding and ClusterRoleBinding: who has a role (pkg/registry/rbac)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.rbac.rules import GROUP, default_subjects, validate_subjects
from minikube_py.api.resource import AGE, NAME, Column, Resource, age
from minikube_py.api.strategy import Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import path_segment_name

_ROLE = Path("roleRef")


class RoleBindingStrategy(Strategy):
    allow_create_on_update = True

    def __init__(self, *role_kinds: str) -> None:
        self._role_kinds = role_kinds

    def default(self, obj: Object) -> None:
        role = obj.setdefault("roleRef", {})
        if not role.get("apiGroup"):
            role["apiGroup"] = GROUP
        default_subjects(obj.get("subjects"))

    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return path_segment_name(name)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [
            *self.validate_metadata(ctx, obj),
            *self._role_errors(obj["roleRef"]),
            *validate_subjects(obj.get("subjects"), ctx.resource.namespaced),
        ]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = super().validate_update(ctx, obj, old)
        if obj["roleRef"] != old["roleRef"]:
            errors.append(invalid(_ROLE, _internal_role(obj["roleRef"]), "cannot change roleRef"))
        return errors

    def _role_errors(self, role: Object) -> ErrorList:
        group, kind, name = role.get("apiGroup") or "", role.get("kind") or "", role.get("name") or ""
        errors: ErrorList = []
        if group != GROUP:
            errors.append(not_supported(_ROLE.child("apiGroup"), group, (GROUP,)))
        if kind not in self._role_kinds:
            errors.append(not_supported(_ROLE.child("kind"), kind, self._role_kinds))
        if not name:
            return [*errors, required(_ROLE.child("name"))]
        return [*errors, *invalid_each(_ROLE.child("name"), name, path_segment_name(name))]


def _internal_role(role: Object) -> Object:
    """As upstream's internal type prints it."""
    fields = {"APIGroup": "apiGroup", "Kind": "kind", "Name": "name"}
    return {internal: role.get(name) or "" for internal, name in fields.items()}


def cells(obj: Object) -> list[Any]:
    role, subjects = obj["roleRef"], obj.get("subjects") or []
    return [
        obj["metadata"]["name"],
        f"{role.get('kind') or ''}/{role.get('name') or ''}",
        age(obj),
        _names(subjects, "User"),
        _names(subjects, "Group"),
        _names(subjects, "ServiceAccount"),
    ]


def _names(subjects: Sequence[Object], kind: str) -> str:
    """A service account is named with its namespace."""
    found = [subject for subject in subjects if subject.get("kind") == kind]
    if kind != "ServiceAccount":
        return ", ".join(subject.get("name") or "" for subject in found)
    return ", ".join(f"{subject.get('namespace') or ''}/{subject.get('name') or ''}" for subject in found)


_TARGETS = {
    "RoleBinding": "reference a Role in the current namespace or a ClusterRole in the global namespace",
    "ClusterRoleBinding": "only reference a ClusterRole in the global namespace",
}
_ROLE_REF = "RoleRef can {}. If the RoleRef cannot be resolved, the Authorizer must return an error."
"""As v1beta1 describes the field: the printer is older than v1's addition that it is immutable."""


def _columns(kind: str) -> tuple[Column, ...]:
    """The wide columns tell the subjects by their kind."""
    where = kind[0].lower() + kind[1:]
    return (
        NAME,
        Column("Role", description=_ROLE_REF.format(_TARGETS[kind])),
        AGE,
        Column("Users", priority=1, description=f"Users in the {where}"),
        Column("Groups", priority=1, description=f"Groups in the {where}"),
        Column("ServiceAccounts", priority=1, description=f"ServiceAccounts in the {where}"),
    )


RESOURCES = (
    Resource(
        GROUP,
        "v1",
        "rolebindings",
        "RoleBinding",
        strategy=RoleBindingStrategy("Role", "ClusterRole"),
        columns=_columns("RoleBinding"),
        cells=cells,
    ),
    Resource(
        GROUP,
        "v1",
        "clusterrolebindings",
        "ClusterRoleBinding",
        namespaced=False,
        strategy=RoleBindingStrategy("ClusterRole"),
        columns=_columns("ClusterRoleBinding"),
        cells=cells,
    ),
)
