"""What containers without a program answer on the ports that they declare: who they are, so that one sees where a
request has got to."""

from __future__ import annotations

from aiohttp import web

from minikube_py.controllers.kubelet.cri.network import Factory
from minikube_py.machinery.gvr import Object


def greeter(pod: Object, container: Object) -> Factory:
    """An HTTP server for one connection."""
    metadata = pod["metadata"]
    text = (
        f"Hello from simulated container {container['name']} of image {container['image']} "
        f"in pod {metadata['namespace']}/{metadata['name']}\n"
    )

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=text)

    return web.Server(answer, access_log=None)
