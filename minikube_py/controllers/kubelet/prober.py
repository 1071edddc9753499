"""What probes of containers answer (pkg/kubelet/prober/prober.go, pkg/probe)."""

from __future__ import annotations

from dataclasses import dataclass

from minikube_py.controllers.kubelet.behaviour import NEVER, Behaviours
from minikube_py.controllers.kubelet.memory import Kind
from minikube_py.machinery.gvr import Object


@dataclass(frozen=True)
class Outcome:
    """An answer."""

    success: bool
    message: str = ""
    """Of a failure, as events tell it after "Readiness probe failed: "."""
    lasts: float | None = None
    """Seconds for which it will stay the same, None for ever. A success that stays costs no timers."""


class Prober:
    """Whom kubelets ask. What derives from it needs only one of the two."""

    def foresee(self, pod: Object, container: Object, kind: Kind, probe: Object, age: float) -> Outcome | None:
        """The answer where it is known at once; `age` is how many seconds the container has run. None where `probe`
        is to be asked."""
        return None

    async def probe(self, pod: Object, container: Object, kind: Kind, probe: Object) -> Outcome:
        """The answer of a container, which may take its time: after timeoutSeconds it is given up. It is well where
        nobody says otherwise."""
        return Outcome(True)


class Foreseen(Prober):
    """Containers without anything in them answer as their behaviour says, well unless it says otherwise."""

    def __init__(self, behaviours: Behaviours) -> None:
        self._behaviours = behaviours

    def foresee(self, pod: Object, container: Object, kind: Kind, probe: Object, age: float) -> Outcome | None:
        behaviour = self._behaviours(pod, container)
        if kind == "startup":
            begins, ends = behaviour.started, None
        elif kind == "readiness":
            begins, ends = behaviour.ready, behaviour.unready_after
        else:
            begins, ends = 0.0, behaviour.unhealthy_after
        if age < begins:
            return Outcome(False, failure(pod, probe), None if begins >= NEVER else begins - age)
        if ends is not None and age >= ends:
            return Outcome(False, failure(pod, probe))
        return Outcome(True, lasts=None if ends is None else ends - age)


def is_probed(container: Object) -> bool:
    return "readinessProbe" in container or "livenessProbe" in container or "startupProbe" in container


def failure(pod: Object, probe: Object) -> str:
    """What a probe of a container that is there, but not well, says."""
    if "httpGet" in probe:
        return "HTTP probe failed with statuscode: 503"
    if "tcpSocket" in probe:
        return f"dial tcp {_address(pod, probe['tcpSocket'])}: connect: connection refused"
    if "grpc" in probe:
        return 'service unhealthy (responded with "NOT_SERVING")'
    return ""


def timed_out(pod: Object, probe: Object) -> str:
    """What a probe without an answer in time says."""
    seconds = f"{probe.get('timeoutSeconds') or 1}s"
    if "httpGet" in probe:
        asked = probe["httpGet"]
        scheme, path = (asked.get("scheme") or "HTTP").lower(), asked.get("path") or "/"
        awaited = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        return f'Get "{scheme}://{_address(pod, asked)}{path}": {awaited}'
    if "tcpSocket" in probe:
        return f"dial tcp {_address(pod, probe['tcpSocket'])}: i/o timeout"
    if "grpc" in probe:
        return f"timeout: health rpc did not complete within {seconds}"
    command = " ".join((probe.get("exec") or {}).get("command") or ())
    return f'command timed out: "{command}" timed out after {seconds}'


def _address(pod: Object, asked: Object) -> str:
    """Host and port, a port by its name as the number it stands for."""
    port = asked.get("port")
    for container in pod["spec"]["containers"]:
        for each in container.get("ports") or ():
            if each.get("name") == port:
                port = each["containerPort"]
    host = asked.get("host") or (pod.get("status") or {}).get("podIP") or "127.0.0.1"
    return f"{host}:{port}"
