"""statefulset-controller: pods with names and claims that stay.

identity      names, labels, volumes and claims by ordinal
retention     who owns the claims
plan          what to do next
revisions     which revision the template is
status        counting
podcontrol    making pods and claims
reconciler    all of it together
"""

from __future__ import annotations

from minikube_py.controllers.runtime import Descriptor
from minikube_py.controllers.statefulset.reconciler import new_controller

CONTROLLER = Descriptor("statefulset-controller", new_controller, ("statefulset",))
