"""What Go's package log writes: lines on standard error with the time before them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.session import Session


async def log(session: Session, message: str) -> None:
    when = datetime.fromtimestamp(session.now(), UTC)
    await session.complain(f"{when:%Y/%m/%d %H:%M:%S} {message}")


async def klog(session: Session, message: str, severity: str = "I", source: str = "main.go:1") -> None:
    """As k8s.io/klog has it; severity by its letter."""
    when = datetime.fromtimestamp(session.now(), UTC)
    await session.complain(f"{severity}{when:%m%d %H:%M:%S.%f}       1 {source}] {message}")
