"""serviceaccount-controller: every active namespace has the account "default"
(pkg/controller/serviceaccount/serviceaccounts_controller.go)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import namespace
from minikube_py.machinery.wellknown import NAMESPACES, SERVICE_ACCOUNTS

ACCOUNTS = ("default",)


def missing(namespaced: Object, existing: Sequence[str]) -> list[str]:
    """The accounts to create in a namespace that has the `existing` ones."""
    if (namespaced.get("status") or {}).get("phase") != "Active":
        return []
    return [name for name in ACCOUNTS if name not in existing]


class ServiceAccountReconciler:
    """Its keys are namespaces."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._namespaces = context.lister(NAMESPACES)
        self._accounts = context.lister(SERVICE_ACCOUNTS)

    async def reconcile(self, where: NamespacedName) -> None:
        found = self._namespaces.get("", where.name)
        if found is None:
            return
        existing = [name for name in ACCOUNTS if self._accounts.get(where.name, name) is not None]
        failures: list[StatusError] = []
        for name in missing(found, existing):
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
            try:
                await self._client.create(SERVICE_ACCOUNTS, account, namespace=where.name)
            except StatusError as error:
                if not (is_already_exists(error) or error.has_cause(NAMESPACE_TERMINATING)):
                    failures.append(error)
        if failures:
            raise failures[0]


def new(context: Context) -> Controller:
    controller = Controller(context, "Namespace", ServiceAccountReconciler(context))
    controller.watches(NAMESPACES, lambda obj: (NamespacedName("", obj["metadata"]["name"]),), when=_exists)
    controller.watches(SERVICE_ACCOUNTS, lambda obj: (NamespacedName("", namespace(obj)),), when=_is_deletion)
    return controller


def _exists(old: Object | None, new: Object | None) -> bool:
    return new is not None


def _is_deletion(old: Object | None, new: Object | None) -> bool:
    return new is None


CONTROLLER = Descriptor("serviceaccount-controller", new, ("serviceaccount",))
