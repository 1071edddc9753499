"""Probes, from a container's start to its end (pkg/kubelet/prober/worker.go, prober_manager.go).

A container with a startup probe has not started, and is probed for nothing else, until that succeeds. With a readiness
probe it is not ready before that succeeds. Where a startup or a liveness probe fails, it is stopped and started anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from minikube_py.controllers.kubelet.life import Ask, Life
from minikube_py.controllers.kubelet.memory import Kind, Probing
from minikube_py.controllers.kubelet.prober import Outcome
from minikube_py.controllers.kubelet.stage import IS_NOT, Stage
from minikube_py.controllers.kubelet.stopping import restarts_on_kill, stop
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

PROBES: dict[Kind, str] = {"startup": "startupProbe", "readiness": "readinessProbe", "liveness": "livenessProbe"}
PERIOD, SUCCESSES, FAILURES = 10, 1, 3
"""Defaults (pkg/apis/core/v1/defaults.go), for what never passed an API server."""


def _probed(life: Life, kind: Kind) -> Iterator[Object]:
    """Those that the probe is asked of now and then."""
    if life.finished or (life.deleting and kind != "readiness"):
        return
    for container in life.lasting:
        status = life.statuses[container["name"]]
        if PROBES[kind] not in container or (kind == "startup") is bool(status.get("started")):
            continue
        if life.is_up(container["name"]):
            yield container


def _probing(life: Life, container: Object, kind: Kind) -> Probing:
    """Begun anew with each life of the container."""
    known = life.memory.of(container["name"]).probes
    container_id = life.statuses[container["name"]]["containerID"]
    found = known.get(kind)
    if found is None or found.container_id != container_id:
        probe = container[PROBES[kind]]
        first = life.began(container["name"]) + float(probe.get("initialDelaySeconds") or 0)
        found = known[kind] = Probing(container_id, max(first, life.now))
    return found


def _ask(life: Life, container: Object, kind: Kind) -> None:
    probe = container[PROBES[kind]]
    age = life.now - life.began(container["name"])
    outcome = life.host.prober.foresee(life.pod_now, container, kind, probe, age)
    if outcome is None:
        _probing(life, container, kind).asked = True
        life.asks.append(Ask(container, kind, probe, life.statuses[container["name"]]["containerID"]))
    else:
        take_in(life, container, kind, outcome)


def answered(life: Life, ask: Ask, outcome: Outcome) -> None:
    """Take in what came in answer, if it is still of interest."""
    status = life.statuses.get(ask.container["name"], {})
    if status.get("containerID") != ask.container_id:
        return
    container = next(each for each in life.containers if each["name"] == ask.container["name"])
    if any(each is container for each in _probed(life, ask.kind)):
        take_in(life, container, ask.kind, outcome)


def take_in(life: Life, container: Object, kind: Kind, outcome: Outcome) -> None:
    """Below its threshold an answer changes nothing but the count."""
    name, probe = container["name"], container[PROBES[kind]]
    probing = _probing(life, container, kind)
    probing.asked = False
    probing.run = probing.run + 1 if probing.last is outcome.success else 1
    probing.last = outcome.success
    probing.due = next_due(probe, probing, outcome, life.now)
    if not outcome.success:
        life.tell("Unhealthy", f"{kind.capitalize()} probe failed: {outcome.message}", container, "Warning")
    if probing.run < threshold(probe, outcome.success):
        return
    status = life.statuses[name]
    if kind == "readiness":
        life.statuses[name] = {**status, "ready": outcome.success}
        return
    if kind == "startup" and outcome.success:
        life.statuses[name] = {**status, "started": True}
    elif not outcome.success:
        _fail(life, container, kind, probe)
    if kind == "startup" or not outcome.success:
        probing.due, probing.run = math.inf, 0  # nothing is asked before it has started anew


def threshold(probe: Object, success: bool) -> int:
    if success:
        return int(probe.get("successThreshold") or SUCCESSES)
    return int(probe.get("failureThreshold") or FAILURES)


def next_due(probe: Object, probing: Probing, outcome: Outcome, now: float) -> float:
    """A period later, however long the answer took, unless it will stay as it is, and is known already."""
    period = float(probe.get("periodSeconds") or PERIOD)
    periods = 1
    if outcome.success and probing.run >= threshold(probe, True):
        if outcome.lasts is None:
            return math.inf
        periods = max(1, math.ceil(outcome.lasts / period - 1e-9))
    return max(now, probing.due + periods * period)


def _fail(life: Life, container: Object, kind: Kind, probe: Object) -> None:
    name, restarts = container["name"], restarts_on_kill(life, container)
    if is_sidecar(container):
        message = f"Init container {name} failed {kind} probe"
    else:
        message = f"Container {name} failed {kind} probe{', will be restarted' if restarts else ''}"
    grace = probe.get("terminationGracePeriodSeconds")
    if grace is None:
        grace = life.spec.get("terminationGracePeriodSeconds", 30)
    stop(life, container, message, float(grace), restart=restarts)


def _stage(kind: Kind) -> Stage:
    def due(life: Life) -> Iterable[Object]:
        found = [each for each in _probed(life, kind) if not _is_asked(life, each, kind)]
        return found or IS_NOT

    return Stage(
        kind,
        due,
        lambda life, container: _ask(life, container, kind),
        at=lambda life, container: _probing(life, container, kind).due,
    )


def _is_asked(life: Life, container: Object, kind: Kind) -> bool:
    probing = _probing(life, container, kind)
    return probing.asked or probing.due == math.inf


STARTUP, READINESS, LIVENESS = _stage("startup"), _stage("readiness"), _stage("liveness")
