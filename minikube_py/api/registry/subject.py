"""What an update or a patch is about: the object itself, or its Scale.

Both have a type, defaults and managedFields; the Scale has a way back into the object it belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minikube_py.api import scale
from minikube_py.api.apply.fieldmanager import described
from minikube_py.api.context import Context
from minikube_py.api.patch.conversion import ConversionError, converted
from minikube_py.api.registry import updating
from minikube_py.api.registry.updating import Transform
from minikube_py.api.schema.decode import Decoded, DecodeError, decode
from minikube_py.api.schema.types import Type
from minikube_py.api.strategy import UpdateStrategy
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import GroupVersionKind, Object

if TYPE_CHECKING:
    from minikube_py.api.registry.registry import Registry


class Subject:
    """The object at ctx.name as seen through ctx.subresource."""

    def __init__(self, registry: Registry, ctx: Context) -> None:
        self.registry = registry
        self.ctx = ctx
        self.subresource = ctx.resource.subresource_by_name.get(ctx.subresource)
        self.scaling = self.subresource is not None and self.subresource.scale is not None
        self.kind: GroupVersionKind = scale.KIND if self.scaling else ctx.resource.gvk
        self.type: Type = self._scale_type() if self.scaling else ctx.resource.type

    @property
    def policy(self) -> UpdateStrategy:
        strategy = self.subresource.strategy if self.subresource is not None else None
        return strategy or self.ctx.resource.strategy

    def default(self, obj: Object) -> None:
        if self.scaling:
            return
        self.policy.default(obj)

    def updated(self, live: Object | None, draft: Object) -> Object:
        """The draft with managedFields."""
        manager = self.registry.field_manager(self.ctx.resource, self.subresource)
        return manager.update(live, draft, self.ctx.field_manager, self.ctx.now)

    def applied(self, live: Object | None, config: Object, force: bool) -> Object:
        """What server-side apply makes of the object, canonical and defaulted. Raises StatusError."""
        manager = self.registry.field_manager(self.ctx.resource, self.subresource)
        merged = manager.apply(live, config, self.ctx.field_manager, force, self.ctx.now)
        try:
            decoded = decode(self.type, merged)
        except DecodeError as error:
            if self.ctx.resource.custom and not self.scaling:
                raise errors.unknown(str(error)) from None
            decoded = self._converted(merged, config)
        obj: Object = decoded.object
        self.ctx.empties = decoded.empties
        self.default(obj)
        return obj

    def _converted(self, merged: Object, config: Object) -> Decoded:
        """What decode() refuses, as upstream goes from tree to tree: 2.0 passes for an integer. Raises StatusError 500
        (apimachinery/pkg/util/managedfields/internal/structuredmerge.go)."""
        try:
            return decode(self.type, converted(self.type, merged))
        except (ConversionError, DecodeError) as error:
            kind = f"{self.kind.group}/{self.kind.version}, Kind={self.kind.kind}"
            raise errors.unknown(
                f"failed to convert new object ({described(config, self.kind)}) to proper version: "
                f"unable to convert unstructured object to {kind}: {error}"
            ) from None

    async def update(self, transform: Transform, *, uid: str = "", may_create: bool = False) -> tuple[Object, bool]:
        """Store what `transform` makes of the subject; the flag tells whether it was created."""
        if not self.scaling:
            return await updating.update(self.registry, self.ctx, transform, uid=uid, may_create=may_create)
        resource = self.ctx.resource

        async def through_scale(live: Object | None) -> Object:
            if live is None:
                raise errors.not_found(resource.group_resource, self.ctx.name)
            wanted = await transform(scale.scale_for_update(resource, live))
            draft: Object = decode(resource.type, scale.with_scale(resource, live, wanted)).object
            resource.strategy.default(draft)
            return draft

        updated, _ = await updating.update(self.registry, self.ctx, through_scale)
        return scale.scale_of(resource, updated), False

    def _scale_type(self) -> Type:
        found = self.registry.catalog.schema.type_for(scale.KIND)
        assert found is not None
        return found
