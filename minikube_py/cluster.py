"""Cluster: the composition root, the only place where the API server and the controllers meet.

async with Cluster() as cluster:
    await cluster.client.create(DEPLOYMENTS, {...})
    await cluster.settle()

with Cluster.start() as cluster:      # its own thread, for plain tests
    subprocess.run(["kubectl", "--server", cluster.url, "get", "pods"])
    cluster.settle()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from minikube_py.api import metrics
from minikube_py.api.admission.chain import Admission
from minikube_py.api.allocators import Allocators
from minikube_py.api.catalog import Catalog
from minikube_py.api.customresources.registrar import Registrar
from minikube_py.api.local import LocalClient
from minikube_py.api.registry import Registry
from minikube_py.api.schema.schema import Schema
from minikube_py.bootstrap import bootstrap
from minikube_py.controllers import discover
from minikube_py.controllers.apiserver import api_server_descriptors
from minikube_py.controllers.clusterroleaggregation import CONTROLLER as ROLE_AGGREGATION
from minikube_py.controllers.kubelet import (
    Fleet,
    Images,
    KubeletConnection,
    Kubelets,
    is_any,
    is_fake,
    kubelet_descriptor,
)
from minikube_py.controllers.metricsserver import METRICS_SERVER
from minikube_py.controllers.runtime import Descriptor, Manager
from minikube_py.controllers.runtime.descriptor import choose
from minikube_py.controllers.runtime.features import Features
from minikube_py.controllers.runtime.settings import Settings
from minikube_py.controllers.scheduler import scheduler_descriptor
from minikube_py.kubeconfig import kubeconfig
from minikube_py.machinery import duration, meta
from minikube_py.machinery.cause import Cause, Ring, because
from minikube_py.machinery.certificates.authority import Authority
from minikube_py.machinery.clock import RealClock, VirtualClock, next_turn, stopwatch
from minikube_py.machinery.random import Random
from minikube_py.options import Options
from minikube_py.store import Key, Snapshot, Store

if TYPE_CHECKING:
    from minikube_py.api.server import Page, Server
    from minikube_py.controllers.kubelet.cri.images import Program
    from minikube_py.threaded import ThreadedCluster

SHORT_RETRY = 1.0
"""Keys that failed and are tried again within so many seconds are waited for by `settle`."""


class Unsettled(Exception):
    """`settle` gave up; the message names who is still busy."""


class Cluster:
    """One control plane. Options by keyword, as minikube_py.options.Options has them.

    `port` is where it listens on `address` over HTTP: 0 takes a free one, None does not listen at all. `images` are the
    programs that containers run, by name or glob of their image, None where there is no such image (see
    minikube_py.images).
    """

    def __init__(
        self,
        *,
        port: int | None = 0,
        address: str = "127.0.0.1",
        allow_remote: bool = False,
        images: Mapping[str, Program | None] | None = None,
        **options: Any,
    ) -> None:
        self.options = Options.of(options)
        self.address, self.port = address, port
        self._allow_remote = allow_remote
        self.clock = VirtualClock() if self.options.clock == "virtual" else RealClock()
        self.random = Random(self.options.seed)
        self.ring = Ring()
        self.authority = Authority(self.random.fork("certificate-authority"), self.clock)
        """Signs its certificates; made at first use, which needs the package cryptography."""
        self.store = Store(history=self.options.history, clock=self.clock, check_mutations=self.options.check_mutations)
        self._connection = KubeletConnection()
        self._images = Images(images or {})
        self._components = self._chosen_components()
        self.registry = self._new_registry()
        self.registrar = Registrar(self.registry)
        self.client = LocalClient(self.registry)
        self._lagging = True
        """Whether the lag that was asked for is in force."""
        self.managers = self._new_managers()
        self.nodes = self._new_fleet()
        """Its simulated nodes: `await cluster.nodes.stop("node-1")`."""
        self.server: Server | None = None
        self._pages: list[Page] = []
        self.ready = False

    @classmethod
    def start(cls, **options: Any) -> ThreadedCluster:
        """A cluster that runs in a thread of its own: a context manager with blocking methods."""
        from minikube_py.threaded import ThreadedCluster

        return ThreadedCluster(cls, options)

    # Life

    async def __aenter__(self) -> Cluster:
        try:
            with because(Cause("start", "kube-apiserver", "start of the cluster", started=self.clock.now())):
                await bootstrap(
                    self.registry,
                    self.client,
                    self.options.service_cluster_ip_range,
                    gather=self._runs(ROLE_AGGREGATION.name),
                )
            # Whoever watches from before now starts anew, as with a server that has been up for a while.
            self.store.compact()
            self.registrar.start()
            if self.port is not None:
                await self._listen(self.port)
            for manager in self.managers:
                manager.start()
            # Ready means that the nodes are there, and the accounts that pods need.
            await self.settle()
        except BaseException:
            await self.stop()
            raise
        self.ready = True
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """End everything at once; idempotent."""
        self.ready = False
        for manager in reversed(self.managers):
            await manager.stop()
        await self.registrar.stop()
        self.registry.expiry.stop()
        if self.server is not None:
            await self.server.stop()
            self.server = None

    # Reaching it

    @property
    def url(self) -> str:
        """Where it listens: "http://127.0.0.1:8080"."""
        if self.server is None or self.port is None:
            raise RuntimeError("this cluster does not listen")
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}"

    def kubeconfig(self) -> str:
        """A kubeconfig for it, as YAML."""
        return kubeconfig(self.url)

    def mount(self, page: Page) -> None:
        """Serve one more page over HTTP."""
        self._pages.append(page)
        if self.server is not None:
            self.server.mount(page)

    # Time and order

    def busy(self) -> list[str]:
        """What is still to be done without any time passing, in words; empty when settled."""
        return [*self.registrar.busy(), *(culprit for manager in self.managers for culprit in manager.busy())]

    async def settle(self, timeout: float = 30.0) -> None:
        """Return when every informer has handled the store's revision, every queue is empty and nothing is
        processing. What fails and is tried again within a second is waited for (with a virtual clock, by moving it).

        `timeout` is in real seconds. Raises Unsettled, naming the culprits.
        """
        deadline = stopwatch() + timeout
        while True:
            await next_turn()
            culprits = self.busy()
            if not culprits:
                retry = self._next_retry()
                if retry is None or retry - self.clock.now() > SHORT_RETRY:
                    return
                if isinstance(self.clock, VirtualClock):
                    self.clock.advance_to(retry)
                else:
                    await self.clock.sleep(max(0.0, retry - self.clock.now()))
            elif stopwatch() > deadline:
                raise Unsettled(f"after {timeout:g} s: " + "; ".join(culprits))

    async def advance(self, seconds: float) -> None:
        """Move a virtual clock, deadline by deadline, settling at each: what fails at the very end and is tried again
        within a second is waited for too, and the clock then shows as much more. Raises TypeError for a real clock.
        """
        clock = self.clock
        if not isinstance(clock, VirtualClock):
            raise TypeError('only a cluster with clock="virtual" can be advanced')
        end = clock.now() + seconds
        await self.settle()
        while (deadline := clock.next_deadline()) is not None and deadline <= end:
            clock.advance_to(deadline)
            await self.settle()
        clock.advance_to(end)

    def snapshot(self) -> Snapshot:
        """All objects as they are now, at next to no cost."""
        return self.store.snapshot()

    async def restore(self, snapshot: Snapshot) -> None:
        """Make the objects those of the snapshot again, then settle.

        All caches show it at once, however far they lag otherwise: whoever saw some of the old and some of the new
        would act on a state that never was, and delete a pod that was to be there again.
        """
        if self.options.lag:
            await self.settle()
        self._lagging = False
        with because(Cause("request", "restore", f"restore of revision {snapshot.revision}", self.clock.now())):
            self.store.restore(snapshot)
        self.registry.allocators.rebuild(stored.object for stored in self.store.list("services"))
        events = (meta.key(stored.object) for stored in self.store.list("events"))
        self.registry.expiry.restart(Key("events", *where) for where in events)
        await next_turn()  # in which they take it up
        self._lagging = True
        await self.settle()

    # Composition

    def _new_registry(self) -> Registry:
        options = self.options
        aggregated = metrics.RESOURCES if METRICS_SERVER in self._components["metrics-server"] else ()
        allocators = Allocators(options.service_cluster_ip_range, options.service_node_port_range, self.random)
        return Registry(
            store=self.store,
            catalog=Catalog(Schema.of(options.kubernetes_version), aggregated),
            clock=self.clock,
            random=self.random.fork("api"),
            admission=Admission(),
            allocators=allocators,
            nodes=self._connection,
            event_ttl=duration.parse(options.event_ttl),
            absent=[name.removeprefix("kube-") for name, chosen in self._components.items() if not chosen],
        )

    def _chosen_components(self) -> dict[str, list[Descriptor]]:
        """By component what is to run: kube-controller-manager, kube-scheduler, the nodes, and what is inside
        kube-apiserver."""
        options = self.options
        components = {
            "kube-controller-manager": discover(),
            "kube-scheduler": [_scheduler(options)],
            "kubelet": [self._kubelets()],
            "metrics-server": [METRICS_SERVER],
        }
        known = [each for descriptors in components.values() for each in descriptors]
        chosen = choose(known, options.controllers)
        found = {name: [each for each in descriptors if each in chosen] for name, descriptors in components.items()}
        return {**found, "kube-apiserver": api_server_descriptors(options.kubernetes_version)}

    def _new_managers(self) -> Sequence[Manager]:
        """Each component has its own client, informers and events."""
        options = self.options
        lag = None
        if options.lag:
            random = self.random.fork("lag")
            lag = lambda: random.below(options.lag + 1) if self._lagging else 0  # noqa: E731
        client = LocalClient(self.registry, lag=lag)
        settings = Settings(
            options.cluster_cidr,
            options.service_cluster_ip_range,
            options.load_balancer_ip_range,
            Features.of(options.kubernetes_version),
        )
        return [
            Manager(
                client,
                self.clock,
                self.random,
                self.ring,
                stopwatch,
                descriptors,
                component=component,
                settings=settings,
                authority=self.authority,
            )
            for component, descriptors in self._components.items()
        ]

    def _runs(self, controller: str) -> bool:
        return any(each.name == controller for manager in self.managers for each in manager.runnables)

    def _kubelets(self) -> Descriptor:
        options = self.options
        takes_on = is_any if options.manage_all_nodes else is_fake
        return kubelet_descriptor(
            options.nodes,
            options.kubernetes_version,
            images=self._images,
            takes_on=takes_on,
            stages=options.stages,
        )

    def _new_fleet(self) -> Fleet:
        runnables = (each for manager in self.managers for each in manager.runnables)
        kubelets = next((each for each in runnables if isinstance(each, Kubelets)), None)
        self._connection.serve(kubelets)
        return Fleet(self.client, self.clock, kubelets, self.options.kubernetes_version, self.options.cluster_cidr)

    async def _listen(self, port: int) -> None:
        from minikube_py.serving import new_server

        self.server = new_server(self.registry, self.options.kubernetes_version, self._synced, self._allow_remote)
        for page in self._pages:
            self.server.mount(page)
        self.port = await self.server.start(self.address, port)

    def _synced(self) -> str:
        """Why informers are not yet synced; "" if they are."""
        waiting = [culprit for manager in self.managers for culprit in manager.informers.busy()]
        return waiting[0] if waiting and not self.ready else ""

    def _next_retry(self) -> float | None:
        retries = (manager.next_retry() for manager in self.managers)
        return min((retry for retry in retries if retry is not None), default=None)


def _scheduler(options: Options) -> Descriptor:
    if options.scheduler_config is None:
        return scheduler_descriptor(version=options.kubernetes_version)
    from minikube_py.controllers.scheduler.configuration import read_configuration

    wanted = read_configuration(options.scheduler_config)
    return scheduler_descriptor(wanted.profiles, options.kubernetes_version, wanted.backoff, wanted.extenders)
