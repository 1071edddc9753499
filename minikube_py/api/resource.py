"""Resource: everything fixed about a kind as it is served."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from minikube_py.api.context import Context
from minikube_py.api.schema.types import Type
from minikube_py.api.strategy import Strategy, UpdateStrategy
from minikube_py.machinery.gvr import GroupResource, GroupVersionKind, GroupVersionResource, Object

_ETCD_PREFIXES = {
    "endpoints": "services/endpoints",
    "ingresses.networking.k8s.io": "ingress",
    "nodes": "minions",
    "replicationcontrollers": "controllers",
    "services": "services/specs",
}

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class Since(NamedTuple):
    """A table cell that tells an age: the human duration since this time, made when the table is sent, between
    `prefix` and `suffix` ("2 (" and " ago)"). `time` is RFC 3339, or "" for "<unknown>"."""

    time: str
    prefix: str = ""
    suffix: str = ""


class Column(NamedTuple):
    """A column of `kubectl get` (metav1.TableColumnDefinition).

    `doc` names the schema field whose text describes it, "io.k8s.api.core.v1.ConfigMap#data"; `description` is the
    text itself where the printer has its own.
    """

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0
    doc: str = ""
    description: str = ""


NAME = Column("Name", format="name", doc="io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#name")
AGE = Column("Age", doc="io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#creationTimestamp")
CREATED_AT = Column("Created At", type="date", doc="io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#creationTimestamp")

Cells = Callable[[Object], list[Any]]
"""An object's cells, one a column; pure, so that rows can be kept."""

Action = Callable[[Context, Object], Awaitable[Object]]
"""What a create on a subresource does (binding, eviction): context, decoded body -> reply."""


class Computed(Protocol):
    """Objects that are worked out whenever they are asked for, and kept nowhere."""

    async def get(self, ctx: Context) -> Object:
        """The one that the context names. Raises StatusError 404."""
        ...

    async def list(self, ctx: Context, matches: Callable[[Object], bool] | None) -> Sequence[Object]:
        """Those of the context's namespace, in key order; with `matches`, those that are selected by metadata."""
        ...


def age(obj: Object) -> Since:
    return Since(obj["metadata"].get("creationTimestamp") or "")


def name_and_age(obj: Object) -> list[Any]:
    """The cells of a kind without a printer of its own: name and creation time."""
    return [obj["metadata"]["name"], obj["metadata"].get("creationTimestamp")]


class Scale(NamedTuple):
    """Where a kind's Scale subresource reads and writes (autoscaling/v1 Scale). Paths are tuples of keys."""

    spec_replicas: tuple[str, ...] = ("spec", "replicas")
    status_replicas: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ("spec", "selector")
    """A LabelSelector or a plain map of labels."""


class Subresource(NamedTuple):
    """One of three: a policy to change the parent (`strategy`), an `action` on create, or `scale`.
    Streams (log, exec, proxy) have none and are the server's (api/connect)."""

    name: str
    verbs: tuple[str, ...] = ("get", "patch", "update")
    kind: GroupVersionKind | None = None
    """The kind of its body, where it is not the parent's."""
    accepts: tuple[GroupVersionKind, ...] = ()
    """Other versions of that kind that are taken too."""
    strategy: UpdateStrategy | None = None
    action: Action | None = None
    scale: Scale | None = None
    since: int = 0
    """The first minor version that serves it, where that is later than its resource's."""


class Deprecation(NamedTuple):
    """What every answer about a resource warns of, from a minor version on."""

    since: int
    text: str

    @classmethod
    def of(cls, old: GroupVersionKind, since: int, gone: int, new: str) -> Deprecation:
        """Of a version that another takes the place of (apiserver/pkg/endpoints/deprecation WarningMessage).

        `since` and `gone` are the minor versions that deprecate it and do without it; `new` is an apiVersion.
        """
        lives = f"is deprecated in v1.{since}+, unavailable in v1.{gone}+"
        return cls(since, f"{old.api_version} {old.kind} {lives}; use {new} {old.kind}")


class Conversion(NamedTuple):
    """Between a served version and the stored one; each makes a new tree, or gives back its own if nothing changes."""

    to_hub: Callable[[Object], Object]
    from_hub: Callable[[Object], Object]
    at_store: bool = False
    """Whether policies work on the served version and only the store has the other one (custom kinds); policies of
    built-in kinds work on the stored version."""


