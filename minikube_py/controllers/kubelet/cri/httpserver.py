"""HTTP servers that answer who has sent all that he has to say, and closed his side of the connection: aiohttp's own
hang up on him.

printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc web 80
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from minikube_py.controllers.kubelet.cri.network import Factory
from minikube_py.controllers.kubelet.cri.wires import Wire


class _Connection(web.RequestHandler):
    __slots__ = ()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio's protocols may ask to be kept open
        """What has come is answered, and nothing else."""
        if isinstance(self.transport, Wire) and self.transport.abandoned:
            return False
        self.close()
        return True


def half_open(server: web.Server) -> Factory:
    options: dict[str, Any] = {"access_log": None}
    return lambda: _Connection(server, loop=asyncio.get_running_loop(), **options)
