"""The schedulers there are, by name: pkg/scheduler/apis/config/v1/default_plugins.go, and one that takes turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minikube_py.controllers.scheduler.framework import Plugin, Profile
from minikube_py.controllers.scheduler.plugins.balancedallocation import BALANCED_ALLOCATION
from minikube_py.controllers.scheduler.plugins.defaultpreemption import DEFAULT_PREEMPTION
from minikube_py.controllers.scheduler.plugins.dynamicresources import DYNAMIC_RESOURCES
from minikube_py.controllers.scheduler.plugins.imagelocality import IMAGE_LOCALITY
from minikube_py.controllers.scheduler.plugins.interpodaffinity import INTER_POD_AFFINITY
from minikube_py.controllers.scheduler.plugins.nodeaffinity import NODE_AFFINITY
from minikube_py.controllers.scheduler.plugins.nodedeclaredfeatures import NODE_DECLARED_FEATURES
from minikube_py.controllers.scheduler.plugins.nodename import NODE_NAME
from minikube_py.controllers.scheduler.plugins.nodeports import NODE_PORTS
from minikube_py.controllers.scheduler.plugins.noderesources import NODE_RESOURCES_FIT
from minikube_py.controllers.scheduler.plugins.nodeunschedulable import NODE_UNSCHEDULABLE
from minikube_py.controllers.scheduler.plugins.nodevolumelimits import NODE_VOLUME_LIMITS
from minikube_py.controllers.scheduler.plugins.podtopologyspread import POD_TOPOLOGY_SPREAD
from minikube_py.controllers.scheduler.plugins.schedulinggates import SCHEDULING_GATES
from minikube_py.controllers.scheduler.plugins.tainttoleration import TAINT_TOLERATION
from minikube_py.controllers.scheduler.plugins.volumebinding import VOLUME_BINDING
from minikube_py.controllers.scheduler.plugins.volumerestrictions import VOLUME_RESTRICTIONS
from minikube_py.controllers.scheduler.plugins.volumezone import VOLUME_ZONE
from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER

PLUGINS: tuple[Plugin, ...] = (
    SCHEDULING_GATES,
    NODE_UNSCHEDULABLE,
    NODE_NAME,
    TAINT_TOLERATION,
    NODE_AFFINITY,
    NODE_PORTS,
    NODE_RESOURCES_FIT,
    VOLUME_RESTRICTIONS,
    NODE_VOLUME_LIMITS,
    VOLUME_BINDING,
    VOLUME_ZONE,
    POD_TOPOLOGY_SPREAD,
    INTER_POD_AFFINITY,
    DYNAMIC_RESOURCES,
    DEFAULT_PREEMPTION,
    BALANCED_ALLOCATION,
    IMAGE_LOCALITY,
    NODE_DECLARED_FEATURES,
)


def without_scores(plugins: Sequence[Plugin]) -> tuple[Plugin, ...]:
    return tuple(replace(each, score=None, score_all=None, scores_claims=False) for each in plugins)


DEFAULT = Profile(DEFAULT_SCHEDULER, PLUGINS)
ROUND_ROBIN = Profile("round-robin-scheduler", without_scores(PLUGINS))

PROFILES = (DEFAULT, ROUND_ROBIN)
