"""Lives of pods without a world."""

from __future__ import annotations

from typing import Any

from minikube_py.controllers.kubelet.behaviour import Behaviour, Behaviours, default_behaviour
from minikube_py.controllers.kubelet.features import Features
from minikube_py.controllers.kubelet.hooks import HookCall, HookOutcome
from minikube_py.controllers.kubelet.life import Host, Life
from minikube_py.controllers.kubelet.memory import Memory
from minikube_py.controllers.kubelet.network import PodNetwork
from minikube_py.controllers.kubelet.poststart import hooked
from minikube_py.controllers.kubelet.stages import advance
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def behaving(**by_container: Behaviour) -> Behaviours:
    """These containers behave so, all others as usual."""
    return lambda pod, container: by_container.get(container["name"]) or default_behaviour(pod, container)


class RunsHooks:
    """Implements HookRunner: commands and requests are through when the test says so."""

    def is_run(self, container: Object, handler: Object) -> bool:
        return True


class Living:
    """A pod on node-1, taken through its life by `at`."""

    def __init__(self, pod: Object, behaviours: Behaviours = default_behaviour, version: str = "1.36") -> None:
        metadata = {"uid": "u", "generation": 1, **pod["metadata"]}
        scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2025-12-31T23:59:59Z"}
        status = {"phase": "Pending", "conditions": [scheduled], "qosClass": "BestEffort"}
        self.pod: Object = {**pod, "metadata": metadata, "status": status}
        network = PodNetwork("10.244.0.0/24")
        self.host = Host(
            "node-1", "172.18.0.2", network, Features.of(version), behaviours, Random(1), hooks=RunsHooks()
        )
        self.memory = Memory()
        self.objects: dict[tuple[str, str], Object | None] = {}
        """What the pod refers to, by plural and name."""
        self.events: list[str] = []
        self.calls: list[HookCall] = []
        """Hooks that are running."""
        self._outcomes: list[tuple[HookCall, HookOutcome]] = []
        self.gone = False
        self.wait: float | None = None

    def at(self, seconds: float) -> Object:
        """The status so many seconds after the start."""
        life = Life(self.pod, self.host, self.memory, START + seconds, self.objects)
        for call, outcome in self._outcomes:
            hooked(life, call, outcome)
        self._outcomes.clear()
        self.wait = advance(life)
        self.calls = [each for each in (*self.calls, *life.calls) if each.container["name"] not in life.given_up]
        self.events += [f"{each.container} {each.reason}: {each.message}".strip() for each in life.events]
        self.gone = self.gone or life.gone
        self.pod = {**self.pod, "status": life.status()}
        status: Object = self.pod["status"]
        return status

    def told(self, *reasons: str) -> list[str]:
        """Events of these reasons since the last time, without the containers; of all if none are named."""
        told = [event.partition("} ")[2] or event for event in self.events]
        self.events.clear()
        return [each for each in told if not reasons or each.partition(":")[0] in reasons]

    def comes(self, error: str = "") -> None:
        """The hook that has run longest is through."""
        self._outcomes.append((self.calls.pop(0), HookOutcome(error)))

    def change(self, **spec: Any) -> None:
        self.pod = {**self.pod, "spec": {**self.pod["spec"], **spec}}

    def annotate(self, **annotations: str | None) -> None:
        """minikube-py's, with "-" for "_"."""
        named = {f"minikube-py/{name.replace('_', '-')}": text for name, text in annotations.items()}
        self.pod = {**self.pod, "metadata": {**self.pod["metadata"], "annotations": named}}

    def delete(self, grace: int = 30) -> None:
        metadata = {**self.pod["metadata"], "deletionTimestamp": "later", "deletionGracePeriodSeconds": grace}
        self.pod = {**self.pod, "metadata": metadata}


def states(status: Object) -> dict[str, str]:
    """What each container is: "running", "waiting ContainerCreating", "terminated 0"; with "ready"."""
    found: dict[str, str] = {}
    for key in ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"):
        for each in status.get(key) or ():
            [(state, detail)] = each["state"].items()
            more = {"waiting": detail.get("reason"), "terminated": detail.get("exitCode"), "running": ""}[state]
            found[each["name"]] = f"{state} {more}{' ready' if each['ready'] else ''}".replace("  ", " ").strip()
    return found


def conditions(status: Object) -> dict[str, str]:
    """Status and reason of each, by type."""
    return {each["type"]: f"{each['status']} {each.get('reason', '')}".strip() for each in status["conditions"]}
