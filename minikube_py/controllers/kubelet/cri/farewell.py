"""What a container leaves behind as its termination message (pkg/kubelet/kuberuntime/kuberuntime_container.go
getTerminationMessage, readLastStringFromContainerLogs)."""

from __future__ import annotations

from minikube_py.controllers.kubelet.cri.log import ContainerLog
from minikube_py.machinery.gvr import Object

DEFAULT_PATH = "/dev/termination-log"
MAX_POD, MAX_FILE, MAX_LOG = 12 * 1024, 4 * 1024, 2 * 1024
"""Bytes: of all of a pod's containers together, of what one wrote for it, and of its log in place of that."""
MAX_LINES = 80
"""Of its log."""


def farewell(pod: Object, container: Object, written: bytes, log: ContainerLog, code: int | None) -> str:
    """`written` is what its terminationMessagePath has, `code` its exit code; None for one that runs yet."""
    text = written[-MAX_FILE:]
    if not text and code and container.get("terminationMessagePolicy") == "FallbackToLogsOnError":
        text = b"".join(line.text for line in log.lines()[-MAX_LINES:])[-MAX_LOG:]
    if not text:
        return ""
    fields = ("containers", "initContainers", "ephemeralContainers")
    share = MAX_POD // sum(len(pod["spec"].get(field) or ()) for field in fields)
    return text[:share].decode(errors="replace")
