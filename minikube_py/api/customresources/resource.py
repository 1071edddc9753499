"""A CustomResourceDefinition's Resources, one for each served version.

Custom kinds are kept in the store as their storage version has them. A version's objects are what is stored, read
with the schema it was stored in, and then with the version's own (customresource_handler.go's codecs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from minikube_py.api.customresources.columns import table
from minikube_py.api.customresources.conversion import converter
from minikube_py.api.customresources.crd import is_true
from minikube_py.api.customresources.decoding import Decoder, plain
from minikube_py.api.customresources.defaulting import apply_defaults
from minikube_py.api.customresources.strategy import CustomStatusStrategy, CustomStrategy
from minikube_py.api.customresources.structural import PRESERVE, Structural
from minikube_py.api.customresources.types import root_type
from minikube_py.api.discovery import version_order
from minikube_py.api.jsonpath import compile_column, value_text
from minikube_py.api.jsonpathsteps import JSONPathError
from minikube_py.api.resource import Conversion, Deprecation, Resource, Scale, Subresource
from minikube_py.api.schema.decode import DecodeError
from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import GroupVersionKind, Object

VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
"""In the order in which discovery tells them of custom kinds."""
TERMINATING_VERBS = ("delete", "deletecollection", "get", "list", "watch")

_METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_SCALE = GroupVersionKind("autoscaling", "v1", "Scale")


def resources(crd: Object, schema: Schema) -> list[Resource]:
    """What a CRD serves; nothing until its names are accepted and it is established."""
    if not is_true(crd, "Established"):
        return []
    versions = _versions(crd, schema)
    stored = _stored(versions)
    return [each.resource(stored, versions) for each in versions.values() if each.spec.get("served")]


def storage_resource(crd: Object, schema: Schema) -> Resource:
    """The Resource of the stored version, served or not."""
    versions = _versions(crd, schema)
    stored = _stored(versions)
    return stored.resource(stored, versions)


def _versions(crd: Object, schema: Schema) -> dict[str, _Version]:
    return {each["name"]: _Version(crd, each, schema) for each in crd["spec"]["versions"]}


def _stored(versions: dict[str, _Version]) -> _Version:
    return next(each for each in versions.values() if each.spec.get("storage"))


class _Version:
    """One version of a CRD."""

    def __init__(self, crd: Object, spec: Object, schema: Schema) -> None:
        self.crd = crd
        self.spec = spec
        self.minor = int(schema.version.partition(".")[2])
        self.openapi: Object = (spec.get("schema") or {}).get("openAPIV3Schema") or {PRESERVE: True}
        self.structural = Structural(self.openapi)
        metadata = schema.definition(_METADATA)
        assert metadata is not None, "every version has ObjectMeta"
        self.metadata: Type = metadata
        self.decoder = Decoder(self.structural, metadata)

    @property
    def api_version(self) -> str:
        return f"{self.crd['spec']['group']}/{self.spec['name']}"

    def resource(self, stored: _Version, versions: dict[str, _Version]) -> Resource:
        spec, names = self.crd["spec"], self.crd["status"]["acceptedNames"]
        subresources = self.spec.get("subresources") or {}
        scale = _scale(subresources.get("scale"))
        strategy = CustomStrategy(self.structural, self.minor, status="status" in subresources, scale=scale)
        columns, cells = table(self.spec.get("additionalPrinterColumns") or ())
        type = root_type(self.structural, self.metadata, self.decoder)
        return Resource(
            group=spec["group"],
            version=self.spec["name"],
            plural=names["plural"],
            kind=names["kind"],
            list_name=names.get("listKind", ""),
            namespaced=spec["scope"] == "Namespaced",
            singular=names.get("singular") or None,
            short_names=tuple(names.get("shortNames") or ()),
            categories=tuple(names.get("categories") or ()),
            verbs=TERMINATING_VERBS if is_true(self.crd, "Terminating") else VERBS,
            subresources=tuple(_subresources(strategy, scale)),
            strategy=strategy,
            columns=columns,
            cells=cells,
            fields=_fields(self.spec.get("selectableFields") or ()),
            hub=Conversion(self._to_store(stored), self._from_store(versions), at_store=True),
            storage_version=stored.spec["name"] if stored.spec.get("served") else "",
            deprecation=_deprecation(self.crd, self.spec),
            custom=True,
            openapi=self.openapi,
            load_type=lambda: type,
        )

    def _to_store(self, stored: _Version) -> Callable[[Object], Object]:
        convert = converter(self.crd)

        def to_store(obj: Object) -> Object:
            if stored is not self:
                obj = stored.pruned(convert(obj, stored.api_version))
            # The store sets the version; it must have its place.
            tree: Object = plain({**obj, "metadata": {"resourceVersion": "", **obj["metadata"]}})
            return tree

        return to_store

    def _from_store(self, versions: dict[str, _Version]) -> Callable[[Object], Object]:
        convert = converter(self.crd)

        def from_store(obj: Object) -> Object:
            written = versions.get(obj["apiVersion"].rpartition("/")[2])
            if written is None:
                raise errors.unknown(f"request to convert CR from an invalid group/version: {obj['apiVersion']}")
            found = written.pruned(obj)
            apply_defaults(found, written.structural)
            if written is not self:
                found = self.pruned(convert(found, self.api_version))
            return obj if found == obj else plain(found)

        return from_store

    def pruned(self, obj: Object) -> Object:
        """A stored object as the version's schema has it now; what cannot be read any more stays as it is."""
        try:
            decoded: Object = self.decoder.decode(obj).object
        except DecodeError:
            return obj
        return decoded


def _subresources(strategy: CustomStrategy, scale: Scale | None) -> Iterator[Subresource]:
    if strategy.has_status:
        yield Subresource("status", strategy=CustomStatusStrategy(strategy))
    if scale is not None:
        yield Subresource("scale", kind=_SCALE, scale=scale)


def _scale(spec: Object | None) -> Scale | None:
    if spec is None:
        return None
    paths = (spec.get("specReplicasPath"), spec.get("statusReplicasPath"), spec.get("labelSelectorPath"))
    found = [tuple(path.removeprefix(".").split(".")) if path else () for path in paths]
    return Scale(found[0], found[1], found[2])


def _fields(selectable: Any) -> dict[str, Callable[[Object], str]]:
    return {each["jsonPath"].removeprefix("."): _field(each["jsonPath"]) for each in selectable}


@lru_cache(maxsize=1024)
def _field(path: str) -> Callable[[Object], str]:
    try:
        find = compile_column(path)
    except JSONPathError:
        return lambda obj: ""

    def read(obj: Object) -> str:
        value = find(obj)
        return "" if value is None else value_text(value)

    return read


def _deprecation(crd: Object, version: Object) -> Deprecation | None:
    """The warning that answers carry (defaultDeprecationWarning of customresource_handler.go)."""
    if not version.get("deprecated"):
        return None
    if (given := version.get("deprecationWarning")) is not None:
        return Deprecation(0, str(given))
    group, kind = crd["spec"]["group"], crd["spec"]["names"]["kind"]
    return Deprecation(0, _default_deprecation(group, kind, version["name"], crd["spec"]["versions"]))


def _default_deprecation(group: str, kind: str, name: str, versions: list[Object]) -> str:
    message = f"{group}/{name} {kind} is deprecated"
    newer = [
        each["name"]
        for each in versions
        if each.get("served") and not each.get("deprecated") and version_order(each["name"]) < version_order(name)
    ]
    if newer:
        best = min(newer, key=version_order)
        message += f"; use {group}/{best} {kind}"
    return message
