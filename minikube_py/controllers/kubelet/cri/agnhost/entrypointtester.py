"""agnhost entrypoint-tester: says with which words it was started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    await session.say(f"[{' '.join(argv)}]\n")
    return 0
