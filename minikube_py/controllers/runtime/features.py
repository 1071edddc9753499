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
        )


NEWEST = Features()
