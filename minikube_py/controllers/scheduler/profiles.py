"""The schedulers there are, by name: pkg/scheduler/apis/config/v1/default_plugins.go, and one that takes turns."""

from __future__ import annotations

from dataclasses import replace

from minikube_py.controllers.scheduler.framework import Profile
from minikube_py.controllers.scheduler.plugins.nodeaffinity import NODE_AFFINITY
from minikube_py.controllers.scheduler.plugins.nodename import NODE_NAME
from minikube_py.controllers.scheduler.plugins.nodeports import NODE_PORTS
from minikube_py.controllers.scheduler.plugins.noderesources import NODE_RESOURCES_FIT
from minikube_py.controllers.scheduler.plugins.tainttoleration import NODE_UNSCHEDULABLE, TAINT_TOLERATION
from minikube_py.controllers.scheduler.podclass import DEFAULT_SCHEDULER

PLUGINS = (
    NODE_UNSCHEDULABLE,
    NODE_NAME,
    TAINT_TOLERATION,
    NODE_AFFINITY,
    NODE_PORTS,
    NODE_RESOURCES_FIT,
)

DEFAULT = Profile(DEFAULT_SCHEDULER, PLUGINS)
ROUND_ROBIN = Profile("round-robin-scheduler", tuple(replace(each, score=None) for each in PLUGINS))

PROFILES = (DEFAULT, ROUND_ROBIN)
