"""Lifecycle hooks: what is known of them beforehand, and what comes of them (pkg/kubelet/lifecycle/handlers.go).

A sleep takes its seconds. Commands and requests are run in their containers, beside the pods' syncs, and are through
when they are. Whoever waits for a hook is told of it the next time its pod is synced.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from minikube_py.machinery.gvr import Object

HookName = Literal["postStart", "preStop"]
POST_START: HookName = "postStart"
PRE_STOP: HookName = "preStop"


class HookOutcome(NamedTuple):
    """Of a hook that was run."""

    error: str = ""
    """What went wrong, as a container's status tells it; "" where it went well."""
    plain: str = ""
    """The host and port that answered a request for HTTPS in HTTP."""


class HookCall(NamedTuple):
    """A hook that is to be run in the life of a container that has that containerID."""

    container: Object
    name: HookName
    container_id: str

    @property
    def handler(self) -> Object:
        found: Object = self.container["lifecycle"][self.name]
        return found


class HookRunner(Protocol):
    """Whom kubelets have hooks run by."""

    def is_run(self, container: Object, handler: Object) -> bool:
        """Whether it is run. What nobody knows how to run goes well at once."""
        ...


class NoHookRunner:
    """Nothing is run anywhere. Implements HookRunner."""

    def is_run(self, container: Object, handler: Object) -> bool:
        return False


class Expected(NamedTuple):
    """What is known of a hook beforehand."""

    takes: float | None = 0.0
    """Seconds; None for one that is to be run."""
    error: str = ""


THROUGH = Expected()


def expected(container: Object, name: HookName, runner: HookRunner) -> Expected | None:
    """None where the container has no such hook."""
    lifecycle = container.get("lifecycle")
    handler = lifecycle.get(name) if lifecycle else None
    if not handler:
        return None
    if "sleep" in handler:
        return Expected(float(handler["sleep"]["seconds"]))
    if "exec" in handler or "httpGet" in handler:
        return Expected(None) if runner.is_run(container, handler) else THROUGH
    return Expected(error=f"Cannot run handler: invalid handler: {_go_text(handler)}")


def _go_text(handler: Object) -> str:
    """As Go writes a handler with a tcpSocket or with nothing at all, which is refused."""
    socket = handler.get("tcpSocket")
    told = "nil"
    if socket is not None:
        port = socket["port"]
        pair = f"{{0 {port} }}" if isinstance(port, int) else f"{{1 0 {port}}}"
        told = f"&TCPSocketAction{{Port:{pair},Host:{socket.get('host', '')},}}"
    return f"&LifecycleHandler{{Exec:nil,HTTPGet:nil,TCPSocket:{told},Sleep:nil,}}"
