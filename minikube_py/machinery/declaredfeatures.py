"""What kubelets say that they can do, and which of it pods need (component-helpers' nodedeclaredfeatures).

A feature is declared as long as kubelets in the field may lack it; those of before 1.36 declare none.
"""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.podresources import is_sidecar

SINCE = 36
"""The minor version from which on it counts (NodeDeclaredFeatures)."""

RESTART_ALL = "RestartAllContainersOnContainerExits"
POD_LEVEL_RESIZE = "InPlacePodLevelResourcesVerticalScaling"
INIT_RESIZE = "InPlacePodVerticalScalingInitContainers"

ALL = ("ExtendWebSocketsToKubelet", POD_LEVEL_RESIZE, INIT_RESIZE, RESTART_ALL)
"""Those of a kubelet as it comes, by name."""


def declared(minor: int) -> list[str]:
    """By kubelets of that minor version."""
    return list(ALL) if minor >= SINCE else []


def needed_to_run(spec: Object) -> tuple[str, ...]:
    """By a pod, of its node (InferForPodScheduling)."""
    for field in ("containers", "initContainers"):
        for container in spec.get(field) or ():
            if any(rule.get("action") == "RestartAllContainers" for rule in container.get("restartPolicyRules") or ()):
                return (RESTART_ALL,)
    return ()


def needed_to_change(old: Object, new: Object) -> list[str]:
    """By a pod that asks for other resources, in order (InferForPodUpdate)."""
    return list(_needed_to_change(old, new))


def _needed_to_change(old: Object, new: Object) -> Iterator[str]:
    before, after = old["spec"], new["spec"]
    if before.get("resources") != after.get("resources"):
        yield POD_LEVEL_RESIZE
    if _init_resources(before) != _init_resources(after):
        yield INIT_RESIZE


def _init_resources(spec: Object) -> list[Object]:
    return [each.get("resources") or {} for each in spec.get("initContainers") or () if not is_sidecar(each)]
