"""Feature gates whose default changed within the versions that are served (pkg/features/kube_features.go)."""

from __future__ import annotations

from minikube_py.api.context import Context


def minor(ctx: Context) -> int:
    """Of the Kubernetes version served: 36 of "1.36"."""
    return int(ctx.registry.catalog.schema.version.partition(".")[2])


def strict_ips(ctx: Context) -> bool:
    """StrictIPCIDRValidation: ambiguous addresses are refused, not only warned of."""
    return minor(ctx) >= 36


def relaxed_service_names(ctx: Context) -> bool:
    """RelaxedServiceNameValidation: a Service's name may begin with a digit."""
    return minor(ctx) >= 36


def prefer_same_traffic_distribution(ctx: Context) -> bool:
    """PreferSameTrafficDistribution."""
    return minor(ctx) >= 34


def tells_tokens_apart(ctx: Context) -> bool:
    """ServiceAccountTokenJTI and ServiceAccountTokenPodNodeInfo: tokens have ids and name their pod's node."""
    return minor(ctx) >= 30


def strict_job_status(ctx: Context) -> bool:
    """JobManagedBy: others than the Job controller may write a Job's status, and so it is looked at closely."""
    return minor(ctx) >= 32
