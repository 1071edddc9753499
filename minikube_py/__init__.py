"""minikube-py: an in-memory Kubernetes control plane in one Python process."""

from __future__ import annotations

__version__ = "0.1.0"
