"""pod-garbage-collector-controller."""

from __future__ import annotations

from minikube_py.controllers.podgc.reconciler import new_controller
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("pod-garbage-collector-controller", new_controller, ("podgc",))
