"""agnhost logs-generator: so many lines in so much time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.flags import Duration, parse
from minikube_py.controllers.kubelet.cri.agnhost.golog import klog
from minikube_py.machinery.duration import go_text
from minikube_py.machinery.random import Random

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"log-lines-total": 0, "run-duration": Duration(0)}
SHORT = {"t": "log-lines-total", "d": "run-duration"}
_SOURCE = "logs_generator.go:76"
_METHODS = ("GET", "POST", "PUT")
_NAMESPACES = ("kube-system", "default", "ns")
FATAL = 255


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS, SHORT)
    total, seconds = flags["log-lines-total"], flags["run-duration"]
    if total <= 0:
        await klog(session, f"Invalid total number of lines: {total}", "F", _SOURCE)
        return FATAL
    if seconds <= 0:
        await klog(session, f"Invalid duration: {go_text(seconds)}", "F", _SOURCE)
        return FATAL
    random, began = Random(total), session.now()
    for number in range(total):
        await klog(session, _line(number, random), source=_SOURCE)
        await session.sleep(max(0.0, began + (number + 1) * seconds / total - session.now()))
    return 0


def _line(number: int, random: Random) -> str:
    """As if somebody asked an API server for something."""
    method, namespace = _METHODS[random.below(len(_METHODS))], _NAMESPACES[random.below(len(_NAMESPACES))]
    name = random.suffix(3 + random.below(2))
    return f"{number} {method} /api/v1/namespaces/{namespace}/pods/{name} {200 + random.below(400)}"
