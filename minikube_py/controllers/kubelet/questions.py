"""Probes that containers answer in their own time: asked beside the pods' syncs, and given up after their timeouts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from minikube_py.controllers.kubelet.life import Ask, Life
from minikube_py.controllers.kubelet.prober import Outcome, timed_out
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, uid

log = logging.getLogger(__name__)

TURNS = 50
"""Of the event loop, in which what needs no time has answered."""

TIMEOUT = 1.0
"""Seconds, where a probe says nothing."""


class Answer(NamedTuple):
    """What came of an Ask."""

    ask: Ask
    outcome: Outcome


class Questions:
    """`wake` is called with a pod's key once there is an answer for it.

    An answer that needs nothing but its turns is waited for by whoever settles; for one that takes longer, time has to
    pass.
    """

    def __init__(self, clock: Clock, wake: Callable[[NamespacedName], None]) -> None:
        self._clock = clock
        self._wake = wake
        self._tasks: dict[str, set[asyncio.Task[None]]] = {}
        self._answers: dict[str, list[Answer]] = {}
        self._turns, self._seen = 0, 0.0

    def may_answer(self) -> bool:
        """Whether any may answer without time passing, as far as one can tell. To be asked once a turn."""
        if not self._tasks:
            return False
        now = self._clock.now()
        if now != self._seen:
            self._turns, self._seen = TURNS, now
        self._turns -= 1
        return self._turns > 0

    def ask(self, life: Life) -> None:
        """Begin with what a life came to ask."""
        self._turns = TURNS
        for each in life.asks:
            task = asyncio.get_running_loop().create_task(self._ask(life, each), name=f"{each.kind} probe")
            tasks = self._tasks.setdefault(life.uid, set())
            tasks.add(task)
            task.add_done_callback(partial(self._done, life.uid))

    def _done(self, uid: str, task: asyncio.Task[None]) -> None:
        tasks = self._tasks.get(uid, set())
        tasks.discard(task)
        if not tasks:
            self._tasks.pop(uid, None)

    async def _ask(self, life: Life, ask: Ask) -> None:
        pod = life.pod_now
        asking = asyncio.ensure_future(life.host.prober.probe(pod, ask.container, ask.kind, ask.probe))
        late: list[bool] = []

        def give_up() -> None:
            late.append(True)
            asking.cancel()

        timer = self._clock.call_later(float(ask.probe.get("timeoutSeconds") or TIMEOUT), give_up)
        try:
            outcome = await asking
        except asyncio.CancelledError:
            if not late:
                asking.cancel()
                raise
            outcome = Outcome(False, timed_out(pod, ask.probe))
        except Exception as error:
            log.debug("%s probe of %s", ask.kind, key(pod), exc_info=error)
            outcome = Outcome(False, str(error) or type(error).__name__)
        finally:
            timer.cancel()
        self._answers.setdefault(uid(pod), []).append(Answer(ask, outcome))
        self._wake(key(pod))

    def answers(self, pod: Object) -> list[Answer]:
        """Those that have come since the last time."""
        return self._answers.pop(uid(pod), []) if self._answers else []

    def put_back(self, pod: Object, answers: list[Answer]) -> None:
        """They are to be had again, for nothing has come of them."""
        if answers:
            self._answers.setdefault(uid(pod), [])[:0] = answers

    def forget(self, pod: Object) -> None:
        """Nobody waits for answers any more; idempotent."""
        self._answers.pop(uid(pod), None)
        for task in self._tasks.pop(uid(pod), ()):
            task.cancel()

    async def stop(self) -> None:
        tasks = [task for tasks in self._tasks.values() for task in tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
