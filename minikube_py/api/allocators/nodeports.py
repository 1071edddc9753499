"""Node ports (pkg/registry/core/service/portallocator)."""

from __future__ import annotations

from minikube_py.api.allocators.band import Band, static_band
from minikube_py.api.allocators.errors import AllocationError
from minikube_py.machinery.random import Random

_ALLOCATED = "provided port is already allocated"
_DRY_RUN_BASE = 32768
"""A dry run shows the ports after this one, as upstream does: dummies, for it takes none."""


class NodePorts:
    """Ports of one range, "30000-32767"; both ends belong to it."""

    def __init__(self, port_range: str, random: Random) -> None:
        """Raises ValueError."""
        low, dash, high = port_range.partition("-")
        self._base = int(low)
        size = (int(high) if dash else self._base) - self._base + 1
        if size < 1:
            raise ValueError(f"no port range: {port_range}")
        self._band = Band(size, static_band(size, 32, 128), random)

    def __str__(self) -> str:
        return f"{self._base}-{self._base + self._band.size - 1}"

    def has(self, port: int) -> bool:
        return port - self._base in self._band

    def allocate(self, port: int) -> None:
        """Raises AllocationError."""
        if not 0 <= port - self._base < self._band.size:
            text = f"provided port is not in the valid range. The range of valid ports is {self}"
            raise AllocationError(text)
        if not self._band.take(port - self._base):
            raise AllocationError(_ALLOCATED)

    def allocate_next(self) -> int:
        """Raises Full."""
        return self._base + self._band.take_any()

    def release(self, port: int) -> None:
        """Releasing what is free, or of another range, does nothing."""
        self._band.give_back(port - self._base)

    def clear(self) -> None:
        self._band.clear()

    def __len__(self) -> int:
        """How many are allocated."""
        return len(self._band)


class NodePortOperation:
    """What one write takes and gives back, undone if the write fails. A dry run changes nothing."""

    def __init__(self, ports: NodePorts, dry_run: bool) -> None:
        self._ports = ports
        self._dry_run = dry_run
        self._allocated: list[int] = []
        self._released: list[int] = []

    def allocate(self, port: int) -> None:
        """Raises AllocationError."""
        if not self._dry_run:
            self._ports.allocate(port)
        elif self._ports.has(port) or port in self._allocated:
            raise AllocationError(_ALLOCATED)
        self._allocated.append(port)

    def allocate_next(self) -> int:
        """Raises Full."""
        port = max(self._allocated, default=_DRY_RUN_BASE) + 1 if self._dry_run else self._ports.allocate_next()
        self._allocated.append(port)
        return port

    def release(self, port: int) -> None:
        """Once the write has succeeded."""
        self._released.append(port)

    def finish(self, success: bool) -> None:
        if self._dry_run:
            return
        for port in self._released if success else self._allocated:
            self._ports.release(port)
