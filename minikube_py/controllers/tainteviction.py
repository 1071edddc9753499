"""taint-eviction-controller: deletes the pods that do not tolerate their node's NoExecute taints, at once or when
their time is over.

    a pod tolerates            then
    not all of the taints      it is deleted now
    all, some for so long      it is deleted after the shortest of the times, from when the first taint was seen
    all, for ever              it stays, and is told so if it was to be deleted

What was once decided of a pod stands until it tolerates all for ever, none of the taints is left, or one came that it
does not tolerate. Upstream: pkg/controller/tainteviction/taint_eviction.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH
from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.pods import condition, node_name
from minikube_py.controllers.runtime.podsonnode import BY_NODE, pods_by_node
from minikube_py.controllers.scheduler.plugins.tainttoleration import NO_EXECUTE, tolerates
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import generation, key, name, uid
from minikube_py.machinery.wellknown import NODES, PODS


def plan(taints: Sequence[Object], tolerations: Sequence[Object]) -> float | None:
    """In how many seconds a pod with these tolerations must leave a node with these taints; None: never."""
    seconds: list[int] = []
    for taint in taints:
        used = next((each for each in tolerations if tolerates(each, taint)), None)
        if used is None:
            return 0.0
        if used.get("tolerationSeconds") is not None:
            seconds.append(used["tolerationSeconds"])
    return max(0.0, float(min(seconds))) if seconds else None


def no_execute(node: Object) -> list[Object]:
    return [each for each in node["spec"].get("taints") or () if each["effect"] == NO_EXECUTE]


@dataclass
class Eviction:
    """A pod that is to be deleted."""

    uid: str
    due: float
    """When (Unix seconds)."""
    told: bool = False


class TaintEvictionReconciler:
    """Knows the tainted nodes, and whose time is running."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._nodes = context.lister(NODES)
        self._pods = pods_by_node(context)
        self._recorder = context.recorder()
        self._tainted: dict[str, list[Object]] = {}
        """By node: its NoExecute taints."""
        self._evictions: dict[NamespacedName, Eviction] = {}

    # What is to be looked at

    def node_changed(self, node: Object) -> list[NamespacedName]:
        """The pods it concerns."""
        taints = no_execute(node)
        if taints == self._tainted.get(name(node), []):
            return []
        if taints:
            self._tainted[name(node)] = taints
        else:
            del self._tainted[name(node)]
        return [key(pod) for pod in self._pods.by_index(BY_NODE, name(node))]

    def node_deleted(self, node: Object) -> None:
        """What was decided of its pods stands."""
        self._tainted.pop(name(node), None)

    def pod_concerns(self, old: Object | None, new: Object | None) -> bool:
        """Whether this change of a pod matters."""
        if new is None:
            return old is not None and key(old) in self._evictions
        if key(new) not in self._evictions and node_name(new) not in self._tainted:
            return False
        return (
            old is None
            or uid(old) != uid(new)
            or node_name(old) != node_name(new)
            or old["spec"].get("tolerations") != new["spec"].get("tolerations")
        )

    # Deciding

    async def reconcile(self, where: NamespacedName) -> Result | None:
        pod, eviction = self._pods.get(*where), self._evictions.get(where)
        if eviction is not None and (pod is None or uid(pod) != eviction.uid):
            self._cancel(where)
            eviction = None
        if pod is None:
            return None
        if eviction is None or not eviction.told:
            eviction = self._decide(pod, eviction)
        if eviction is None:
            return None
        if eviction.due > self._clock.now():
            return Result(requeue_after=eviction.due - self._clock.now())
        await self._evict(where, pod, eviction)
        return None

    def _decide(self, pod: Object, eviction: Eviction | None) -> Eviction | None:
        """What is to become of a pod, given what was decided before."""
        taints = self._tainted.get(node_name(pod))
        if taints is None:
            if self._nodes.get("", node_name(pod)) is None:
                return eviction
            self._cancel(key(pod))
            return None
        delay = plan(taints, pod["spec"].get("tolerations") or ())
        if delay is None:
            self._cancel(key(pod))
            return None
        if eviction is not None and delay:
            return eviction
        if eviction is not None and eviction.due > self._clock.now():
            self._cancel(key(pod))
        decided = self._evictions[key(pod)] = Eviction(uid(pod), self._clock.now() + delay)
        return decided

    def _cancel(self, where: NamespacedName) -> None:
        eviction = self._evictions.pop(where, None)
        if eviction is not None and not eviction.told:
            self._tell(where, f"Cancelling deletion of Pod {where}")

    # Acting

    async def _evict(self, where: NamespacedName, pod: Object, eviction: Eviction) -> None:
        if not eviction.told:
            eviction.told = True
            self._tell(where, f"Marking for deletion Pod {where}")
        try:
            fresh = await self._client.get(PODS, *where)
            if uid(fresh) == eviction.uid:
                await self._mark(fresh)
                await self._client.delete(PODS, *where, uid=eviction.uid)
        except StatusError as error:
            if not is_not_found(error):
                raise
        if self._evictions.get(where) is eviction:
            del self._evictions[where]

    async def _mark(self, pod: Object) -> None:
        former = condition(pod, "DisruptionTarget")
        target = {
            "type": "DisruptionTarget",
            "observedGeneration": generation(pod),
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._clock.now()),
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
        }
        if former is not None and former["status"] == "True":
            target["lastTransitionTime"] = former.get("lastTransitionTime")
        patch = {"metadata": {"uid": uid(pod)}, "status": {"conditions": [target]}}
        await self._client.patch(PODS, *key(pod), patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")

    def _tell(self, where: NamespacedName, message: str) -> None:
        reference = {"apiVersion": "v1", "kind": "Pod", "namespace": where.namespace, "name": where.name}
        self._recorder.event(reference, "Normal", "TaintManagerEviction", message)


def new(context: Context) -> Controller:
    reconciler = TaintEvictionReconciler(context)
    controller = Controller(context, "Pod", reconciler)
    controller.watches(PODS, lambda pod: (key(pod),), when=reconciler.pod_concerns)

    def changed(node: Object) -> None:
        for each in reconciler.node_changed(node):
            controller.enqueue(each, node)

    context.informer(NODES).add_handler(changed, lambda old, new: changed(new), reconciler.node_deleted)
    return controller


CONTROLLER = Descriptor("taint-eviction-controller", new, aliases=("tainteviction",))
"""taint-eviction-controller: pods leave nodes whose taints they do not tolerate."""
