"""The container runtime of all simulated nodes: the processes and the logs of containers, by pod and name.

A container without a program has neither: it just runs, and costs nothing. One that is looked at from outside, by exec
say, is given an inside then.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from minikube_py.client.protocol import Client
from minikube_py.controllers.kubelet.behaviour import NEVER, PREFIX, Behaviour
from minikube_py.controllers.kubelet.cri.clusterdns import ClusterDns
from minikube_py.controllers.kubelet.cri.container import Container
from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.environment import environment, expanded
from minikube_py.controllers.kubelet.cri.farewell import DEFAULT_PATH, farewell
from minikube_py.controllers.kubelet.cri.filesystem import Files, Mount
from minikube_py.controllers.kubelet.cri.hosts import hostname
from minikube_py.controllers.kubelet.cri.imageconfig import argv_of
from minikube_py.controllers.kubelet.cri.images import Images, Program
from minikube_py.controllers.kubelet.cri.kernel import KernelFiles, cgroup, sysctls
from minikube_py.controllers.kubelet.cri.log import ContainerLog
from minikube_py.controllers.kubelet.cri.mounts import Devices, Part
from minikube_py.controllers.kubelet.cri.network import Factory, Network
from minikube_py.controllers.kubelet.cri.process import TERMINATED, Process
from minikube_py.controllers.kubelet.cri.processes import FIRST
from minikube_py.controllers.kubelet.cri.programs import program_of
from minikube_py.controllers.kubelet.cri.root import new_root, prepare
from minikube_py.controllers.kubelet.cri.serviceproxy import Caches, ServiceProxy
from minikube_py.controllers.kubelet.cri.volumes import Volumes
from minikube_py.controllers.kubelet.securitycontext import is_read_only
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, uid
from minikube_py.machinery.wellknown import PODS

if TYPE_CHECKING:
    from aiohttp import ClientSession

log = logging.getLogger(__name__)

SIGKILL = 9
ENDINGS = ("run", "exit-code", "oom-after")
"""Annotations that say how a container ends, whatever runs in it."""


NOBODY: Mapping[str, str] = {}

WORDS = "words"
"""The file of a termination message."""


class Nodes(Protocol):
    """What the runtime is told of the nodes and of what is on them."""

    def is_node(self, address: str) -> bool: ...

    def node_of(self, address: str) -> str:
        """The name of the node whose address it is, or one of whose pods'; "" for none."""
        ...

    def forwarded(self, source: str, address: str, port: int, protocol: str) -> tuple[str, int]:
        """Where a container's hostPort leads at a node's address, or on it at 127.0.0.1; all else leads to where it
        is, and 127.0.0.1 to its source."""
        ...

    def answer(self, address: str, port: int) -> Factory | None:
        """Who answers at an address where no program listens. Raises OSError for one that nothing has."""
        ...

    def allocatable(self, node: str) -> Mapping[str, str]:
        """What a node has for pods."""
        ...

    def version(self, node: str) -> str:
        """Of its kubelet: "v1.36.0"."""
        ...


@dataclass
class Record:
    """One life of a container."""

    id: str
    """Its containerID."""
    log: ContainerLog
    root: Directory
    words: Directory
    """With its termination message, a file of which it sees at its terminationMessagePath."""
    container: Container | None = None
    """Made once its environment is known."""
    process: Process | None = None
    message: str = ""
    """That it has left, once its process has ended."""
    left: int | None = None
    """The exit code, where nothing runs in it and it was told to end from inside."""
    hook: Process | None = None
    """Its hook that was run last."""
    previous: ContainerLog | None = None
    """Of the life before."""
    making: asyncio.Lock = field(default_factory=asyncio.Lock)


