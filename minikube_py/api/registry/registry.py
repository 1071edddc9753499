"""Registry: the verbs' common ground, and their entry points.

    create             creation.py      decode -> managedFields -> admission -> prepare -> validate -> store
    update             replacing.py     a whole object in place of another
    (both)             updating.py      read, transform, compare-and-set, again if somebody was faster
    delete             deletion.py      grace, finalizers, propagation
    get, list, watch   reading.py       selectors, pages, past revisions
    (or)               computing.py     what is worked out whenever it is asked for
    patch              patching.py      the four patch types as transforms

The order of the steps is kube-apiserver's (registry/generic/registry/store.go, endpoints/handlers).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from minikube_py.api import scale
from minikube_py.api.admission.chain import Admission
from minikube_py.api.allocators import Allocators
from minikube_py.api.apply.fieldmanager import FieldManager
from minikube_py.api.apply.fieldset import FieldSet
from minikube_py.api.catalog import Catalog
from minikube_py.api.context import Context
from minikube_py.api.expiry import EVENT_TTL, Expiry
from minikube_py.api.nodes import NodeConnection, Unreachable
from minikube_py.api.options import DeleteOptions, ListOptions
from minikube_py.api.registry import computing, creation, deletion, patching, reading, replacing, updating
from minikube_py.api.registry.patching import Patch
from minikube_py.api.registry.reading import Page
from minikube_py.api.registry.versions import ServedVersions
from minikube_py.api.resource import Resource, Subresource
from minikube_py.api.strategy import UpdateStrategy
from minikube_py.machinery import errors
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random
from minikube_py.machinery.rotation import Rotation
from minikube_py.store import Key, Store, Stored


class Registry:
    """All resources of one API server. Raises StatusError from every verb."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        clock: Clock,
        random: Random,
        admission: Admission,
        allocators: Allocators,
        nodes: NodeConnection | None = None,
        event_ttl: float = EVENT_TTL,
        absent: Collection[str] = (),
    ) -> None:
        """`absent`: the components of the control plane that do not run: scheduler, controller-manager."""
        self.store = store
        self.catalog = catalog
        self.clock = clock
        self.random = random
        self.jitter = random.fork("jitter")
        """For what must not shift the uids and names to come: how long watches last."""
        self.admission = admission
        self.allocators = allocators
        self.nodes: NodeConnection = nodes or Unreachable()
        self.absent = absent
        self.rotation = Rotation()
        """Whose turn it is of a Service's endpoints, for the proxy."""
        self.expiry = Expiry(store, clock, event_ttl)
        self._managers: dict[tuple[Resource, str], FieldManager] = {}
        catalog.listeners.append(self._managers.clear)

    # The verbs

    async def create(self, ctx: Context, draft: Object) -> Object:
        """Store a new object, given in its canonical form (api/body.py); returns it as served."""
        return await creation.create(self, ctx, draft)

    async def get(self, ctx: Context, resource_version: str = "") -> Stored:
        if ctx.resource.computed is not None:
            return await computing.get(ctx.resource.computed, ctx)
        return reading.get(self, ctx, resource_version)

    async def list(self, ctx: Context, options: ListOptions) -> Page:
        if ctx.resource.computed is not None:
            return await computing.list_page(ctx.resource.computed, ctx, options)
        return reading.list_page(self, ctx, options)

    async def update(self, ctx: Context, draft: Object) -> tuple[Object, bool]:
        """Replace an object; the flag tells whether it was created instead."""
        return await replacing.replace(self, ctx, draft)

    async def patch(self, ctx: Context, patch: Patch) -> tuple[Object, bool]:
        return await patching.patch(self, ctx, patch)

    async def guaranteed_update(self, ctx: Context, change: Callable[[Object], Object]) -> Object:
        """Read ctx.name, change it (a pure function of the stored tree to a new one), and store it if nobody was
        faster, else again. For actions of the server's own: no admission, no managedFields, no validation."""
        return updating.change_stored(self, ctx, change)

    async def delete(self, ctx: Context, options: DeleteOptions) -> tuple[Object, bool]:
        """The object or a Status; the flag tells whether it is gone."""
        return await deletion.delete(self, ctx, options)

    async def delete_collection(self, ctx: Context, options: DeleteOptions, selection: ListOptions) -> Page:
        """Delete what is selected; returns it."""
        return await deletion.delete_collection(self, ctx, options, selection)

    # Common ground

    def key(self, ctx: Context) -> Key:
        return Key(ctx.resource.key, ctx.namespace if ctx.resource.namespaced else "", ctx.name)

    def find(self, ctx: Context) -> Stored:
        """The object that the context names. Raises StatusError 404."""
        stored = self.store.get(self.key(ctx))
        if stored is None:
            raise errors.not_found(ctx.resource.group_resource, ctx.name)
        return stored

    def field_manager(self, resource: Resource, subresource: Subresource | None) -> FieldManager:
        """What keeps managedFields for one way to write a resource; made at first use."""
        name = subresource.name if subresource else ""
        found = self._managers.get((resource, name))
        if found is None:
            found = self._managers[resource, name] = self._new_field_manager(resource, subresource)
        return found

    def _new_field_manager(self, resource: Resource, subresource: Subresource | None) -> FieldManager:
        if subresource is not None and subresource.scale is not None:
            scale_type = self.catalog.schema.type_for(scale.KIND)
            assert scale_type is not None
            return FieldManager(scale_type, scale.KIND, subresource.name)
        policy = (subresource.strategy if subresource is not None else None) or resource.strategy
        siblings = [each for each in self.catalog if each.key == resource.key]
        fields = _field_set(policy)
        return FieldManager(
            resource.type,
            resource.gvk,
            subresource.name if subresource is not None else "",
            {each.api_version: fields for each in siblings} if fields else None,
            ServedVersions(siblings) if len(siblings) > 1 else None,
        )


def _field_set(policy: UpdateStrategy) -> FieldSet:
    """A policy's reset fields as a set of field paths."""
    fields: FieldSet = {}
    for path in policy.reset_fields:
        at = fields
        for name in path:
            at = at.setdefault(f"f:{name}", {})
    return fields
