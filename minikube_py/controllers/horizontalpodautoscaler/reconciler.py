"""The autoscaler's loop: every 15 s it looks at what pods use, and scales (pkg/controller/podautoscaler/horizontal.go).

    the target's Scale   ->  its replicas: 0 is off; outside of minReplicas and maxReplicas it is brought inside
    each metric          ->  a number of replicas, of which the highest counts
    what was recommended ->  no fewer than the highest of the last 300 s, or as spec.behavior says
    how fast it may go   ->  by spec.behavior, or at most twice as many
    minReplicas, maxReplicas

What goes wrong is told by conditions and events, and the next look is as far away as ever.
"""

from __future__ import annotations

from minikube_py.controllers.horizontalpodautoscaler.decision import (
    Decision,
    Memory,
    Proposal,
    decide,
    outside,
    tolerances_of,
)
from minikube_py.controllers.horizontalpodautoscaler.discovery import Discovery, Unmapped
from minikube_py.controllers.horizontalpodautoscaler.evaluation import (
    EvaluationFailure,
    Evaluator,
    ScaleTarget,
)
from minikube_py.controllers.horizontalpodautoscaler.metricsclient import MetricsClient
from minikube_py.controllers.horizontalpodautoscaler.selectors import Selectors
from minikube_py.controllers.horizontalpodautoscaler.status import (
    ABLE_TO_SCALE,
    SCALING_ACTIVE,
    Status,
)
from minikube_py.controllers.horizontalpodautoscaler.target import Target
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.machinery import labels as label_selectors
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.meta import key, labels, namespace
from minikube_py.machinery.wellknown import PODS

AUTOSCALERS = GroupVersionResource("autoscaling", "v2", "horizontalpodautoscalers")
COMPONENT = "horizontal-pod-autoscaler"
"""The source of its events."""
SYNC_PERIOD = 15.0
"""Seconds (--horizontal-pod-autoscaler-sync-period)."""


class Failure(Exception):
    """Nothing is scaled this time; conditions and events have told why."""


