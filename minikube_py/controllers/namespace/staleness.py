"""Groups that cannot be discovered, which hold up the end of every namespace: nobody knows what else there is in it
(client-go's ErrGroupDiscoveryFailed, kube-aggregator's stale versions). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from minikube_py.machinery.conditions import find
from minikube_py.machinery.gvr import Object

_SIMULATED = "FailedDiscoveryCheck"
"""The reason of an APIService whose server would answer, were its containers not simulated: this is not held against
it."""


def stale_versions(api_services: Iterable[Object]) -> list[str]:
    """The groups' versions that the server passes on to a Service that is not there, or has nothing behind it."""
    return sorted(
        f"{each['spec'].get('group', '')}/{each['spec']['version']}" for each in api_services if _is_stale(each)
    )


def _is_stale(api_service: Object) -> bool:
    available = find((api_service.get("status") or {}).get("conditions"), "Available") or {}
    broken = available.get("status") == "False" and available.get("reason") != _SIMULATED
    return bool(api_service["spec"].get("service")) and broken


def in_words(versions: list[str]) -> str:
    """ "" for none."""
    if not versions:
        return ""
    each = ", ".join(f"{version}: stale GroupVersion discovery: {version}" for version in versions)
    return f"unable to retrieve the complete list of server APIs: {each}"
