"""cronjob-controller."""

from __future__ import annotations

from minikube_py.controllers.cronjob.reconciler import new_controller
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("cronjob-controller", new_controller, ("cronjob",))
