"""kube-scheduler: finds nodes for pods.

framework, plugins/, profiles    what may refuse a node, and what makes one better than another
podclass, podinfo, nodeinfo      pods and nodes as far as that matters
cache, handle, assumed...        which pods are where, and what else plugins look at
ranking, rankings                which nodes fit which kinds of pods, kept up to date by changes
eventhandlers, queue, requeue    what happens, which pod is next, and whom an event may help
scheduler, podclaims, binding    deciding and binding; failures tells of what did not fit
remedies, preemption, evictor    making room
configuration, pluginarguments   what a KubeSchedulerConfiguration says

A plugin is a module of plugins/ that exports a Plugin, made of plain functions; its place is in profiles.PLUGINS:

    def small_enough(pod: PodClass) -> Filter | None:      # once for all pods that are alike
        if pod.requests.cpu < 1000:
            return None                                    # nothing to say of such pods

        def check(node: NodeInfo) -> Rejection | None:     # once for each node, and when that changes
            return None if "big" in node.labels else Rejection(("node(s) were too small",))

        return check

    SMALL_ENOUGH = Plugin("SmallEnough", filter=small_enough)

What looks at more than one node, or scores, or looks at volumes: see framework.py. A plugin that users may give
arguments is made by a function of these, which pluginarguments.WITH_ARGUMENTS names.
"""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.runtime import Context, Descriptor
from minikube_py.controllers.scheduler.extender import Extender
from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.controllers.scheduler.profiles import PROFILES
from minikube_py.controllers.scheduler.queue import BACKOFF, Backoff
from minikube_py.controllers.scheduler.scheduler import Scheduler

NAME = "kube-scheduler"
VERSION = "1.36"


def scheduler_descriptor(
    profiles: Sequence[Profile] = PROFILES,
    version: str = VERSION,
    backoff: Backoff = BACKOFF,
    extenders: Sequence[Extender] = (),
) -> Descriptor:
    """A scheduler with these profiles, each under its own name, of that Kubernetes version ("1.36")."""

    def new(context: Context) -> Scheduler:
        return Scheduler(context, profiles, version, backoff, extenders)

    return Descriptor(NAME, new)


SCHEDULER = scheduler_descriptor()
