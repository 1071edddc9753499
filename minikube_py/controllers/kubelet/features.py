"""What kubelets write since which version: the gates that were opened by default (pkg/features/kube_features.go)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    ready_to_start_containers: bool
    host_ips: bool
    volume_mounts: bool
    container_resources: bool
    """Whether containers are resized while they run (InPlacePodVerticalScaling)."""
    resize_events: bool
    resize_infeasible: bool
    """Whether kubelets tell of what never fits their node, which the API refuses else."""
    resize_init: bool
    """Whether init containers that are no sidecars are resized too."""
    user: bool
    observed_generation: bool
    pod_resources: bool
    image_access: bool
    """Whether kubelets tell of an image's presence that the pod may use it (KubeletEnsureSecretPulledImages)."""

    short_events: bool
    """Whether "Created" and "Started" leave out the container's name, which their fieldPath tells."""

    restart_all: bool
    """Whether an exit of one container can restart all (RestartAllContainersOnContainerExits)."""

    def created(self, container: str) -> str:
        return "Container created" if self.short_events else f"Created container: {container}"

    def started(self, container: str) -> str:
        return "Container started" if self.short_events else f"Started container {container}"

    @staticmethod
    def of(version: str) -> Features:
        """`version` is "1.36" or longer."""
        minor = int(version.split(".")[1])
        return Features(
            ready_to_start_containers=minor >= 29,
            host_ips=minor >= 29,
            volume_mounts=minor >= 31,
            container_resources=minor >= 33,
            resize_events=minor >= 34,
            resize_infeasible=minor < 36,
            resize_init=minor >= 36,
            user=minor >= 33,
            observed_generation=minor >= 34,
            pod_resources=minor >= 36,
            image_access=minor >= 35,
            short_events=minor >= 35,
            restart_all=minor >= 36,
        )
