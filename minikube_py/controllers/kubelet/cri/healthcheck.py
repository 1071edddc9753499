"""What answers at a Service's healthCheckNodePort: whether its node has endpoints of it
(pkg/proxy/healthcheck/service_health.go)."""

from __future__ import annotations

from aiohttp import web

from minikube_py.controllers.kubelet.cri.httpserver import half_open
from minikube_py.controllers.kubelet.cri.network import Factory
from minikube_py.machinery.gvr import NamespacedName


def health_server(service: NamespacedName, endpoints: int) -> Factory:
    body = (
        f'{{\n\t"service": {{\n\t\t"namespace": "{service.namespace}",\n\t\t"name": "{service.name}"\n\t}},\n'
        f'\t"localEndpoints": {endpoints},\n\t"serviceProxyHealthy": true\n}}'
    )
    headers = {"X-Content-Type-Options": "nosniff", "X-Load-Balancing-Endpoint-Weight": str(endpoints)}

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        status = 200 if endpoints else 503
        return web.Response(status=status, text=body, content_type="application/json", headers=headers)

    return half_open(web.Server(answer, access_log=None))
