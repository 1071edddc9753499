"""minikube-py: an in-memory Kubernetes control plane in one Python process.

from minikube_py import Cluster
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minikube_py.release import __version__

if TYPE_CHECKING:
    from minikube_py.cluster import Cluster

__all__ = ["Cluster", "__version__"]


def __getattr__(name: str) -> Any:
    """Cluster is imported when it is asked for: `minikube-py --help` and pytest's start do not wait for it."""
    if name == "Cluster":
        from minikube_py.cluster import Cluster

        return Cluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
