"""A kubelet's own pages, on its node's port 10250, as the node proxy reaches them (pkg/kubelet/server/server.go)."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from minikube_py.controllers.kubelet.cri.network import Factory
from minikube_py.controllers.kubelet.logs import read_log
from minikube_py.controllers.kubelet.nodes import NodeTemplate
from minikube_py.controllers.kubelet.view import View
from minikube_py.controllers.runtime.podsonnode import BY_NODE
from minikube_py.machinery.errors import StatusError


class _All:
    """Log options of a plain request: everything there is."""

    follow = previous = timestamps = False
    since_seconds = since_time = tail_lines = limit_bytes = None
    stream = "All"

    def __init__(self, container: str) -> None:
        self.container = container


def kubelet_server(kubelets: View, template: NodeTemplate) -> Factory:
    """For one connection."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        parts = request.path.strip("/").split("/")
        if parts == ["healthz"]:
            return web.Response(text="ok")
        if parts == ["pods"]:
            pods = list(kubelets.pods.by_index(BY_NODE, template.name))
            return _json({"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": pods})
        if parts[0] == "containerLogs" and len(parts) == 4:
            return await _logs(parts[1], parts[2], parts[3])
        return web.Response(status=404, text="404 page not found\n")

    async def _logs(namespace: str, name: str, container: str) -> web.StreamResponse:
        pod = kubelets.pods.get(namespace, name)
        if pod is None or pod["spec"].get("nodeName") != template.name:
            return web.Response(status=404, text=f'pod "{name}" not found\n')
        try:
            pieces = [piece async for piece in read_log(kubelets.runtime, kubelets.clock, pod, _All(container))]
        except StatusError as error:
            return web.Response(status=error.code, text=f"{error}\n")
        return web.Response(body=b"".join(pieces), content_type="text/plain")

    return web.Server(answer, access_log=None)


def _json(tree: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(tree), content_type="application/json")
