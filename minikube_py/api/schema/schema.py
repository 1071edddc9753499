"""Schema: what the kinds of one Kubernetes version look like."""

from __future__ import annotations

from functools import cache

import orjson

from minikube_py.api.schema import facts
from minikube_py.api.schema.compile import Compiler
from minikube_py.api.schema.types import Type
from minikube_py.machinery.gvr import GroupVersionKind

_GVKS = "x-kubernetes-group-version-kind"

_UNPUBLISHED = {
    "admission.k8s.io": "io.k8s.api.admission",
    "apidiscovery.k8s.io": "io.k8s.api.apidiscovery",
    "imagepolicy.k8s.io": "io.k8s.api.imagepolicy",
    "meta.k8s.io": "io.k8s.apimachinery.pkg.apis.meta",
    "metrics.k8s.io": "io.k8s.metrics.pkg.apis.metrics",
}
"""Groups whose kinds OpenAPI does not publish, and where their types are."""


class Schema:
    """The types of one Kubernetes version, compiled when first asked for.

    A field exists only if that version's OpenAPI has it, so `Schema("1.30")` reports what 1.31 added as unknown.
    """

    def __init__(self, version: str = "1.37") -> None:
        """`version` is "1.36", "v1.36" or "1.36.2". Raises ValueError for a version without a table."""
        self.version = ".".join(version.removeprefix("v").split(".")[:2])
        self._definitions = facts.definitions(self.version)
        self._compiler = Compiler(self.raw, int(self.version.partition(".")[2]))
        self._names: dict[GroupVersionKind, str] | None = None

    @staticmethod
    @cache
    def of(version: str) -> Schema:
        """The one that all clusters of a version share: types are facts, and compiled once. Raises ValueError."""
        return Schema(version)

    def type_for(self, gvk: GroupVersionKind) -> Type | None:
        """The type of a kind; None if the version does not know the kind."""
        name = self.name_of(gvk)
        return None if name is None else self.definition(name)

    def definition(self, name: str) -> Type | None:
        """The type of "io.k8s.api.core.v1.PodSpec", also of Go types that OpenAPI does not publish."""
        return self._compiler.definition(name)

    def kinds(self) -> list[GroupVersionKind]:
        """Every kind that the version's OpenAPI names, lists and options among them."""
        return list(self._kind_names())

    def name_of(self, gvk: GroupVersionKind) -> str | None:
        """The definition's name of a kind: "io.k8s.api.core.v1.Pod"."""
        name = self._kind_names().get(gvk)
        if name is not None:
            return name
        package = _UNPUBLISHED.get(gvk.group, "io.k8s.api.core" if not gvk.group else None)
        if package is None:
            return None
        name = f"{package}.{gvk.version}.{gvk.kind}"
        return name if facts.go_struct(facts.go_name(name)) is not None else None

    def names(self) -> list[str]:
        """The names of the version's OpenAPI definitions, sorted."""
        return list(self._definitions)

    def raw(self, name: str) -> facts.OpenAPIDefinition | None:
        """The OpenAPI v2 definition of that name, without descriptions; a new tree at each call."""
        text = self._definitions.get(name)
        if text is None:
            return None
        definition: facts.OpenAPIDefinition = orjson.loads(text)
        return definition

    def _kind_names(self) -> dict[GroupVersionKind, str]:
        if self._names is None:
            marker = f'"{_GVKS}"'.encode()
            self._names = {
                GroupVersionKind(gvk["group"], gvk["version"], gvk["kind"]): name
                for name, text in self._definitions.items()
                if marker in text
                for gvk in orjson.loads(text)[_GVKS]
            }
        return self._names
