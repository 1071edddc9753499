"""The kubelets' doors: what the API server asks them for (pkg/kubelet/server, pkg/kubelet/kubelet_pods.go)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

from minikube_py.controllers.kubelet.logs import LogOptions, container_status, read_log
from minikube_py.controllers.kubelet.usage import Usage, node_usage, pod_usage
from minikube_py.controllers.kubelet.view import View
from minikube_py.machinery import errors
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.streams import Command, CommandFailed, Reader, Writer


class KubeletConnection:
    """Answers for all simulated nodes, once it is told of their kubelets."""

    def __init__(self) -> None:
        self._kubelets: View | None = None

    def serve(self, kubelets: View | None) -> None:
        """These are the kubelets; None where none run."""
        self._kubelets = kubelets

    def _reach(self, pod: Object) -> View:
        """The kubelets, if that of the pod's node answers. Raises CommandFailed."""
        node = pod["spec"].get("nodeName", "")
        if self._kubelets is None or node not in self._kubelets.nodes:
            raise CommandFailed(f"error dialing backend: dial tcp: lookup {node}: no such host")
        if node in self._kubelets.stopped:
            address = self._kubelets.nodes[node].address
            raise CommandFailed(f"error dialing backend: dial tcp {address}:10250: connect: no route to host")
        return self._kubelets

    async def logs(self, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
        """What the container has written, piece by piece. Raises StatusError."""
        try:
            kubelets = self._reach(pod)
        except CommandFailed as failure:
            node = pod["spec"].get("nodeName", "")
            why = str(failure).removeprefix("error dialing backend: ")
            raise errors.internal_error(f'Get "https://{node}:10250/containerLogs": {why}') from None
        return read_log(kubelets.runtime, kubelets.clock, pod, options)

    async def exec(self, pod: Object, container: str, command: Sequence[str]) -> Command:
        """A command, ready to run in a running container. Raises CommandFailed."""
        from minikube_py.controllers.kubelet.cri.executing import executor

        kubelets = self._reach(pod)
        spec, status = _running(pod, container)
        return executor(await kubelets.runtime.inside(pod, spec, status), command)

    async def attach(self, pod: Object, container: str) -> Command:
        """What joins streams to those of a container's first process. Raises CommandFailed."""
        from minikube_py.controllers.kubelet.cri.executing import attacher

        kubelets = self._reach(pod)
        spec, status = _running(pod, container)
        inside = await kubelets.runtime.inside(pod, spec, status)
        return attacher(inside, kubelets.runtime.observe(pod, status).log)

    async def forward(self, pod: Object, port: int, reader: Reader, writer: Writer) -> None:
        """Carry a connection to a port of the pod, both ways, until it ends. Raises CommandFailed."""
        kubelets = self._reach(pod)
        address, uid = (pod.get("status") or {}).get("podIP", ""), pod["metadata"]["uid"]
        try:
            incoming, outgoing = await kubelets.runtime.network.open("127.0.0.1", address, port)
        except OSError:
            namespace = f'network namespace "/var/run/netns/cni-{uid}"'
            refused = f"dial tcp4 127.0.0.1:{port}: connect: connection refused"
            raise CommandFailed(
                f"failed to execute portforward in {namespace}: failed to connect to localhost:{port} inside "
                f'namespace "{uid}", IPv4: {refused} IPv6 dial tcp6: address localhost: no suitable address'
            ) from None
        await _carry(reader, writer, incoming, outgoing)

    async def dial(self, address: str, port: int, protocol: asyncio.Protocol) -> None:
        """Connect a protocol to an address of the simulated network. Raises OSError."""
        if self._kubelets is None:
            raise OSError(f"dial tcp {address}:{port}: connect: no route to host")
        await self._kubelets.runtime.network.dial("127.0.0.1", address, port, protocol)

    async def pod_usage(self, pod: Object) -> dict[str, Usage]:
        return pod_usage(pod)

    async def node_usage(self, node: Object, pods: Iterable[Object]) -> Usage:
        return node_usage(pods)


async def _carry(
    reader: Reader, writer: Writer, incoming: asyncio.StreamReader, outgoing: asyncio.StreamWriter
) -> None:
    """Until the pod's side has ended; the client's side may end before."""

    async def send() -> None:
        while data := await reader.read():
            outgoing.write(data)
            await outgoing.drain()
        outgoing.write_eof()

    sending = asyncio.ensure_future(send())
    try:
        while data := await incoming.read(65536):
            await writer.write(data)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        outgoing.close()


def _running(pod: Object, name: str) -> tuple[Object, Object]:
    """The container and its status. Raises CommandFailed for one that does not run."""
    status = container_status(pod, name)
    if status is None or "running" not in status["state"]:
        raise CommandFailed(f'container not found ("{name}")')
    for key in ("containers", "initContainers", "ephemeralContainers"):
        for container in pod["spec"].get(key) or ():
            if container["name"] == name:
                return container, status
    raise CommandFailed(f'container not found ("{name}")')
