"""job-controller.

survey       what is known of a Job and its pods at one moment
verdict      whether it has succeeded or failed, and why
podplan      which pods it creates or deletes
tracking     counting pods that have ended, each once
indexes, policies, backoff, conditions, template    what these need
reconciler, podactions, orphans                     what acts
"""

from __future__ import annotations

from minikube_py.controllers.job.reconciler import new_controller
from minikube_py.controllers.runtime import Descriptor

CONTROLLER = Descriptor("job-controller", new_controller, ("job",))