@dataclass(frozen=True, eq=False)
class Resource:
    """A kind as served in one version. Several versions of a kind are several Resources with the same storage."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    singular: str | None = None
    """As discovery tells it; by default "deployment"."""
    list_name: str = ""
    """The kind of its lists; by default "DeploymentList"."""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = VERBS
    subresources: tuple[Subresource, ...] = ()
    strategy: Strategy = field(default_factory=Strategy)
    columns: Sequence[Column] = (NAME, CREATED_AT)
    cells: Cells = name_and_age
    fields: Mapping[str, Callable[[Object], str]] = field(default_factory=dict)
    """Selectable fields besides metadata.name and metadata.namespace, by label."""
    create: Action | None = None
    """For kinds that are asked, not stored (reviews): what POST does."""
    computed: Computed | None = None
    """For kinds that are told, not stored (metrics): who answers get and list."""
    storage: str = ""
    """The store's name for its objects; by default "deployments.apps"."""
    hub: Conversion | None = None
    """How it becomes the stored version; None: it is the stored version."""
    served: tuple[int, int] | None = None
    """The first and the last minor version that serves it, where its schema outlives it; None: all that have it."""
    row_metadata: Callable[[Object], Object] | None = None
    """The metadata that a table's row shows, where it is not the served one: upstream shows its internal version's."""
    deprecation: Deprecation | None = None
    internal_group: str | None = None
    """The group that messages about invalid objects name, where it is not the served one (events.k8s.io's is "")."""
    storage_version: str = ""
    """Of a custom kind: the version that is stored; "" if it is not served."""
    custom: bool = False
    """Whether a CRD defines it."""
    openapi: Object | None = None
    """The openAPIV3Schema of a CRD's version, as OpenAPI publishes it."""
    load_type: Callable[[], Type] | None = None
    """Given by the catalog (built-ins) or the CRD."""

    @cached_property
    def error_group(self) -> str:
        """The group of its kind in messages about invalid objects."""
        return self.group if self.internal_group is None else self.internal_group

    @cached_property
    def gvr(self) -> GroupVersionResource:
        return GroupVersionResource(self.group, self.version, self.plural)

    @cached_property
    def gvk(self) -> GroupVersionKind:
        return GroupVersionKind(self.group, self.version, self.kind)

    @cached_property
    def group_resource(self) -> GroupResource:
        return GroupResource(self.group, self.plural)

    @cached_property
    def api_version(self) -> str:
        return self.gvk.api_version

    @cached_property
    def key(self) -> str:
        """The store's name for it."""
        return self.storage or str(self.group_resource)

    @cached_property
    def etcd_prefix(self) -> str:
        """Where upstream keeps its objects in etcd: some messages tell."""
        if self.custom:
            return f"/registry/{self.group}/{self.plural}"
        return f"/registry/{_ETCD_PREFIXES.get(self.key, self.plural)}"

    @cached_property
    def singular_name(self) -> str:
        return self.kind.lower() if self.singular is None else self.singular

    @cached_property
    def list_kind(self) -> str:
        return self.list_name or self.kind + "List"

    @cached_property
    def type(self) -> Type:
        """Its compiled schema."""
        if self.load_type is None:
            raise LookupError(f"{self.gvk} is in no catalog")
        return self.load_type()

    @cached_property
    def subresource_by_name(self) -> dict[str, Subresource]:
        return {subresource.name: subresource for subresource in self.subresources}

    def is_served(self, minor: int) -> bool:
        """Whether Kubernetes 1.`minor` serves it, if its schema is there."""
        return self.served is None or self.served[0] <= minor <= self.served[1]

    def as_of(self, minor: int) -> Resource:
        """The same resource with the subresources that Kubernetes 1.`minor` serves."""
        served = tuple(each for each in self.subresources if each.since <= minor)
        return self if len(served) == len(self.subresources) else dataclasses.replace(self, subresources=served)

    def with_type(self, load: Callable[[], Type]) -> Resource:
        """The same resource with its schema."""
        return dataclasses.replace(self, load_type=load)
