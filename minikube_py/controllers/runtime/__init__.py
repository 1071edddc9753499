"""How controllers are run, after controller-runtime.

    Reconciler       what a controller does for one key, from current state (write this)
    Controller       watches, queue and workers around a Reconciler
    Context          what a controller is given: client, listers, clock, randomness, event recorder
    Descriptor       a controller's name and how to make it (each controller module exports one as CONTROLLER)
    Manager          makes the chosen controllers, shares informers among them, starts and stops all
"""

from __future__ import annotations

from minikube_py.controllers.runtime.context import Context
from minikube_py.controllers.runtime.controller import Controller
from minikube_py.controllers.runtime.descriptor import Descriptor, Runnable
from minikube_py.controllers.runtime.manager import Manager
from minikube_py.controllers.runtime.reconciler import Reconciler, Result

__all__ = ["Context", "Controller", "Descriptor", "Manager", "Reconciler", "Result", "Runnable"]
