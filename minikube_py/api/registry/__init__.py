"""The registry: the API server's verbs, written once."""

from __future__ import annotations

from minikube_py.api.registry.registry import Registry

__all__ = ["Registry"]
