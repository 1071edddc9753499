"""What kube-controller-manager does since which version: the gates that were opened by default
(pkg/features/kube_features.go)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    """By default those of the newest version."""

    index_labels: bool = True
    """Whether pods of StatefulSets and of Indexed Jobs have their index as a label (PodIndexLabel)."""

    scheduled_timestamps: bool = True
    """Whether a CronJob's Jobs tell by an annotation for which time they were made (CronJobsScheduledAnnotation)."""

    terminating_of_jobs: bool = True
    """Whether status.terminating of Jobs is kept (JobPodReplacementPolicy)."""

    interim_conditions: bool = True
    """Whether each end of a Job is announced by SuccessCriteriaMet or FailureTarget, and comes once no pod is
    terminating (JobPodReplacementPolicy, since 1.31)."""

    terminating_of_sets: bool = True
    """Whether status.terminatingReplicas of ReplicaSets and Deployments is kept
    (DeploymentReplicaSetTerminatingReplicas)."""

    suspension_clears_start: bool = True
    """Whether a suspended Job loses its startTime (MutableSchedulingDirectivesForSuspendedJobs)."""

    pods_go_first: bool = True
    """Whether a namespace keeps all else until its pods are gone (OrderedNamespaceDeletion)."""

    managed_endpoints: bool = True
    """Whether Endpoints say that a controller made them."""

    device_taints: bool = True
    """Whether taints of devices drive pods out (DRADeviceTaints)."""

    node_monitor_grace_period: float = 50.0
    """Seconds of silence after which a node is given up."""

    @staticmethod
    def of(version: str) -> Features:
        """`version` is "1.36" or longer."""
        minor = int(version.split(".")[1])
        return Features(
            index_labels=minor >= 28,
            scheduled_timestamps=minor >= 28,
            terminating_of_jobs=minor >= 29,
            interim_conditions=minor >= 31,
            terminating_of_sets=minor >= 35,
            suspension_clears_start=minor >= 36,
            pods_go_first=minor >= 33,
            managed_endpoints=minor >= 33,
            device_taints=minor >= 36,
            node_monitor_grace_period=50.0 if minor >= 32 else 40.0,
        )


NEWEST = Features()
