"""What programs of simulated containers are written with.

from aiohttp import web
from minikube_py.images import Container

async def hello(container: Container) -> None:
    await container.serve_http(8080, lambda request: web.Response(text="Hello"))
    await container.forever()

Cluster(images={"example/hello:*": hello})          # or: minikube-py serve --images FILE, with IMAGES = {...} in it
Cluster(images={"example/hello:broken": None})      # there is no such image: pulling it fails
"""

from __future__ import annotations

from minikube_py.controllers.kubelet.cri.container import Container
from minikube_py.controllers.kubelet.cri.images import Images, Program

__all__ = ["Container", "Images", "Program"]
