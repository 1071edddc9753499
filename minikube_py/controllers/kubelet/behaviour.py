"""What simulated containers do: how long they take to start, to be ready, to run and to stop.

In the simple cases a pod says it itself, by annotations and by the commands of its containers (where these are run,
by cri, that counts for how long a container runs and how it ends):

    metadata:
      annotations:
        minikube-py/run: 5s              # its containers exit after 5 s,
        minikube-py/exit-code: "3"       # with 3
        minikube-py/ready.web: never     # and the container "web" never gets ready

        minikube-py/started: 20s         # startup probes succeed after 20 s,
        minikube-py/unready-after: 1m    # readiness probes fail after 1 m,
        minikube-py/unhealthy-after: 2m  # liveness probes after 2 m
        minikube-py/pull: never          # the image cannot be had
        minikube-py/resize: 5s           # other resources are had 5 s after they were granted
        minikube-py/oom-after: 30s       # killed for its memory after 30 s: OOMKilled, 137
        minikube-py/exit-reason: Error   # what its last state tells of its end,
        minikube-py/exit-message: no db  # and what it wrote to its terminationMessagePath

        minikube-py/evicted: memory      # the pod is evicted, for the node is low on memory
    spec:
      containers:
        - {name: job, image: busybox, command: [sh, -c, "sleep 5; exit 3"]}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from minikube_py.controllers.kubelet.plaincommand import ending
from minikube_py.machinery import duration
from minikube_py.machinery.gvr import Object


@dataclass(frozen=True)
class Behaviour:
    """Of one container. Seconds of the clock."""

    start: float = 0.0
    """From when it may start until it runs: pulling the image, creating it."""
    ready: float = 0.0
    """From when it runs until it is ready, or its readiness probe succeeds."""
    run: float | None = None
    """From when it runs until it exits by itself; None: never."""
    exit_code: int = 0
    """With which it then exits."""
    reason: str = ""
    """That its status then gives, such as OOMKilled; "" for Completed or Error."""
    message: str = ""
    """That it leaves as its termination message."""
    started: float = 0.0
    """From when it runs until its startup probe succeeds."""
    unready_after: float | None = None
    """From when it runs until its readiness probe fails; None: never."""
    unhealthy_after: float | None = None
    """From when it runs until its liveness probe fails; None: never."""
    pull: float = 0.0
    """That pulling its image takes; NEVER: it cannot be had."""
    stop: float = 0.0
    """From when it is told to stop until it has; at most the grace period."""
    resize: float = 0.0
    """That changing its resources takes."""
    exited: bool = False
    """Whether it has exited already, with that code."""


Behaviours = Callable[[Object, Object], Behaviour]
"""Given a pod and one of its containers."""

RUNS = Behaviour()
COMPLETES = Behaviour(run=0.0)

PREFIX = "minikube-py/"
"""Of annotations: PREFIX + field for all containers of the pod, PREFIX + field + "." + container for one."""

NEVER = 1e10
"""Seconds that nobody waits for."""


def default_behaviour(pod: Object, container: Object) -> Behaviour:
    """What annotations say, else what the command plainly says; else everything starts at once and runs for ever, but
    for init containers, which complete at once."""
    behaviour = _by_command(container) or (COMPLETES if _is_init(pod, container) else RUNS)
    annotations = pod["metadata"].get("annotations")
    if annotations:
        said = tuple((key, value) for key, value in annotations.items() if key.startswith(PREFIX))
        if said:
            return _annotated(behaviour, said, container["name"])
    return behaviour


def _is_init(pod: Object, container: Object) -> bool:
    return any(
        each["name"] == container["name"] and each.get("restartPolicy") != "Always"
        for each in pod["spec"].get("initContainers") or ()
    )


def _by_command(container: Object) -> Behaviour | None:
    command = container.get("command") or ()
    arguments = container.get("args") or ()
    if not command and not arguments:
        return None
    ends = ending((*command, *arguments))
    return None if ends is None else Behaviour(run=ends.after, exit_code=ends.code)


# Annotations


def _seconds(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() else duration.parse_nanoseconds(text) / 1e9


def _seconds_or_never(text: str) -> float:
    return NEVER if text == "never" else _seconds(text)


def _seconds_or_none(text: str) -> float | None:
    return None if text == "never" else _seconds(text)


def _out_of_memory(text: str) -> dict[str, Any]:
    return {"run": _seconds(text), "exit_code": 137, "reason": "OOMKilled"}


def _sets(field: str, read: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    return lambda text: {field: read(text)}


_FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "start": _sets("start", _seconds_or_never),
    "pull": _sets("pull", _seconds_or_never),
    "started": _sets("started", _seconds_or_never),
    "ready": _sets("ready", _seconds_or_never),
    "unready-after": _sets("unready_after", _seconds_or_none),
    "unhealthy-after": _sets("unhealthy_after", _seconds_or_none),
    "run": _sets("run", _seconds_or_none),
    "exit-code": _sets("exit_code", int),
    "oom-after": _out_of_memory,
    "exit-reason": _sets("reason", str),
    "exit-message": _sets("message", str),
    "stop": _sets("stop", _seconds_or_never),
    "resize": _sets("resize", _seconds_or_never),
}
"""By annotation: what it changes of a Behaviour."""


@lru_cache(maxsize=1024)
def _annotated(behaviour: Behaviour, said: tuple[tuple[str, str], ...], container: str) -> Behaviour:
    """What is said of the container itself goes before what is said of all; what cannot be read is passed over. A
    container that is said to exit with a code exits at once if nothing tells when."""
    texts = dict(said)
    changes: dict[str, Any] = {}
    for name, read in _FIELDS.items():
        text = texts.get(f"{PREFIX}{name}.{container}", texts.get(PREFIX + name))
        if text is None:
            continue
        try:
            changes |= read(text)
        except ValueError:
            continue
    if "exit_code" in changes and behaviour.run is None:
        changes.setdefault("run", 0.0)
    return replace(behaviour, **changes)
