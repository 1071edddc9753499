"""The Roles of the system's namespaces; policytext.py tells how to read them.

Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/namespace_policy.go.
"""

from __future__ import annotations

ROLES = {
    "kube-public": """
system:controller:bootstrap-signer
    core | configmaps | get list watch
    core | configmaps | update | cluster-info
    core events.k8s.io | events | create patch update
""",
    "kube-system": """
extension-apiserver-authentication-reader
    core | configmaps | get list watch | extension-apiserver-authentication
system::leader-locking-kube-controller-manager
    coordination.k8s.io | leases | create get list update watch
    coordination.k8s.io | leasecandidates | create get list update watch
system::leader-locking-kube-scheduler
    coordination.k8s.io | leases | create get list update watch
    coordination.k8s.io | leasecandidates | create get list update watch
system:controller:bootstrap-signer
    core | secrets | get list watch
system:controller:cloud-provider
    core | configmaps | create get list watch
system:controller:token-cleaner
    core | secrets | delete get list watch
    core events.k8s.io | events | create patch update
""",
}
"""By namespace."""
