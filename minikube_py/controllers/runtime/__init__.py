"""How controllers are run, after controller-runtime.

    Reconciler       what a controller does for one key, from current state (write this)
    Controller       watches, queue and workers around a Reconciler
    Context          what a controller is given: client, listers, clock, randomness, event recorder, settings
    Descriptor       a controller's name and how to make it (each controller module exports one as CONTROLLER)
    Manager          makes the chosen controllers, shares informers among them, starts and stops all

A controller is a module of minikube_py.controllers like this one:

    class Greeter:
        def __init__(self, context: Context) -> None:
            self._client = context.client
            self._services = context.lister(SERVICES)       # a cache, shared, possibly stale
            self._recorder = context.recorder()

        async def reconcile(self, key: NamespacedName) -> Result | None:
            service = self._services.get(*key)
            if service is None:
                return None                                 # gone: nothing to do
            ...                                             # plan purely, then write through self._client
            return Result(requeue_after=60)

    def new(context: Context) -> Controller:
        controller = Controller(context, "Service", Greeter(context))
        controller.watches_for(SERVICES)
        controller.owns(CONFIG_MAPS)
        return controller

    CONTROLLER = Descriptor("greeter-controller", new)

For owners with a selector, adopting and orphaning are in claims.py, telling the owners in dependents.py, creating and
deleting pods in podcontrol.py, and reading them in pods.py. What runs without a queue of keys is any Runnable.
"""

from __future__ import annotations

from minikube_py.controllers.runtime.context import Context
from minikube_py.controllers.runtime.controller import Controller
from minikube_py.controllers.runtime.descriptor import Descriptor, Runnable
from minikube_py.controllers.runtime.manager import Manager
from minikube_py.controllers.runtime.reconciler import NotYet, Reconciler, Result

__all__ = ["Context", "Controller", "Descriptor", "Manager", "NotYet", "Reconciler", "Result", "Runnable"]
