"""agnhost nonewprivs: says whose its process is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    await session.say(f"Effective uid: {session.user.uid}\n")
    return 0