class AutoscalerReconciler:
    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._clock = context.clock
        self._controller = controller
        self._recorder = context.recorder(COMPONENT)
        self._autoscalers = context.lister(AUTOSCALERS)
        self._pods = context.lister(PODS)
        self._discovery = Discovery(context.client, context.clock)
        metrics = MetricsClient(context.client, self._discovery)
        self._evaluator = Evaluator(metrics, self._pods, context.clock)
        self._selectors = Selectors()
        self._memories: dict[NamespacedName, Memory] = {}

    def watch(self) -> None:
        """Changes are not looked at before it is time."""

        def seen(autoscaler: Object) -> None:
            self._selectors.add(key(autoscaler))
            self._controller.enqueue_after(key(autoscaler), SYNC_PERIOD)

        def gone(autoscaler: Object) -> None:
            self._selectors.remove(key(autoscaler))
            self._memories.pop(key(autoscaler), None)

        self._controller.context.informer(AUTOSCALERS).add_handler(seen, lambda old, new: seen(new), gone)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        autoscaler = self._autoscalers.get(*where)
        if autoscaler is None:
            self._memories.pop(where, None)
            return None
        status = Status(autoscaler, rfc3339(self._clock.now()))
        try:
            await self._scale(autoscaler, status)
        except Failure as failure:
            await self._write(autoscaler, status)
            if str(failure):
                self._warn(autoscaler, "FailedComputeMetricsReplicas", str(failure))
        else:
            await self._write(autoscaler, status)
        return Result(requeue_after=SYNC_PERIOD)

    async def _scale(self, autoscaler: Object, status: Status) -> None:
        """Raises Failure."""
        spec = autoscaler["spec"]
        target = await self._target(autoscaler, status)
        memory = self._memories.setdefault(key(autoscaler), Memory())
        now, current = self._clock.now(), target.wanted
        memory.recommendations.begin(current, now)
        minimum = spec.get("minReplicas", 1)
        metrics: list[Object] | None = None
        if not current:
            text = "scaling is disabled since the replica count of the target is zero"
            status.set_condition(SCALING_ACTIVE, False, "ScalingDisabled", text)
            status.set_replicas(current, current, metrics)
            return
        decision = outside(current, minimum, spec["maxReplicas"])
        if decision is None:
            metrics = []
            proposal = await self._propose(autoscaler, target, status, metrics)
            decision = decide(spec, current, proposal, memory, status, minimum, now)
        if decision.replicas == current:
            status.set_replicas(current, current, metrics)
            return
        await self._rescale(autoscaler, target, status, decision, metrics)
        memory.events.record(spec.get("behavior"), current, decision.replicas, now)

    async def _target(self, autoscaler: Object, status: Status) -> Target:
        reference = autoscaler["spec"]["scaleTargetRef"]
        try:
            target = await Target.find(self._client, self._discovery, namespace(autoscaler), reference)
        except (StatusError, Unmapped) as error:
            self._warn(autoscaler, "FailedGetScale", str(error))
            text = f"the HPA controller was unable to get the target's current scale: {error}"
            status.set_condition(ABLE_TO_SCALE, False, "FailedGetScale", text)
            raise Failure from None
        text = "the HPA controller was able to get the target's current scale"
        status.set_condition(ABLE_TO_SCALE, True, "SucceededGetScale", text)
        return target

    async def _rescale(
        self, autoscaler: Object, target: Target, status: Status, decision: Decision, metrics: list[Object] | None
    ) -> None:
        """Raises Failure."""
        current, (replicas, reason) = target.wanted, decision
        try:
            await target.scale_to(replicas)
        except StatusError as error:
            self._warn(autoscaler, "FailedRescale", f"New size: {replicas}; reason: {reason}; error: {error}")
            text = f"the HPA controller was unable to update the target scale: {error}"
            status.set_condition(ABLE_TO_SCALE, False, "FailedUpdateScale", text)
            status.set_replicas(current, None, metrics)
            raise Failure from None
        text = f"the HPA controller was able to update the target scale to {replicas}"
        status.set_condition(ABLE_TO_SCALE, True, "SucceededRescale", text)
        self._recorder.event(autoscaler, "Normal", "SuccessfulRescale", f"New size: {replicas}; reason: {reason}")
        status.set_replicas(current, replicas, metrics, rescaled=True)

    # Metrics

    async def _propose(self, autoscaler: Object, target: Target, status: Status, metrics: list[Object]) -> Proposal:
        """The most that any metric asks for; what they were goes into `metrics`. Where one fails, the others may still
        ask for more replicas, but not for fewer. Raises Failure."""
        spec = autoscaler["spec"]
        try:
            selector = self._selector(autoscaler, target, status)
        except Failure:
            status.set_replicas(target.wanted, None, None)
            raise
        tolerances = tolerances_of(spec.get("behavior"))
        asked = ScaleTarget(namespace(autoscaler), selector, target.wanted, target.present, tolerances)
        best, failures = Proposal(0, ""), []
        for metric in spec.get("metrics") or ():
            try:
                found = await self._evaluator.evaluate(metric, asked)
            except EvaluationFailure as failure:
                self._warn(autoscaler, failure.reason, failure.cause)
                failures.append(failure)
                metrics.append({"type": ""})
                continue
            metrics.append(found.status)
            if not best.replicas or found.replicas > best.replicas:
                best = Proposal(found.replicas, found.metric)
        if len(failures) == len(metrics) or (failures and best.replicas < target.wanted):
            status.set_replicas(target.wanted, None, metrics)
            raise self._failed(failures, len(metrics), status)
        text = f"the HPA was able to successfully calculate a replica count from {best.metric}"
        status.set_condition(SCALING_ACTIVE, True, "ValidMetricFound", text)
        return best

    def _failed(self, failures: list[EvaluationFailure], count: int, status: Status) -> Failure:
        if not failures:
            return Failure()
        first = failures[0]
        text = f"the HPA was unable to compute the replica count: {first.cause}"
        status.set_condition(SCALING_ACTIVE, False, first.reason, text)
        return Failure(f"invalid metrics ({len(failures)} invalid out of {count}), first error is: {first}")

    def _selector(self, autoscaler: Object, target: Target, status: Status) -> Selector:
        """Of the target's pods, which must be nobody else's. Raises Failure."""
        text = target.selector
        if not text:
            self._warn(autoscaler, "SelectorRequired", "selector is required")
            message = "the HPA target's scale is missing a selector"
            status.set_condition(SCALING_ACTIVE, False, "InvalidSelector", message)
            raise Failure("selector is required")
        try:
            selector = label_selectors.parse(text)
        except ValueError as error:
            message = f"couldn't convert selector into a corresponding internal selector object: {error}"
            raise self._unselectable(autoscaler, status, "InvalidSelector", message) from None
        self._selectors.put(key(autoscaler), selector)
        pods = self._pods.list(namespace(autoscaler), lambda pod: selector.matches(labels(pod)))
        controlling = self._selectors.controlling(namespace(autoscaler), pods)
        if len(controlling) > 1:
            named = " ".join(str(each) for each in controlling)
            message = f"pods by selector {text} are controlled by multiple HPAs: [{named}]"
            raise self._unselectable(autoscaler, status, "AmbiguousSelector", message)
        return selector

    def _unselectable(self, autoscaler: Object, status: Status, reason: str, message: str) -> Failure:
        self._warn(autoscaler, reason, message)
        status.set_condition(SCALING_ACTIVE, False, reason, message)
        return Failure(message)

    # Telling

    def _warn(self, autoscaler: Object, reason: str, message: str) -> None:
        self._recorder.event(autoscaler, "Warning", reason, message)

    async def _write(self, autoscaler: Object, status: Status) -> None:
        if not status.changed:
            return
        try:
            await self._client.update(AUTOSCALERS, {**autoscaler, "status": status.tree}, subresource="status")
        except StatusError as error:
            self._warn(autoscaler, "FailedUpdateStatus", str(error))
