"""What Services are given out of finite ranges: cluster IPs and node ports (pkg/registry/core/service/ipallocator
and portallocator)."""

from __future__ import annotations

from minikube_py.api.allocators.allocators import Allocators
from minikube_py.api.allocators.clusterips import ClusterIPs
from minikube_py.api.allocators.errors import AllocationError, Full
from minikube_py.api.allocators.nodeports import NodePortOperation, NodePorts

__all__ = ["AllocationError", "Allocators", "ClusterIPs", "Full", "NodePortOperation", "NodePorts"]
