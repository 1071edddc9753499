"""disruption-controller."""

from __future__ import annotations

from minikube_py.controllers.disruption.reconciler import new_controller
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("disruption-controller", new_controller, ("disruption",))
