"""The Scale of what an autoscaler scales: any kind that has one (scaleForResourceMappings, and the update of
pkg/controller/podautoscaler/horizontal.go)."""

from __future__ import annotations

from minikube_py.client.protocol import Client
from minikube_py.controllers.horizontalpodautoscaler.discovery import Discovery, Unmapped
from minikube_py.machinery.errors import StatusError, is_conflict
from minikube_py.machinery.gvr import GroupVersionResource, Object

TRIES = 5
"""Of an update that conflicts (client-go's retry.DefaultRetry, whose 10 ms between them are left out)."""


class Target:
    def __init__(self, client: Client, resource: GroupVersionResource, scale: Object) -> None:
        self._client = client
        self._resource = resource
        self._scale = scale

    @classmethod
    async def find(cls, client: Client, discovery: Discovery, namespace: str, reference: Object) -> Target:
        """Raises Unmapped, StatusError."""
        api_version = reference.get("apiVersion") or ""
        if api_version.count("/") > 1:
            raise Unmapped(f"unexpected GroupVersion string: {api_version}")
        resource = await discovery.resource(api_version.rpartition("/")[0], reference["kind"])
        scale = await client.get(resource, namespace, reference["name"], subresource="scale")
        return cls(client, resource, scale)

    @property
    def wanted(self) -> int:
        return int((self._scale.get("spec") or {}).get("replicas") or 0)

    @property
    def present(self) -> int:
        return int((self._scale.get("status") or {}).get("replicas") or 0)

    @property
    def selector(self) -> str:
        return (self._scale.get("status") or {}).get("selector") or ""

    async def scale_to(self, replicas: int) -> None:
        """Raises StatusError."""
        for attempt in range(TRIES):
            try:
                scale = {**self._scale, "spec": {**(self._scale.get("spec") or {}), "replicas": replicas}}
                await self._client.update(self._resource, scale, subresource="scale")
            except StatusError as error:
                if not is_conflict(error) or attempt == TRIES - 1:
                    raise
                metadata = self._scale["metadata"]
                self._scale = await self._client.get(
                    self._resource, metadata["namespace"], metadata["name"], subresource="scale"
                )
            else:
                return
