"""A cluster in a thread of its own, for code that is not asynchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from minikube_py.client.protocol import Client, Watch, WatchEvent
from minikube_py.machinery.gvr import Object
from minikube_py.store import Snapshot

if TYPE_CHECKING:
    from minikube_py.cluster import Cluster

T = TypeVar("T")


Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine in the cluster's thread, and blocks for its result."""


class BlockingWatch:
    """A watch whose events are waited for: `for event in watch`, or `watch.next()` for all there are, at least one."""

    def __init__(self, watch: Watch, run: Run) -> None:
        self._watch = watch
        self._run = run

    def next(self) -> Sequence[WatchEvent]:
        """Empty once the stream has ended. Raises StatusError (410 Expired)."""
        found: Sequence[WatchEvent] = self._run(self._watch.next())
        return found

    def __iter__(self) -> Iterator[WatchEvent]:
        while events := self.next():
            yield from events

    def stop(self) -> None:
        async def stop() -> None:
            self._watch.stop()

        self._run(stop())


class BlockingClient:
    """The cluster's client with every verb blocking: `cluster.client.get(PODS, "default", "web")`."""

    def __init__(self, client: Client, run: Run) -> None:
        self._client = client
        self._run = run

    def as_user_agent(self, user_agent: str) -> BlockingClient:
        """The same client under another name."""
        return BlockingClient(self._client.as_user_agent(user_agent), self._run)

    def watch(self, *args: Any, **options: Any) -> BlockingWatch:
        """As Client.watch."""
        return BlockingWatch(self._run(self._client.watch(*args, **options)), self._run)

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        method = getattr(self._client, verb)

        def call(*args: Any, **options: Any) -> Any:
            return self._run(method(*args, **options))

        return call


class BlockingFleet:
    """The cluster's nodes with every verb blocking: `cluster.nodes.stop("node-1")`."""

    def __init__(self, cluster: Cluster, run: Run) -> None:
        self._fleet = cluster.nodes
        self._run = run

    def add(self, name: str = "", **options: Any) -> Object:
        """As Fleet.add."""
        node: Object = self._run(self._fleet.add(name, **options))
        return node

    def remove(self, name: str) -> None:
        self._run(self._fleet.remove(name))

    def stop(self, name: str) -> None:
        self._run(self._fleet.stop(name))

    def start(self, name: str) -> None:
        self._run(self._fleet.start(name))


class ThreadedCluster:
    """What Cluster.start() returns. Enter it to start; leave it to stop."""

    def __init__(self, new: Callable[..., Cluster], options: dict[str, Any]) -> None:
        self._new = new
        self._options = options
        self._cluster: Cluster | None = None

    def __enter__(self) -> ThreadedCluster:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="minikube-py", daemon=True)
        self._thread.start()
        try:
            self._cluster = self._run(self._open())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._run(self.cluster.stop())
        finally:
            self._end()

    @property
    def cluster(self) -> Cluster:
        """The cluster itself; its coroutines run in the thread's loop only."""
        if self._cluster is None:
            raise RuntimeError("enter Cluster.start() with `with` first")
        return self._cluster

    @property
    def client(self) -> BlockingClient:
        return BlockingClient(self.cluster.client, self._run)

    @property
    def nodes(self) -> BlockingFleet:
        return BlockingFleet(self.cluster, self._run)

    @property
    def url(self) -> str:
        return self.cluster.url

    def kubeconfig(self) -> str:
        return self.cluster.kubeconfig()

    def settle(self, timeout: float = 30.0) -> None:
        """Blocks until settled. Raises Unsettled."""
        self._run(self.cluster.settle(timeout))

    def advance(self, seconds: float) -> None:
        self._run(self.cluster.advance(seconds))

    def snapshot(self) -> Snapshot:
        async def take() -> Snapshot:
            return self.cluster.snapshot()

        return self._run(take())

    def restore(self, snapshot: Snapshot) -> None:
        self._run(self.cluster.restore(snapshot))

    async def _open(self) -> Cluster:
        return await self._new(**self._options).__aenter__()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
