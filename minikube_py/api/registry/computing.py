"""Get and list of what is worked out whenever it is asked for: there are no revisions and no pages."""

from __future__ import annotations

from minikube_py.api.context import Context
from minikube_py.api.options import ListOptions
from minikube_py.api.registry.reading import Page
from minikube_py.api.registry.selection import compile_selection
from minikube_py.api.resource import Computed
from minikube_py.store import Stored

NO_REVISION = 0


async def get(computed: Computed, ctx: Context) -> Stored:
    """Raises StatusError 404."""
    return Stored(await computed.get(ctx), NO_REVISION)


async def list_page(computed: Computed, ctx: Context, options: ListOptions) -> Page:
    """Raises StatusError 400 for selectors that make no sense."""
    found = await computed.list(ctx, compile_selection(ctx, options).matches)
    return Page([Stored(each, NO_REVISION) for each in found], NO_REVISION)
