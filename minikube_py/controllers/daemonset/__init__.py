"""daemonset-controller: one pod on each node that is eligible.

podtemplate    a pod for one node
eligibility    which nodes are to have one
placement      who is missing and who is too many
rolling        replacing old pods
revisions      which revision the template is
backoff        leaving nodes alone where pods fail
status         counting
reconciler     all of it together
"""

from __future__ import annotations

from minikube_py.controllers.daemonset.reconciler import new_controller
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("daemonset-controller", new_controller, ("daemonset",))
