"""Names of kinds and resources: apimachinery's GroupVersionKind and GroupVersionResource."""

from __future__ import annotations

from typing import Any, NamedTuple

Object = dict[str, Any]
"""A Kubernetes object as a JSON tree. Read-only once it is stored."""


class GroupVersionKind(NamedTuple):
    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects: "v1", "apps/v1"."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @staticmethod
    def of(obj: Object) -> GroupVersionKind:
        """The kind an object says it is; missing parts are empty."""
        group, _, version = str(obj.get("apiVersion") or "").rpartition("/")
        return GroupVersionKind(group, version, str(obj.get("kind") or ""))


class GroupResource(NamedTuple):
    group: str
    resource: str

    def __str__(self) -> str:
        """As in messages: "pods", "deployments.apps"."""
        return f"{self.resource}.{self.group}" if self.group else self.resource


class GroupVersionResource(NamedTuple):
    group: str
    version: str
    resource: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> GroupResource:
        return GroupResource(self.group, self.resource)

    def __str__(self) -> str:
        return str(self.group_resource)


class NamespacedName(NamedTuple):
    """The key of an object among those of its resource; namespace is "" for cluster-scoped ones."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name
