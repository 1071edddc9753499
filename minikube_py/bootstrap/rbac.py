"""The default roles and bindings of RBAC.

Roles that gather others have no rules here: the rules are put together by clusterrole-aggregation-controller.
Upstream: pkg/registry/rbac/rest/storage_rbac.go, plugin/pkg/auth/authorizer/rbac/bootstrappolicy.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from minikube_py.bootstrap.bindings import CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS
from minikube_py.bootstrap.clusterroles import CLUSTER_ROLES
from minikube_py.bootstrap.controllerroles import CONTROLLER_ROLES, PREFIX
from minikube_py.bootstrap.namespaceroles import ROLES
from minikube_py.bootstrap.policytext import Policy, policies
from minikube_py.bootstrap.seed import Seed, owned
from minikube_py.machinery.gvr import GroupVersionKind, Object

_GROUP = "rbac.authorization.k8s.io"
_ANNOTATIONS = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
_LABELS = {"kubernetes.io/bootstrapping": "rbac-defaults"}


@cache
def seeds() -> tuple[Seed, ...]:
    """All of them. The ClusterRoles come first."""
    controllers = [policy._replace(name=PREFIX + policy.name) for policy in policies(CONTROLLER_ROLES)]
    cluster_roles = [*policies(CLUSTER_ROLES), *controllers]
    return (
        *(_role("ClusterRole", policy, "") for policy in cluster_roles),
        *(_binding("ClusterRole", name, name, who, "") for name, who in CLUSTER_ROLE_BINDINGS),
        *(_binding("ClusterRole", each.name, each.name, _account(each.name), "") for each in controllers),
        *(_role("Role", policy, namespace) for namespace, text in ROLES.items() for policy in policies(text)),
        *_role_bindings(),
    )


def _account(role: str) -> str:
    return f"ServiceAccount kube-system/{role.removeprefix(PREFIX)}"


def _role_bindings() -> Iterator[Seed]:
    for namespace, name, role, who in ROLE_BINDINGS:
        yield _binding("Role", name, role or name, who, namespace)


def _role(kind: str, policy: Policy, namespace: str) -> Seed:
    body: dict[str, Any] = {"rules": policy.rules}
    field = "rules"
    if policy.gathers:
        body = {"rules": None, "aggregationRule": _aggregation(policy.gathers)}
        field = "aggregationRule"
    labels = {**_LABELS, _joining(policy.joins): "true"} if policy.joins else _LABELS
    return _seed(kind, policy.name, body, _role_fields(field, policy.joins), namespace, labels)


def _joining(name: str) -> str:
    """The label by which a role's rules are gathered."""
    return f"{_GROUP}/aggregate-to-{name}"


def _aggregation(name: str) -> Object:
    return {"clusterRoleSelectors": [{"matchLabels": {_joining(name): "true"}}]}


def _binding(kind: str, name: str, role: str, subjects: str, namespace: str) -> Seed:
    """`subjects`: "Group system:masters, ServiceAccount kube-system/kube-dns"."""
    body: dict[str, Any] = {}
    if subjects:
        body["subjects"] = [_subject(each) for each in subjects.split(", ")]
    body["roleRef"] = {"apiGroup": _GROUP, "kind": kind, "name": role}
    return _seed(f"{kind}Binding", name, body, _binding_fields(bool(subjects)), namespace, _LABELS)


def _subject(text: str) -> Object:
    kind, name = text.split()
    if kind == "ServiceAccount":
        namespace, name = name.split("/")
        return {"kind": kind, "name": name, "namespace": namespace}
    return {"kind": kind, "apiGroup": _GROUP, "name": name}


def _seed(kind: str, name: str, body: Object, fields: Object, namespace: str, labels: dict[str, str]) -> Seed:
    resource = f"{kind.lower()}s.{_GROUP}"
    return Seed(GroupVersionKind(_GROUP, "v1", kind), resource, name, body, fields, namespace, labels, _ANNOTATIONS)


@cache
def _role_fields(field: str, joins: str) -> Object:
    labels = {**_LABELS, _joining(joins): ""} if joins else _LABELS
    metadata = {"f:metadata": {"f:annotations": owned(_ANNOTATIONS), "f:labels": owned(labels)}}
    if field == "rules":
        return {**metadata, "f:rules": {}}
    return {"f:aggregationRule": owned({"clusterRoleSelectors": ...}), **metadata}


@cache
def _binding_fields(has_subjects: bool) -> Object:
    metadata = {"f:annotations": owned(_ANNOTATIONS), "f:labels": owned(_LABELS)}
    return {"f:metadata": metadata, "f:roleRef": {}, **({"f:subjects": {}} if has_subjects else {})}
