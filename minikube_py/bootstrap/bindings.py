"""Who has which of the default roles, besides the controllers.

Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,namespace_policy}.go.
"""

from __future__ import annotations

CLUSTER_ROLE_BINDINGS = (
    ("cluster-admin", "Group system:masters"),
    ("system:basic-user", "Group system:authenticated"),
    ("system:discovery", "Group system:authenticated"),
    ("system:kube-controller-manager", "User system:kube-controller-manager"),
    ("system:kube-dns", "ServiceAccount kube-system/kube-dns"),
    ("system:kube-scheduler", "User system:kube-scheduler"),
    ("system:monitoring", "Group system:monitoring"),
    # The node authorizer lets nodes do what they may, so nobody is bound.
    ("system:node", ""),
    ("system:node-proxier", "User system:kube-proxy"),
    ("system:public-info-viewer", "Group system:authenticated, Group system:unauthenticated"),
    ("system:service-account-issuer-discovery", "Group system:serviceaccounts"),
    ("system:volume-scheduler", "User system:kube-scheduler"),
)
"""The role, which the binding is called after, and its subjects."""

_MANAGER, _SCHEDULER = "User system:kube-controller-manager", "User system:kube-scheduler"

ROLE_BINDINGS = (
    ("kube-public", "system:controller:bootstrap-signer", "", "ServiceAccount kube-system/bootstrap-signer"),
    (
        "kube-system",
        "system::extension-apiserver-authentication-reader",
        "extension-apiserver-authentication-reader",
        f"{_MANAGER}, {_SCHEDULER}",
    ),
    (
        "kube-system",
        "system::leader-locking-kube-controller-manager",
        "",
        f"{_MANAGER}, ServiceAccount kube-system/kube-controller-manager, "
        "ServiceAccount kube-system/leader-election-controller",
    ),
    (
        "kube-system",
        "system::leader-locking-kube-scheduler",
        "",
        f"{_SCHEDULER}, ServiceAccount kube-system/kube-scheduler",
    ),
    ("kube-system", "system:controller:bootstrap-signer", "", "ServiceAccount kube-system/bootstrap-signer"),
    ("kube-system", "system:controller:cloud-provider", "", "ServiceAccount kube-system/cloud-provider"),
    ("kube-system", "system:controller:token-cleaner", "", "ServiceAccount kube-system/token-cleaner"),
)
"""Namespace, name, role ("": of that name too), and subjects."""
