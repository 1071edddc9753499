"""Hooks as they are run: commands in containers, requests from their nodes (pkg/kubelet/lifecycle/handlers.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.container import Container
from minikube_py.controllers.kubelet.cri.httpget import HttpGet, RequestFailed
from minikube_py.controllers.kubelet.cri.process import KILLED
from minikube_py.controllers.kubelet.hooks import HookOutcome
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.streams import CommandFailed, Streams

if TYPE_CHECKING:
    from aiohttp import ClientSession

SAID = 16 * 1024 * 1024
"""Bytes of what a command says that are read (the container runtime's bound)."""


async def run_command(inside: Container, command: Sequence[str]) -> HookOutcome:
    from minikube_py.controllers.kubelet.cri.executing import guest
    from minikube_py.controllers.kubelet.shell.endings import Gathered

    inside.join()
    stdout, stderr = Gathered(SAID), Gathered(SAID)
    try:
        code = await guest(inside, command)(Streams(stdout=stdout, stderr=stderr))
    except CommandFailed as error:
        why = str(error).removeprefix("error executing command in container: ")
        return command_failed(inside.pod, inside.spec, command, f"rpc error: code = Unknown desc = {why}")
    if not code:
        return HookOutcome()
    complaint = stderr.data.decode("utf-8", "replace")
    output = stdout.data.decode("utf-8", "replace") + complaint
    return command_failed(inside.pod, inside.spec, command, _exited(command, code, complaint), output)


def killed(pod: Object, container: Object, handler: Object) -> HookOutcome:
    """Of one that its container's end has ended."""
    command = (handler.get("exec") or {}).get("command") or ()
    return command_failed(pod, container, command, _exited(command, KILLED, ""))


def not_running(pod: Object, container: Object, command: Sequence[str], container_id: str) -> HookOutcome:
    """Of one whose container has ended before."""
    task = container_id.rpartition("/")[2]
    why = f"failed to exec in container: failed to load task: no running task found: task {task} not found: not found"
    return command_failed(pod, container, command, f"rpc error: code = NotFound desc = {why}")


def _exited(command: Sequence[str], code: int, complaint: str) -> str:
    return f"command '{' '.join(command)}' exited with {code}: {complaint}"


def command_failed(pod: Object, container: Object, command: Sequence[str], error: str, output: str = "") -> HookOutcome:
    what = f"Exec lifecycle hook ([{' '.join(command)}]) for {_subject(pod, container)}"
    return HookOutcome(f"{what} failed - error: {error}, message: {quote(output)}")


async def ask(http: ClientSession, pod: Object, container: Object, asked: Object, agent: str) -> HookOutcome:
    """Any answer will do, whatever its status; for HTTPS one in HTTP too, which is not told the authorization."""
    try:
        request = HttpGet(asked, container, pod["status"].get("podIP", ""), agent)
        is_plain = request.scheme != "https"
        await request.status(http, without=() if is_plain else ("Authorization",))
    except RequestFailed as error:
        what = f"HTTP lifecycle hook ({asked.get('path', '')}) for {_subject(pod, container)}"
        return HookOutcome(f"{what} failed - error: {error}")
    return HookOutcome() if is_plain else HookOutcome(plain=request.host)


def _subject(pod: Object, container: Object) -> str:
    metadata = pod["metadata"]
    where = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    return f'Container "{container["name"]}" in Pod "{where}"'
