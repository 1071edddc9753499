"""Update (PUT): a whole object in place of the stored one (apiserver's handlers/update.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minikube_py.api.context import Context
from minikube_py.api.registry import metadata as system
from minikube_py.api.registry.subject import Subject
from minikube_py.machinery.gvr import Object

if TYPE_CHECKING:
    from minikube_py.api.registry.registry import Registry


async def replace(registry: Registry, ctx: Context, draft: Object) -> tuple[Object, bool]:
    """The draft in place of what is stored; the flag tells whether there was nothing and it was created."""
    metadata = draft["metadata"]
    system.ensure_namespace(ctx, metadata)
    system.check_name(ctx, metadata)
    system.dedup_owner_references(ctx, metadata, after_admission=False)
    subject = Subject(registry, ctx)

    async def transform(live: Object | None) -> Object:
        return subject.updated(live, _copied(draft))

    return await subject.update(transform, uid=metadata.get("uid", ""))


def _copied(tree: Any) -> Any:
    """A second attempt starts from the same draft."""
    if isinstance(tree, dict):
        return {key: _copied(value) for key, value in tree.items()}
    return [_copied(value) for value in tree] if isinstance(tree, list) else tree
