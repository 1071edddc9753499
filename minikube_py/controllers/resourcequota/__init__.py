"""resourcequota-controller."""

from __future__ import annotations

from minikube_py.controllers.resourcequota.reconciler import new_controller
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("resourcequota-controller", new_controller, ("resourcequota",))
