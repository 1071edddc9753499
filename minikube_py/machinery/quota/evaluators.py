"""Which resource has which evaluator (pkg/quota/v1/evaluator/core/registry.go, install/registry.go)."""

from __future__ import annotations

from functools import lru_cache

from minikube_py.machinery.gvr import GroupResource
from minikube_py.machinery.quota.deviceclaims import DeviceClaimEvaluator
from minikube_py.machinery.quota.evaluator import Evaluator
from minikube_py.machinery.quota.pods import PodEvaluator
from minikube_py.machinery.quota.services import ServiceEvaluator
from minikube_py.machinery.quota.volumeclaims import VolumeClaimEvaluator

SPECIAL: tuple[Evaluator, ...] = (
    PodEvaluator(),
    ServiceEvaluator(),
    VolumeClaimEvaluator(),
    DeviceClaimEvaluator(),
    *(
        Evaluator(GroupResource("", name), name)
        for name in ("configmaps", "resourcequotas", "replicationcontrollers", "secrets")
    ),
)
_BY_RESOURCE = {each.resource: each for each in SPECIAL}

_AUTHENTICATION, _AUTHORIZATION = "authentication.k8s.io", "authorization.k8s.io"
IGNORED = frozenset(
    {
        GroupResource("", "bindings"),
        GroupResource("", "componentstatuses"),
        GroupResource("", "events"),
        GroupResource("events.k8s.io", "events"),
        GroupResource(_AUTHENTICATION, "tokenreviews"),
        GroupResource(_AUTHENTICATION, "selfsubjectreviews"),
        GroupResource(_AUTHORIZATION, "subjectaccessreviews"),
        GroupResource(_AUTHORIZATION, "selfsubjectaccessreviews"),
        GroupResource(_AUTHORIZATION, "localsubjectaccessreviews"),
        GroupResource(_AUTHORIZATION, "selfsubjectrulesreviews"),
    }
)
"""What quotas never count."""


@lru_cache(maxsize=1024)
def evaluator_for(resource: GroupResource) -> Evaluator | None:
    """None for what is never counted."""
    if resource in IGNORED:
        return None
    return _BY_RESOURCE.get(resource) or Evaluator(resource)


def counted_resource(name: str) -> GroupResource | None:
    """The resource that "count/deployments.apps" counts; None for a name of another form."""
    prefix, slash, rest = name.partition("/")
    if prefix != "count" or not slash:
        return None
    resource, _, group = rest.partition(".")
    return GroupResource(group, resource)
