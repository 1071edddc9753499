"""A controller that needs a second queue, of other keys."""

from __future__ import annotations

from minikube_py.controllers.runtime.context import Context
from minikube_py.controllers.runtime.controller import WORKERS, Controller


class AccompaniedController(Controller):
    """Starts, stops and is busy together with its companions, which share its context and name.

    controller = AccompaniedController(context, "Job")
    controller.companions.append(Controller(context, "Pod", OrphanReconciler(context)))
    """

    def __init__(self, context: Context, kind: str, *, workers: int = WORKERS) -> None:
        super().__init__(context, kind, workers=workers)
        self.companions: list[Controller] = []

    def start(self) -> None:
        super().start()
        for companion in self.companions:
            companion.start()

    async def stop(self) -> None:
        await super().stop()
        for companion in self.companions:
            await companion.stop()

    def busy(self) -> list[str]:
        return [*super().busy(), *(culprit for each in self.companions for culprit in each.busy())]
