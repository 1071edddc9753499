"""Pods that were to be disrupted and then were not: their condition DisruptionTarget turns false after a while."""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.controllers.runtime.pods import condition, is_terminal
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import generation, is_deleting, key
from minikube_py.machinery.wellknown import PODS

TARGET = "DisruptionTarget"
TIMEOUT = 120.0
"""Seconds."""


def until_stale(pod: Object, now: float) -> float | None:
    """Seconds until the condition of a pod that goes on is to be taken back; None if it has none. What the kubelet
    said is never stale."""
    target = condition(pod, TARGET)
    if target is None or target["status"] != "True" or target.get("reason") == "TerminationByKubelet":
        return None
    if is_deleting(pod) or is_terminal(pod):
        return None
    return max(0.0, parse_rfc3339(target["lastTransitionTime"]) + TIMEOUT - now)


def taken_back(pod: Object, now: float) -> Object:
    """The pod with the condition false."""
    cleared: Object = {"type": TARGET, "status": "False", "lastProbeTime": None, "lastTransitionTime": rfc3339(now)}
    if generation(pod):
        cleared["observedGeneration"] = generation(pod)
    conditions = [cleared if each["type"] == TARGET else each for each in pod["status"]["conditions"]]
    return {**pod, "status": {**pod["status"], "conditions": conditions}}


class StaleConditionReconciler:
    """Its keys are pods."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._clock = context.clock
        self._controller = controller
        self._pods = context.lister(PODS)

    def watch(self) -> None:
        informer = self._controller.context.informer(PODS)
        informer.add_handler(self._seen, lambda old, new: self._seen(new))

    def _seen(self, pod: Object) -> None:
        wait = until_stale(pod, self._clock.now())
        if wait is not None:
            self._controller.enqueue_after(key(pod), wait)

    async def reconcile(self, where: NamespacedName) -> Result:
        pod = self._pods.get(*where)
        wait = until_stale(pod, self._clock.now()) if pod is not None else None
        if pod is None or wait is None or wait > 0:
            return Result(requeue_after=wait)
        await self._client.update(PODS, taken_back(pod, self._clock.now()), subresource="status")
        return Result()
