"""What containers have written, as pods/log wants to have it (pkg/kubelet/kuberuntime/logs, kubelet_pods.go
validateContainerLogStatus)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Protocol

from minikube_py.controllers.kubelet.cri.log import Line, rfc3339_nano
from minikube_py.controllers.kubelet.cri.runtime import ContainerRuntime
from minikube_py.machinery import errors
from minikube_py.machinery.clock import Clock, parse_rfc3339
from minikube_py.machinery.gvr import Object


class LogOptions(Protocol):
    """core/v1 PodLogOptions, as the API server has read them."""

    @property
    def container(self) -> str: ...
    @property
    def follow(self) -> bool: ...
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
    @property
    def stream(self) -> str: ...


def read_log(runtime: ContainerRuntime, clock: Clock, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
    """The log of one life of a container, piece by piece. Raises StatusError 400 in the kubelet's words where there is
    nothing to read yet."""
    status = container_status(pod, options.container)
    if status is None:
        name = pod["metadata"]["name"]
        raise errors.bad_request(f'container "{options.container}" in pod "{name}" is not available')
    life = life_of(pod, status, options.previous)
    written = _written(runtime, pod, status, life, options)
    return _chosen(written, clock, options)


async def _written(
    runtime: ContainerRuntime, pod: Object, status: Object, life: Object, options: LogOptions
) -> AsyncIterator[list[Line]]:
    """All lines there are, then, if they are followed, each that comes."""
    record = runtime.record(pod, options.container)
    if record is not None and life.get("containerID") != record.id and record.previous is not None:
        yield record.previous.lines()
        return
    is_program = record is not None and record.process is not None
    if options.follow and record is None and "finishedAt" not in life:
        record = runtime.observe(pod, status)
    log = record.log if record is not None and record.id == life.get("containerID", record.id) else None
    number = log.next_number if log is not None else 0
    yield [*(() if is_program else simulated_lines(status, life)), *(log.lines() if log is not None else ())]
    if options.follow and log is not None:
        async for line in log.follow(number):
            yield [line]


async def _chosen(written: AsyncIterator[list[Line]], clock: Clock, options: LogOptions) -> AsyncIterator[bytes]:
    since = options.since_time
    if options.since_seconds is not None:
        since = clock.now() - options.since_seconds
    left, tail = options.limit_bytes, options.tail_lines
    async for lines in written:
        wanted = [line for line in lines if _is_wanted(line, since, options.stream)]
        if tail is not None:
            wanted, tail = wanted[max(0, len(wanted) - tail) :], None
        piece = _text(wanted, options.timestamps)
        if left is not None:
            piece = piece[:left]
            left -= len(piece)
        if piece:
            yield piece
        if left == 0:
            return


def _is_wanted(line: Line, since: float | None, stream: str) -> bool:
    return (since is None or line.when >= since) and (stream == "All" or line.stream == stream.lower())


def _text(lines: Iterable[Line], timestamps: bool) -> bytes:
    if not timestamps:
        return b"".join(line.text for line in lines)
    return b"".join(f"{rfc3339_nano(line.when)} ".encode() + line.text for line in lines)


def container_status(pod: Object, container: str) -> Object | None:
    """None for a container that the kubelet does not know yet."""
    found = pod.get("status") or {}
    for key in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for status in found.get(key) or ():
            if status["name"] == container:
                known: Object = status
                return known
    return None


def life_of(pod: Object, status: Object, previous: bool) -> Object:
    """The state, running or terminated, whose log is asked for. Raises StatusError 400."""
    who = f'container "{status["name"]}" in pod "{pod["metadata"]["name"]}"'
    state, last = status["state"], (status.get("lastState") or {}).get("terminated")
    if previous:
        if not (last or {}).get("containerID"):
            raise errors.bad_request(f"previous terminated {who} not found")
        return dict(last or {})
    if "running" in state:
        return {**state["running"], "containerID": status.get("containerID", "")}
    found = state.get("terminated") or last
    if found:
        return dict(found)
    reason = (state.get("waiting") or {}).get("reason", "")
    if reason == "ErrImagePull":
        raise errors.bad_request(f"{who} is waiting to start: image can't be pulled")
    if reason == "ImagePullBackOff":
        raise errors.bad_request(f"{who} is waiting to start: trying and failing to pull image")
    raise errors.bad_request(f"{who} is waiting to start: {reason}")


def simulated_lines(status: Object, life: Object) -> list[Line]:
    """Of a container without a program: one line when it starts and, if it does, one when it exits."""
    started = f"simulated container {status['name']} of image {status['image']} started\n"
    lines = [Line(parse_rfc3339(life["startedAt"]), "stdout", started.encode())]
    if "finishedAt" in life:
        ended = f"simulated container {status['name']} exited with {life['exitCode']}\n"
        lines.append(Line(parse_rfc3339(life["finishedAt"]), "stdout", ended.encode()))
    return lines
