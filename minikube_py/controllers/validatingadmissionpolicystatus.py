"""validatingadmissionpolicy-status-controller: tells of each policy that its expressions were looked at, and what was
found (pkg/controller/validatingadmissionpolicystatus)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.protocol import APPLY_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.whenserved import WhenServed
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object

POLICIES = GroupVersionResource("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies")
MANAGER = "validatingadmissionpolicy-status"


def is_due(policy: Object) -> bool:
    """Whether it has changed since it was looked at."""
    return meta.generation(policy) > ((policy.get("status") or {}).get("observedGeneration") or 0)


def looked_at(policy: Object, warnings: Sequence[Object]) -> Object:
    """What is applied to its status. `warnings`: {"fieldRef": "spec.validations[0].expression", "warning": "..."}."""
    checked = {"expressionWarnings": list(warnings)} if warnings else {}
    return {
        "apiVersion": POLICIES.api_version,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": meta.name(policy)},
        "status": {"observedGeneration": meta.generation(policy), "typeChecking": checked},
    }


class PolicyStatus:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._policies = context.lister(POLICIES)

    async def reconcile(self, where: NamespacedName) -> None:
        policy = self._policies.get(*where)
        if policy is None or not is_due(policy):
            return
        await self._client.patch(
            POLICIES,
            "",
            where.name,
            # Types are not checked, so nothing is found.
            looked_at(policy, ()),
            patch_type=APPLY_PATCH,
            subresource="status",
            field_manager=MANAGER,
            force=True,
        )


def new(context: Context) -> Controller:
    controller = Controller(context, "ValidatingAdmissionPolicy", PolicyStatus(context))
    controller.watches_for(POLICIES)
    return controller


def new_when_served(context: Context) -> WhenServed:
    """Since Kubernetes 1.30."""
    return WhenServed(context, POLICIES, new)


CONTROLLER = Descriptor("validatingadmissionpolicy-status-controller", new_when_served)
