"""The other versions of a kind, as managedFields need them: who owns a field may have named it in another version."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.registry.served import hub_object, served_object
from minikube_py.api.resource import Resource
from minikube_py.api.schema.types import Type
from minikube_py.machinery.gvr import Object


class ServedVersions:
    """Implements apply's Versions for Resources that share one storage."""

    def __init__(self, versions: Sequence[Resource]) -> None:
        self._by_version = {resource.api_version: resource for resource in versions}

    def type_at(self, api_version: str) -> Type | None:
        resource = self._by_version.get(api_version)
        return resource.type if resource is not None else None

    def convert(self, obj: Object, api_version: str) -> Object:
        source, target = self._by_version.get(obj.get("apiVersion", "")), self._by_version[api_version]
        return obj if source is None or source is target else served_object(target, hub_object(source, obj))