class ContainerRuntime:
    """`exited` is called with the pod's key whenever a process has ended."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        images: Images,
        nodes: Nodes,
        exited: Callable[[NamespacedName], None],
        services: Caches,
        *,
        default_shell: bool = True,
    ) -> None:
        """`default_shell`: whether containers of unbound images run what the shell understands of their commands."""
        self._default_shell = default_shell
        self._client = client
        self._clock = clock
        self._images = images
        self._nodes = nodes
        self._exited = exited
        self._records: dict[str, dict[str, Record]] = {}
        """By the pod's uid, then by the container's name."""
        self._dns = ClusterDns(services)
        self._proxy = ServiceProxy(services, clock, nodes.is_node, nodes.node_of, nodes.forwarded)
        self.network = Network(self._proxy, nodes.answer)
        self._volumes = Volumes(client, clock.now)
        self._closing: set[asyncio.Task[None]] = set()

    # As the kubelet has it

    def behaviour(self, pod: Object, container: Object, container_id: str, said: Behaviour) -> Behaviour:
        """What is said of the container, but for how long it runs and how it ends: that is its process's.
        `container_id` is that of the life it is about."""
        if self._images.lacks(container["image"]):
            said = replace(said, pull=NEVER)
        record = self.record(pod, container["name"])
        if record is not None and record.process is not None and record.id == container_id:
            code = record.process.exit_code
            if code is None:
                return replace(said, run=None, stop=NEVER, message=said.message or _farewell(record, pod, container))
            message = said.message or record.message
            return replace(said, run=0.0, exit_code=code, stop=0.0, exited=True, message=message)
        if record is not None and record.left is not None and record.id == container_id:
            return replace(said, run=0.0, exit_code=record.left, stop=0.0, exited=True)
        if said.run is not None and self._program(pod, container) is not None:
            return replace(said, run=None)  # its process is about to begin
        return said

    def _program(self, pod: Object, container: Object) -> Program | None:
        """None for one whose annotations say how it ends."""
        program = program_of(container, self._images, self._default_shell)
        annotations = pod["metadata"].get("annotations")
        if program is None or not annotations:
            return program
        said = ENDINGS if self._images.find(container["image"]) is not None else (*ENDINGS, "stop")
        names = (f"{PREFIX}{each}" for each in said)
        if any(each in annotations or f"{each}.{container['name']}" in annotations for each in names):
            return None
        return program

    def sync(self, pod: Object, signalled: Collection[str], starting: Mapping[str, str] = NOBODY) -> None:
        """Start and stop processes as the pod's status has it. Containers that are `signalled` are told to stop; those
        that are `starting` run already, with these containerIDs."""
        status, spec = pod.get("status") or {}, pod["spec"]
        for listed, statuses in (
            ("containers", "containerStatuses"),
            ("initContainers", "initContainerStatuses"),
            ("ephemeralContainers", "ephemeralContainerStatuses"),
        ):
            containers = spec.get(listed)
            if not containers:
                continue
            by_name = {each["name"]: each for each in status.get(statuses) or ()}
            for container in containers:
                if (found := by_name.get(container["name"])) is not None:
                    running = found.get("containerID", "") if "running" in found["state"] else None
                    id = starting.get(container["name"], running)
                    self._sync_container(pod, container, id, container["name"] in signalled)

    def _sync_container(self, pod: Object, container: Object, id: str | None, signalled: bool) -> None:
        """`id` is None for one that does not run."""
        record = self.record(pod, container["name"])
        if id is None:
            if record is not None:
                self._stop(record)
            return
        if record is None or record.id != id:
            program = self._program(pod, container)
            if program is None and record is None:
                return
            record = self._begin(pod, container["name"], id)
            if program is not None:
                self._start(record, pod, container, program)
        if signalled and record.process is not None:
            record.process.terminate()

    def _begin(self, pod: Object, name: str, id: str) -> Record:
        records = self._records.setdefault(uid(pod), {})
        before = records.get(name)
        if before is not None:
            self._stop(before)
        now = self._clock.now
        log = ContainerLog(now)
        previous = before.log if before is not None else None
        record = records[name] = Record(id, log, new_root(now), Directory(now, {WORDS: b""}), previous=previous)
        return record

    def _start(self, record: Record, pod: Object, container: Object, program: Program) -> None:
        where = key(pod)

        async def work() -> object:
            return await program(await self.entered(record, pod, container))

        def ended() -> None:
            record.message = _farewell(record, pod, container)
            self._close(record)
            self._exited(where)

        def catches(name: str) -> bool:
            return record.container is not None and record.container.processes.catches(FIRST, name)

        record.process = Process(work, record.log, ended, catches)

    async def entered(self, record: Record, pod: Object, container: Object) -> Container:
        """What is in a container, made when it is first needed. Raises CommandFailed."""
        async with record.making:
            if record.container is None:
                allocatable = self._nodes.allocatable(pod["spec"].get("nodeName", ""))
                env = await environment(self._client, pod, container, allocatable)
                mounts = self._volumes.mounts(pod, container, env, allocatable)
                prepare(record.root, pod, container)
                record.container = Container(
                    pod,
                    container,
                    env=env,
                    argv=expanded(argv_of(container), env),
                    files=Files(
                        Part(record.root, read_only=is_read_only(container)),
                        {**self._devices(record.log), **self._kernel(pod, container)}
                        | {**mounts, **_words(record, container)},
                    ),
                    log=record.log,
                    clock=self._clock,
                    network=self.network,
                    address=(pod.get("status") or {}).get("podIP", ""),
                    resolve=self._proxy.resolve,
                    look_up=self._dns.look_up,
                )
                if (first := record.container.processes.get(FIRST)) is not None:
                    first.kill = lambda number: self._signalled(record, pod, number)
        return record.container

    def _devices(self, log: ContainerLog) -> Mapping[str, Mount]:
        streams = {"1": log.stdout.write, "2": log.stderr.write}
        return {"/dev": Devices(self._clock.now), "/proc/1/fd": Devices(self._clock.now, streams)}

    def _kernel(self, pod: Object, container: Object) -> Mapping[str, Mount]:
        async def of_cgroup() -> Mapping[str, str]:
            return cgroup(await self._pod_now(pod), container)

        async def of_sysctls() -> Mapping[str, str]:
            return sysctls(pod, hostname(pod))

        now = self._clock.now
        return {"/sys/fs/cgroup": KernelFiles(of_cgroup, now), "/proc/sys": KernelFiles(of_sysctls, now)}

    async def _pod_now(self, pod: Object) -> Object:
        """As it was, once it is gone."""
        try:
            found = await self._client.get(PODS, *key(pod))
        except StatusError:
            return pod
        return found if uid(found) == uid(pod) else pod

    def _signalled(self, record: Record, pod: Object, number: int) -> None:
        """The first process by a command in its container, from where nothing kills it against its will."""
        if number == SIGKILL:
            return
        if record.process is not None:
            record.process.terminate()
        elif record.left is None:
            record.left = TERMINATED
            self._exited(key(pod))

    def _stop(self, record: Record) -> None:
        for process in (record.process, record.hook):
            if process is not None:
                process.kill()
        record.log.end()
        self._close(record)

    def _close(self, record: Record) -> None:
        """What is in it comes to its end; idempotent."""
        container, record.container = record.container, None
        if container is not None:
            task = asyncio.get_running_loop().create_task(container.close())
            self._closing.add(task)
            task.add_done_callback(self._closed)

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s", error, exc_info=error)

    def forget(self, uid: str) -> None:
        """A pod is gone."""
        for record in self._records.pop(uid, {}).values():
            self._stop(record)
        self._volumes.forget(uid)

    def busy(self) -> list[str]:
        """Processes that have something to do without any time passing, in words."""
        if not self._records:
            return ["containers are ending"] if self._closing else []
        culprits = [
            f"container {name} is running"
            for records in self._records.values()
            for name, record in records.items()
            if (record.process is not None and record.process.busy) or (record.hook is not None and record.hook.busy)
        ]
        if self._closing:
            culprits.append("containers are ending")
        return [*culprits, "connections between containers"] if self.network.busy() else culprits

    async def stop(self) -> None:
        """End all processes, and wait for them."""
        records = [record for records in self._records.values() for record in records.values()]
        processes = [process for record in records for process in (record.process, record.hook) if process is not None]
        for record in records:
            self._stop(record)
        for process in processes:
            await process.stopped()
        self.network.close()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def has_program(self, pod: Object, container: Object) -> bool:
        """Whether one runs in it, or is about to."""
        return self._program(pod, container) is not None

    async def probed(self, pod: Object, container: Object) -> Container | None:
        """What is in a container whose program runs; None if it has ended. Raises CommandFailed."""
        record = self.record(pod, container["name"])
        if record is None or record.process is None or record.process.exit_code is not None:
            return None
        return await self.entered(record, pod, container)

    def http(self, pod: Object) -> ClientSession:
        """An aiohttp client of its node."""
        from aiohttp import ClientSession, ClientTimeout

        from minikube_py.client.dialing import DialingConnector

        node, namespace = pod["status"].get("hostIP", ""), pod["metadata"]["namespace"]

        async def dial(host: str, port: int, protocol: asyncio.Protocol) -> None:
            await self.network.dial(node, await self._proxy.resolve(host, namespace), port, protocol)

        return ClientSession(connector=DialingConnector(dial), timeout=ClientTimeout(total=None))

    def agent(self, pod: Object, purpose: str) -> str:
        """As who the kubelet of a pod's node asks for something: "kube-probe/1.36"."""
        version = self._nodes.version(pod["spec"].get("nodeName", ""))
        return f"kube-{purpose}/{'.'.join(version.removeprefix('v').split('.')[:2])}"

    # As its doors have it

    def health_check(self, node: str, port: int) -> Factory | None:
        """Of a Service that has the port at all nodes for that."""
        found = self._proxy.health_check(node, port)
        if found is None:
            return None
        from minikube_py.controllers.kubelet.cri.healthcheck import health_server

        return health_server(*found)

    def record(self, pod: Object, name: str) -> Record | None:
        """Of the container's life that runs or ran last, where there is one."""
        records = self._records.get(uid(pod)) if self._records else None
        return records.get(name) if records else None

    def observe(self, pod: Object, status: Object) -> Record:
        """Of a running container, also where nothing runs in it: its log ends when the container does."""
        return self.life(pod, status["name"], status.get("containerID", ""))

    def life(self, pod: Object, name: str, id: str) -> Record:
        """That of a container with that containerID."""
        record = self.record(pod, name)
        return record if record is not None and record.id == id else self._begin(pod, name, id)

    async def inside(self, pod: Object, container: Object, status: Object) -> Container:
        """What is in a running container, whether a program runs in it or not. Raises CommandFailed."""
        return await self.entered(self.observe(pod, status), pod, container)


def no_route(address: str, port: int) -> OSError:
    return OSError(errno.EHOSTUNREACH, f"dial tcp {address}:{port}: connect: no route to host")


def _words(record: Record, container: Object) -> Mapping[str, Mount]:
    path = container.get("terminationMessagePath", DEFAULT_PATH)
    return {path: Part(record.words, WORDS)} if path else {}


def _farewell(record: Record, pod: Object, container: Object) -> str:
    code = record.process.exit_code if record.process is not None else None
    return farewell(pod, container, record.words.content(WORDS), record.log, code)
