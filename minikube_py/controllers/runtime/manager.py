"""The controller manager: kube-controller-manager's composition of controllers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from minikube_py.client.events import EventBroadcaster
from minikube_py.client.informer import InformerFactory
from minikube_py.client.protocol import Client
from minikube_py.client.workqueue import WorkQueue
from minikube_py.controllers.runtime.context import Context
from minikube_py.controllers.runtime.controller import Controller
from minikube_py.controllers.runtime.descriptor import Descriptor, Runnable, choose
from minikube_py.controllers.runtime.settings import Settings
from minikube_py.machinery.cause import Ring
from minikube_py.machinery.certificates.authority import Authority
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.random import Random

COMPONENT = "kube-controller-manager"


class Manager:
    """Controllers that share one client, one set of informers and one stream of events.

    `selection` is --controllers. `component` is the name in managedFields and starts the user agents. `authority` is
    the cluster's, which managers share.
    """

    def __init__(
        self,
        client: Client,
        clock: Clock,
        random: Random,
        ring: Ring,
        stopwatch: Callable[[], float],
        descriptors: Sequence[Descriptor],
        selection: str | Iterable[str] = "*",
        *,
        component: str = COMPONENT,
        settings: Settings | None = None,
        authority: Authority | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._random = random
        self._ring = ring
        self._stopwatch = stopwatch
        self._component = component
        self._settings = settings or Settings()
        self._authority = authority or Authority(random.fork("certificate-authority"), clock)
        self.informers = InformerFactory(client.as_user_agent(f"{component}/shared-informers"), clock)
        self.broadcaster = EventBroadcaster(client.as_user_agent(component), clock, random.fork(f"{component}/events"))
        self.runnables: list[Runnable] = []
        self._running = False
        for descriptor in choose(descriptors, selection):
            self.add(descriptor)

    def context(self, name: str) -> Context:
        """What the controller of that name is given."""
        return Context(
            name=name,
            client=self._client.as_user_agent(f"{self._component}/{name}"),
            informers=self.informers,
            broadcaster=self.broadcaster,
            clock=self._clock,
            random=self._random.fork(f"{self._component}/{name}"),
            stopwatch=self._stopwatch,
            ring=self._ring,
            settings=self._settings,
            authority=self._authority,
        )

    def add(self, descriptor: Descriptor) -> Runnable:
        """Make a controller; in a running manager it is started at once."""
        runnable = descriptor.new(self.context(descriptor.name))
        self.runnables.append(runnable)
        if self._running:
            self.informers.start()
            runnable.start()
        return runnable

    def start(self) -> None:
        """From a running event loop. Controllers begin by themselves once their informers are synced."""
        self._running = True
        self.broadcaster.start()
        self.informers.start()
        for runnable in self.runnables:
            runnable.start()

    async def stop(self) -> None:
        """Stop everything, and wait for it; idempotent."""
        self._running = False
        await asyncio.gather(*(runnable.stop() for runnable in self.runnables))
        await self.broadcaster.stop()
        await self.informers.stop()

    def busy(self) -> list[str]:
        """What is yet to be done without any time passing, in words; empty when settled. What waits for the clock
        is not busy."""
        culprits = self.informers.busy()
        for runnable in self.runnables:
            culprits.extend(runnable.busy())
        if self.broadcaster.busy:
            culprits.append("events are yet to be written")
        return culprits

    def next_retry(self) -> float | None:
        """When (the clock's time) the first key or watch that failed is tried again, None without one: for those who
        want to settle what only a short back-off holds up."""
        parts = (part for each in self.runnables for part in (each, *getattr(each, "companions", ())))
        queues = (getattr(part, "queue", None) for part in parts)
        retries = [queue.next_retry() for queue in queues if isinstance(queue, WorkQueue)]
        return min((retry for retry in (*retries, self.informers.next_retry()) if retry is not None), default=None)

    def controller(self, name: str) -> Controller | None:
        """The running Controller of that name."""
        found = (each for each in self.runnables if each.name == name and isinstance(each, Controller))
        return next(found, None)
