"""kube-controller-manager's controllers, the scheduler and the fake kubelets: clients of the API, and no more.

A controller is one module (or package) here that exports `CONTROLLER`, a Descriptor; `discover` finds them.
"""

from __future__ import annotations

import importlib
import pkgutil

from minikube_py.controllers.runtime import Descriptor


def discover() -> list[Descriptor]:
    """The descriptors of all controllers, in order of module names. Imports every module here."""
    found: list[Descriptor] = []
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        exported = getattr(importlib.import_module(module.name), "CONTROLLER", None)
        if isinstance(exported, Descriptor):
            found.append(exported)
    return found
