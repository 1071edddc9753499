"""kube-scheduler: finds nodes for pods.

framework, plugins/   what may refuse a node, and what makes one better than another
podclass, nodeinfo    pods and nodes as far as that matters
cache, ranking        which pods are where; which nodes fit, kept up to date by changes
queue, scheduler      which pod is next; deciding and binding
"""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.runtime import Context, Descriptor
from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.controllers.scheduler.profiles import PROFILES
from minikube_py.controllers.scheduler.scheduler import Scheduler

NAME = "kube-scheduler"


def scheduler_descriptor(profiles: Sequence[Profile] = PROFILES) -> Descriptor:
    """A scheduler with these profiles, each under its own name."""

    def new(context: Context) -> Scheduler:
        return Scheduler(context, profiles)

    return Descriptor(NAME, new)


SCHEDULER = scheduler_descriptor()
