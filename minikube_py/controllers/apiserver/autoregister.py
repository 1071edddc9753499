"""autoregister: an APIService for each version of a group that CRDs define, as long as one of them serves it.

    APIService     no CRD serves it   one does
    none           -                  create
    kept by us     delete             make its spec ours
    any other      -                  -

Upstream: pkg/controlplane/controller/crdregistration, kube-aggregator/pkg/controllers/autoregister.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_already_exists, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import API_SERVICES, AUTOMANAGED, CUSTOM_RESOURCE_DEFINITIONS

_ALWAYS = "true"
_GROUP_PRIORITY, _VERSION_PRIORITY = 1000, 100
"""After all groups of Kubernetes' own; versions of a group go by their names."""


def versions(crd: Object) -> Iterator[str]:
    """The names of the APIServices that a CRD asks for: "v1.example.com"."""
    for version in crd["spec"].get("versions") or ():
        if version.get("served"):
            yield f"{version['name']}.{crd['spec']['group']}"


def wanted(name: str, crds: Iterable[Object]) -> Object | None:
    """The APIService of that name, if any CRD asks for it."""
    if not any(name in versions(crd) for crd in crds):
        return None
    version, _, group = name.partition(".")
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": name, "labels": {AUTOMANAGED: _ALWAYS}},
        "spec": {
            "group": group,
            "version": version,
            "groupPriorityMinimum": _GROUP_PRIORITY,
            "versionPriority": _VERSION_PRIORITY,
        },
    }


def is_ours(service: Object) -> bool:
    return meta.labels(service).get(AUTOMANAGED) == _ALWAYS


class AutoRegister:
    """Its keys are APIServices."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._crds = context.lister(CUSTOM_RESOURCE_DEFINITIONS)
        self._services = context.lister(API_SERVICES)

    async def reconcile(self, key: NamespacedName) -> None:
        service, desired = self._services.get("", key.name), wanted(key.name, self._crds.list())
        if service is None:
            if desired is not None:
                await self._create(desired)
        elif not is_ours(service):
            return
        elif desired is None:
            await self._delete(service)
        elif service["spec"] != desired["spec"]:
            await self._client.update(API_SERVICES, {**service, "spec": desired["spec"]})

    async def _create(self, service: Object) -> None:
        try:
            await self._client.create(API_SERVICES, service)
        except StatusError as error:
            if not is_already_exists(error):
                raise

    async def _delete(self, service: Object) -> None:
        try:
            await self._client.delete(API_SERVICES, "", meta.name(service), uid=meta.uid(service))
        except StatusError as error:
            if not is_not_found(error):
                raise


def new(context: Context) -> Controller:
    controller = Controller(context, "APIService", AutoRegister(context), workers=1)
    controller.watches(CUSTOM_RESOURCE_DEFINITIONS, lambda crd: [NamespacedName("", name) for name in versions(crd)])
    controller.watches(
        API_SERVICES,
        lambda service: (NamespacedName("", meta.name(service)),),
        when=lambda old, new: any(each is not None and is_ours(each) for each in (old, new)),
    )
    return controller


AUTOREGISTER = Descriptor("autoregister", new)
