"""A controller: watches that enqueue keys, a queue, and workers that reconcile them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from minikube_py.client.workqueue import Item, WorkQueue
from minikube_py.controllers.runtime.context import Context
from minikube_py.controllers.runtime.reconciler import NotYet, ReconcileFailure, Reconciler, Result
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.errors import StatusError, is_conflict
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.meta import controller_of, key, resource_version

log = logging.getLogger(__name__)

WORKERS = 5
"""Keys of one controller that are reconciled at once (--concurrent-deployment-syncs and its like)."""

Keys = Iterable[NamespacedName]


class Controller:
    """Feeds a Reconciler.

        controller = Controller(context, "Deployment")
        controller.watches_for(DEPLOYMENTS)            # their own keys
        controller.owns(REPLICA_SETS)                  # the keys of their controlling Deployments
        controller.watches(PODS, keys_of_pod)          # keys computed from the object
        controller.reconciler = DeploymentReconciler(context)

    For handlers that need more (expectations), use `context.informer(...).add_handler` and
    `controller.enqueue(key, obj)`.
    """

    def __init__(
        self,
        context: Context,
        kind: str,
        reconciler: Reconciler | None = None,
        *,
        workers: int = WORKERS,
        max_retries: int | None = None,
    ) -> None:
        """`max_retries`: after so many failures in a row a key is dropped until the next event (None: never)."""
        self.context = context
        self.name = context.name
        self.kind = kind
        """What its keys name: "Deployment"."""
        self.queue: WorkQueue[NamespacedName] = WorkQueue(context.clock, context.stopwatch)
        self.reconciler = reconciler
        self._workers = workers
        self._max_retries = max_retries
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = False

    # Declaring what it watches

    def watches_for(self, resource: GroupVersionResource) -> None:
        """The objects it reconciles (controller-runtime's For)."""
        self.watches(resource, lambda obj: (key(obj),))

    def owns(self, resource: GroupVersionResource) -> None:
        """The objects made by those it reconciles: changes enqueue the controlling owner of this kind, the former
        one too."""

        def owner(obj: Object) -> Keys:
            reference = controller_of(obj)
            if reference is None or reference["kind"] != self.kind:
                return ()
            return (NamespacedName(obj["metadata"].get("namespace", ""), reference["name"]),)

        self.watches(resource, owner)

    def watches(
        self,
        resource: GroupVersionResource,
        keys: Callable[[Object], Keys],
        *,
        when: Callable[[Object | None, Object | None], bool] | None = None,
    ) -> None:
        """Enqueue the keys of an object whenever it changes; of an update those of the old state and the new.
        `when(old, new)`, with None for what is not there, tells which changes matter."""

        def added(obj: Object) -> None:
            if when is None or when(None, obj):
                self._enqueue_all(keys(obj), obj)

        def updated(old: Object, new: Object) -> None:
            if resource_version(old) != resource_version(new) and (when is None or when(old, new)):
                self._enqueue_all((*keys(old), *keys(new)), new)

        def deleted(obj: Object) -> None:
            if when is None or when(obj, None):
                self._enqueue_all(keys(obj), obj)

        self.context.informer(resource).add_handler(added, updated, deleted)

    def _enqueue_all(self, keys: Keys, obj: Object) -> None:
        for each in keys:
            self.queue.add(each, trigger=obj)

    def enqueue(self, key: NamespacedName, obj: Object | None = None, *, reason: str = "") -> None:
        """`obj` is the object whose event asks for it."""
        self.queue.add(key, trigger=obj, reason=reason)

    def enqueue_after(self, key: NamespacedName, delay: float, *, reason: str = "") -> None:
        """In `delay` seconds of the clock."""
        self.queue.add_after(key, delay, reason=reason)

    # Running

    def start(self) -> None:
        create_task = asyncio.get_running_loop().create_task
        self._tasks = [create_task(self._run(), name=self.name)]

    async def _run(self) -> None:
        for informer in tuple(self.context.used.values()):
            await informer.wait_synced()
        self._begun = True
        create_task = asyncio.get_running_loop().create_task
        for number in range(self._workers):
            self._tasks.append(create_task(self._work(), name=f"{self.name} {number}"))

    async def stop(self) -> None:
        """Idempotent. A reconcile under way is cancelled."""
        self.queue.shut_down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def busy(self) -> list[str]:
        if not self._begun:
            waiting = any(informer.waiting for informer in self.context.used.values())
            return [] if waiting or not self._tasks else [f"{self.name} has not begun"]
        if self.queue.idle:
            return []
        processing, queued = self.queue.processing(), self.queue.queued()
        culprits = [f"{self.name} is reconciling {self.kind} {each}" for each in processing]
        if queued:
            culprits.append(f"{self.name} has {len(queued)} queued, first {self.kind} {queued[0]}")
        return culprits

    async def _work(self) -> None:
        while (item := await self.queue.get()) is not None:
            try:
                await self._process(item)
            finally:
                self.queue.done(item.key)
            await next_turn()

    async def _process(self, item: Item[NamespacedName]) -> None:
        """Reconcile one key, and record what became of it."""
        context = self.context
        work = Cause(
            kind="reconcile",
            actor=self.name,
            subject=f"{self.kind} {item.key}",
            started=context.clock.now(),
            triggers=item.triggers,
            reason=item.reason,
            waited=item.waited,
        )
        begun = context.stopwatch()
        try:
            assert self.reconciler is not None
            with because(work):
                result = await self.reconciler.reconcile(item.key)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            work.outcome = str(error) or type(error).__name__
            self._failed(item.key, error)
        else:
            self._succeeded(item.key, result or _DONE)
        work.took = context.stopwatch() - begun
        context.ring.add(work)

    def _succeeded(self, key: NamespacedName, result: Result) -> None:
        if result.requeue:
            self.queue.add_rate_limited(key)
            return
        self.queue.forget(key)
        if result.requeue_after is not None:
            self.queue.add_after(key, result.requeue_after)

    def _failed(self, key: NamespacedName, error: Exception) -> None:
        if is_conflict(error) or isinstance(error, NotYet):
            log.debug("%s: %s %s: %s", self.name, self.kind, key, error)
        elif isinstance(error, StatusError | ReconcileFailure):
            log.warning("%s: %s %s: %s", self.name, self.kind, key, error)
        else:
            log.error("%s: %s %s failed", self.name, self.kind, key, exc_info=error)
        if self._max_retries is not None and self.queue.num_requeues(key) >= self._max_retries:
            log.warning("%s: dropping %s %s", self.name, self.kind, key)
            self.queue.forget(key)
        else:
            self.queue.add_rate_limited(key)


_DONE = Result()
