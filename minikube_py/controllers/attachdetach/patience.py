"""How long attachers are waited for (pkg/volume/csi/csi_attacher.go waitForVolumeAttachment)."""

from __future__ import annotations

from minikube_py.controllers.attachdetach.volumes import source_of
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name

TIMEOUT = 120.0
"""Seconds that an attacher has, each time it is tried (csiTimeout)."""


class Patience:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[tuple[str, str], float] = {}
        """Volumes and nodes whose attachments are waited for, and since when."""

    def remaining(self, volume: str, node: str) -> float:
        """Seconds; 0 where it is over, and waiting begins anew."""
        now = self._clock.now()
        since = self._since.setdefault((volume, node), now)
        if now - since < TIMEOUT:
            return since + TIMEOUT - now
        self._since[volume, node] = now
        return 0.0

    def forget(self, volume: str, node: str) -> None:
        """It has come, or is not waited for."""
        self._since.pop((volume, node), None)


def timed_out(volume: Object) -> str:
    source = source_of(volume) or {}
    doing = f"attach volume {source.get('volumeHandle')}"
    return f": timed out waiting for external-attacher of {source.get('driver') or name(volume)} CSI driver to {doing}"
