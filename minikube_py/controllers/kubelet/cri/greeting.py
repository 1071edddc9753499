"""What containers without a program answer: nginx what it serves; others, on the ports that they declare, who they are,
so that one sees where a request has got to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from aiohttp import web

from minikube_py.controllers.kubelet.cri.network import Factory
from minikube_py.controllers.kubelet.cri.nginximage import PORT, is_nginx
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.streams import CommandFailed

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container


def ports_of(container: Object) -> Iterator[int]:
    """On which it answers."""
    for each in container.get("ports") or ():
        if each.get("protocol", "TCP") == "TCP":
            yield each["containerPort"]
    if is_nginx(container["image"]):
        yield PORT


def server_of(pod: Object, container: Object, inside: Callable[[], Awaitable[Container]]) -> Factory:
    """An HTTP server for one connection."""
    return _nginx(inside) if is_nginx(container["image"]) else greeter(pod, container)


def _nginx(inside: Callable[[], Awaitable[Container]]) -> Factory:
    from minikube_py.controllers.kubelet.cri.nginx import answer

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await answer(await inside(), request)
        except CommandFailed as failure:
            return web.Response(status=500, text=f"{failure}\n")

    return web.Server(handler, access_log=None)


def greeter(pod: Object, container: Object) -> Factory:
    """Says who it is."""
    metadata = pod["metadata"]
    text = (
        f"Hello from simulated container {container['name']} of image {container['image']} "
        f"in pod {metadata['namespace']}/{metadata['name']}\n"
    )

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=text)

    return web.Server(answer, access_log=None)
