"""A controller that waits for a lull in the pods' events before each reconcile."""

from __future__ import annotations

from minikube_py.client.informer import Informer
from minikube_py.client.workqueue import Item
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.wellknown import PODS

TURNS = 100
"""Of the event loop that are waited at most."""

QUIET = 2
"""Turns without an event that make a lull."""


async def lull(informer: Informer) -> None:
    """Wait until an informer has nothing more to handle for now."""
    quiet = 0
    for _ in range(TURNS):
        before = informer.revision
        await next_turn()
        quiet = quiet + 1 if informer.revision == before else 0
        if quiet == QUIET:
            return


class PatientController(Controller):
    """A rollout makes hundreds of pods ready in as many turns. Upstream's writes take so long that many of these
    changes end up in one; here they would be hundreds of writes of slices with a hundred endpoints each. No time of
    the clock passes meanwhile, and what is waited does not count as the reconcile's."""

    def __init__(self, context: Context, kind: str, *, max_retries: int | None = None) -> None:
        super().__init__(context, kind, max_retries=max_retries)
        self._pods = context.informer(PODS)

    async def _process(self, item: Item[NamespacedName]) -> None:
        await lull(self._pods)
        await super()._process(item)
