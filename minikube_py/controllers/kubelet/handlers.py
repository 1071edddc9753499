"""Runs hooks, beside their pods' syncs (pkg/kubelet/lifecycle/handlers.go)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.controllers.kubelet.cri.imageconfig import config_of
from minikube_py.controllers.kubelet.cri.images import Images
from minikube_py.controllers.kubelet.cri.log import ContainerLog
from minikube_py.controllers.kubelet.cri.process import Process
from minikube_py.controllers.kubelet.cri.programs import is_understood
from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime, Record
from minikube_py.controllers.kubelet.hooks import HookCall, HookOutcome
from minikube_py.controllers.kubelet.life import Life
from minikube_py.machinery.clock import Clock, next_turn
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, uid

PATIENCE = 50
"""Turns of the event loop that a hook waits at most for the program of its container to come to rest."""

Outcomes = list[tuple[HookCall, HookOutcome]]


class Handlers:
    """Implements HookRunner. `wake` is called with a pod's key once a hook of it is through.

    A hook runs on until it ends by itself or its container does, however long somebody waits for it.
    """

    def __init__(
        self, runtime: ContainerRuntime, images: Images, clock: Clock, wake: Callable[[NamespacedName], None]
    ) -> None:
        self._runtime = runtime
        self._images = images
        self._clock = clock
        self._wake = wake
        self._outcomes: dict[str, Outcomes] = {}

    def is_run(self, container: Object, handler: Object) -> bool:
        """But for a command that only the image would have: nobody knows what that does."""
        if "exec" not in handler or self._images.find(container["image"]) is not None:
            return True
        return is_understood(tuple(handler["exec"].get("command") or ()), config_of(container["image"]).programs)

    def run(self, pod: Object, life: Life) -> None:
        """Begin with those that a life came to, and end those that it gave up."""
        for name in life.given_up:
            record = self._runtime.record(pod, name)
            if record is not None and record.hook is not None:
                record.hook.kill()
        for call in life.calls:
            self._begin(pod, call)

    def _begin(self, pod: Object, call: HookCall) -> None:
        from minikube_py.controllers.kubelet.cri.hooks import killed

        record = self._runtime.life(pod, call.container["name"], call.container_id)
        came = killed(pod, call.container, call.handler)

        async def work() -> None:
            nonlocal came
            came = await self._run(record, pod, call)

        def ended() -> None:
            self._outcomes.setdefault(uid(pod), []).append((call, came))
            self._wake(key(pod))

        record.hook = Process(work, ContainerLog(self._clock.now), ended)  # nobody sees what it says

    async def _run(self, record: Record, pod: Object, call: HookCall) -> HookOutcome:
        from minikube_py.controllers.kubelet.cri.hooks import ask, not_running, run_command

        runtime, container, handler = self._runtime, call.container, call.handler
        if record.process is not None:
            await _at_rest(record.process, record)
        if "exec" in handler:
            command = handler["exec"]["command"]
            if record.process is not None and record.process.exit_code is not None:
                return not_running(pod, container, command, call.container_id)
            return await run_command(await runtime.entered(record, pod, container), command)
        async with runtime.http(pod) as http:
            outcome = await ask(http, pod, container, handler["httpGet"], runtime.agent(pod, "lifecycle"))
        # Whether a container would have answered in which nothing runs, nobody knows.
        return outcome if runtime.has_program(pod, container) else outcome._replace(error="")

    def outcomes(self, pod: Object) -> Outcomes:
        """Those that have come since the last time."""
        return self._outcomes.pop(uid(pod), []) if self._outcomes else []

    def put_back(self, pod: Object, outcomes: Outcomes) -> None:
        """They are to be had again, for nothing has come of them."""
        if outcomes:
            self._outcomes.setdefault(uid(pod), [])[:0] = outcomes

    def forget(self, pod: Object) -> None:
        """Nobody waits for them any more; idempotent."""
        self._outcomes.pop(uid(pod), None)


async def _at_rest(program: Process, record: Record) -> None:
    """Let a program get as far as it comes without time passing: a server listens then."""
    for _ in range(PATIENCE):
        await next_turn()
        if program.exit_code is not None or (record.container is not None and not program.busy):
            return
