"""The kubelets' doors: what the API server asks them for (pkg/kubelet/server)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from minikube_py.controllers.kubelet.usage import Usage, node_usage, pod_usage
from minikube_py.machinery import errors
from minikube_py.machinery.clock import Clock, parse_rfc3339
from minikube_py.machinery.gvr import Object


class LogOptions(Protocol):
    """core/v1 PodLogOptions, as the API server has read them."""

    @property
    def container(self) -> str: ...
    @property
    def previous(self) -> bool: ...
    @property
    def since_seconds(self) -> int | None: ...
    @property
    def since_time(self) -> float | None: ...
    @property
    def timestamps(self) -> bool: ...
    @property
    def tail_lines(self) -> int | None: ...
    @property
    def limit_bytes(self) -> int | None: ...


class KubeletConnection:
    """Answers for all simulated nodes, from the pod's status alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def logs(self, pod: Object, options: LogOptions) -> bytes:
        """What the container has written: simulated ones write a line when they start and, if they do, one when they
        exit. Raises StatusError 400 in the kubelet's words where there is nothing to read yet."""
        status = container_status(pod, options.container)
        lines = log_lines(status, life_of(pod, status, options.previous))
        since = options.since_time
        if options.since_seconds is not None:
            since = self._clock.now() - options.since_seconds
        if since is not None:
            lines = [(when, text) for when, text in lines if parse_rfc3339(when) >= since]
        if options.tail_lines is not None:
            lines = lines[max(0, len(lines) - options.tail_lines) :]
        written = "".join(f"{_nano(when)} {text}\n" if options.timestamps else f"{text}\n" for when, text in lines)
        return written.encode()[: options.limit_bytes]

    async def pod_usage(self, pod: Object) -> dict[str, Usage]:
        return pod_usage(pod)

    async def node_usage(self, node: Object, pods: Iterable[Object]) -> Usage:
        return node_usage(pods)


def _nano(when: str) -> str:
    """A time of whole seconds as container runtimes write it."""
    return f"{when.removesuffix('Z')}.000000000Z"


def container_status(pod: Object, container: str) -> Object:
    """Raises StatusError 400 for a container that the kubelet does not know."""
    found = pod.get("status") or {}
    for key in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for status in found.get(key) or ():
            if status["name"] == container:
                known: Object = status
                return known
    raise errors.bad_request(f'container "{container}" in pod "{pod["metadata"]["name"]}" is not available')


def life_of(pod: Object, status: Object, previous: bool) -> Object:
    """The state, running or terminated, whose log is asked for (kubelet_pods.go validateContainerLogStatus)."""
    who = f'container "{status["name"]}" in pod "{pod["metadata"]["name"]}"'
    state, last = status["state"], (status.get("lastState") or {}).get("terminated")
    if previous:
        if not (last or {}).get("containerID"):
            raise errors.bad_request(f"previous terminated {who} not found")
        return dict(last or {})
    found = state.get("running") or state.get("terminated") or last
    if found:
        return dict(found)
    reason = (state.get("waiting") or {}).get("reason", "")
    if reason == "ErrImagePull":
        raise errors.bad_request(f"{who} is waiting to start: image can't be pulled")
    if reason == "ImagePullBackOff":
        raise errors.bad_request(f"{who} is waiting to start: trying and failing to pull image")
    raise errors.bad_request(f"{who} is waiting to start: {reason}")


def log_lines(status: Object, life: Object) -> list[tuple[str, str]]:
    """Each with its time (RFC 3339)."""
    lines = [(life["startedAt"], f"simulated container {status['name']} of image {status['image']} started")]
    if "finishedAt" in life:
        lines.append((life["finishedAt"], f"simulated container {status['name']} exited with {life['exitCode']}"))
    return lines
