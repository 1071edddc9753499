"""agnhost pause: is there until it is told to stop, and says then that it was."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.farewell import DEFAULT_PATH

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

TERMINATED = 2


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    await session.say("Paused\nSignals registered\n")
    try:
        await container.forever()
    except asyncio.CancelledError:
        message = 'exiting because of signal "terminated"\n'
        with contextlib.suppress(OSError):
            path = session.env.get("TERMINATION_MESSAGE_PATH") or DEFAULT_PATH
            await session.files.write(path, message.encode())
        await session.say(message)
    return TERMINATED
