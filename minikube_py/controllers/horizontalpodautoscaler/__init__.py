"""horizontal-pod-autoscaler-controller: as many replicas as the load needs (pkg/controller/podautoscaler).

reconciler     the loop: target, metrics, decision, status, events
target         the Scale of what is scaled
evaluation     what one metric asks for
metricsclient  where metrics come from
podgroups      which pods count, and what they request
replicas       from usage to a number of replicas
decision       how many replicas there are to be
stabilization  what was recommended lately
scalingrules   how fast it may go
selectors      whose pods they are
status         conditions and what is told besides
discovery      kinds and groups that are served
"""

from __future__ import annotations

from minikube_py.controllers.horizontalpodautoscaler.reconciler import AutoscalerReconciler
from minikube_py.controllers.runtime import Context, Controller, Descriptor


def new(context: Context) -> Controller:
    controller = Controller(context, "HorizontalPodAutoscaler")
    reconciler = AutoscalerReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller


CONTROLLER = Descriptor("horizontal-pod-autoscaler-controller", new, aliases=("horizontalpodautoscaling",))
