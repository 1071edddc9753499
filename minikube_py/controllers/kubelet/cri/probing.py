"""Probes of containers in which a program runs: it answers them itself (pkg/kubelet/prober/prober.go, pkg/probe)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.behaviour import Behaviours
from minikube_py.controllers.kubelet.cri.container import Container
from minikube_py.controllers.kubelet.cri.httpget import HttpGet, RequestFailed, container_port
from minikube_py.controllers.kubelet.memory import Kind
from minikube_py.controllers.kubelet.prober import Foreseen, Outcome, failure
from minikube_py.machinery.duration import go_text
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.streams import CommandFailed, Streams

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime

SAID = 10 * 1024
"""Bytes of what a command or a page says that are told."""

NOTHING_SAID = Outcome(True)
WELL = Outcome(True, lasts=0.0)
"""What a program answers next time nobody knows."""


class ContainerProber(Foreseen):
    """Containers without a program answer as their behaviour says, and others too where it says anything."""

    def __init__(self, runtime: ContainerRuntime, behaviours: Behaviours) -> None:
        super().__init__(behaviours)
        self._runtime = runtime

    def foresee(self, pod: Object, container: Object, kind: Kind, probe: Object, age: float) -> Outcome | None:
        outcome = super().foresee(pod, container, kind, probe, age)
        return None if outcome == NOTHING_SAID and self._runtime.has_program(pod, container) else outcome

    async def probe(self, pod: Object, container: Object, kind: Kind, probe: Object) -> Outcome:
        inside = await self._runtime.probed(pod, container)
        if inside is None:
            return Outcome(False, failure(pod, probe))
        if "exec" in probe:
            return await _run(inside, probe["exec"].get("command") or [])
        if "httpGet" in probe:
            return await _get(inside, container, probe["httpGet"], self._runtime.agent(pod, "probe"))
        if "grpc" in probe:
            return await _check(inside, probe["grpc"], float(probe.get("timeoutSeconds") or 1))
        if "tcpSocket" in probe:
            return await _connect(inside, container, probe["tcpSocket"])
        return WELL


async def _run(inside: Container, command: list[str]) -> Outcome:
    from minikube_py.controllers.kubelet.cri.executing import executor
    from minikube_py.controllers.kubelet.shell.endings import Gathered

    said = Gathered(SAID)
    try:
        code = await executor(inside, command)(Streams(stdout=said, stderr=said))
    except CommandFailed as error:
        return Outcome(False, str(error))
    return Outcome(False, said.data.decode("utf-8", "replace")) if code else WELL


async def _get(inside: Container, container: Object, asked: Object, agent: str) -> Outcome:
    try:
        request = HttpGet(asked, container, inside.address, agent)
        async with inside.http() as http:
            status = await request.status(http)
    except RequestFailed as error:
        return Outcome(False, str(error))
    if 200 <= status < 400:
        return WELL
    return Outcome(False, f"HTTP probe failed with statuscode: {status}")


async def _check(inside: Container, asked: Object, seconds: float) -> Outcome:
    """By gRPC's health protocol (pkg/probe/grpc/grpc.go)."""
    from minikube_py.controllers.kubelet.cri.grpchealth import SERVING, STATUSES, check
    from minikube_py.controllers.kubelet.cri.transfer import within

    where = f"{inside.address}:{asked['port']}"
    try:
        reader, writer = await inside.connect(inside.address, asked["port"])
    except OSError as error:
        return Outcome(False, f'error: failed to connect service at "{where}": {error.strerror}')
    try:
        status = await within(inside, seconds, check(reader, writer, asked.get("service") or "", where))
    except TimeoutError:
        return Outcome(False, f"timeout: health rpc did not complete within {go_text(seconds)}")
    except (OSError, asyncio.IncompleteReadError):
        return Outcome(False, "error: health rpc probe failed: rpc error: code = Unavailable desc = error reading")
    finally:
        writer.close()
    if status is None:
        return Outcome(False, "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service")
    if status != SERVING:
        return Outcome(False, f'service unhealthy (responded with "{STATUSES.get(status, status)}")')
    return WELL


async def _connect(inside: Container, container: Object, asked: Object) -> Outcome:
    try:
        port = container_port(container, asked["port"])
        _, writer = await inside.connect(asked.get("host") or inside.address, port)
    except RequestFailed as error:
        return Outcome(False, str(error))
    except OSError as error:
        return Outcome(False, error.strerror or str(error))
    writer.close()
    return WELL
