"""What there is at the addresses of the simulated network besides programs that listen: the kubelets themselves, and
containers of which nobody knows what runs in them."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator, Mapping

from minikube_py.controllers.kubelet.cri.network import Factory
from minikube_py.controllers.kubelet.cri.runtime import no_route
from minikube_py.controllers.kubelet.cri.serviceproxy import protocol_of
from minikube_py.controllers.kubelet.nodes import KUBELET_PORT, NodeTemplate
from minikube_py.controllers.kubelet.podstatus import FINISHED
from minikube_py.controllers.kubelet.view import View
from minikube_py.controllers.runtime.podsonnode import BY_NODE
from minikube_py.machinery.gvr import Object

LOOPBACK = "127.0.0.1"


class Reach:
    """Implements the runtime's Nodes."""

    def __init__(self, kubelets: View) -> None:
        self._kubelets = kubelets

    def is_node(self, address: str) -> bool:
        return self._node_of(address) is not None

    def node_of(self, address: str) -> str:
        template = self._node_of(address)
        if template is None:
            ip = ipaddress.ip_address(address) if address else None
            nodes = self._kubelets.nodes.values()
            template = next((each for each in nodes if ip and ip in ipaddress.ip_network(each.pod_cidr)), None)
        return template.name if template is not None else ""

    def allocatable(self, node: str) -> Mapping[str, str]:
        template = self._kubelets.nodes.get(node)
        return template.capacity if template is not None else {}

    def version(self, node: str) -> str:
        template = self._kubelets.nodes.get(node)
        return template.version if template is not None else ""

    def answer(self, address: str, port: int) -> Factory | None:
        """Who answers where no program listens; None if nobody does. Raises OSError for an address without anybody."""
        if (template := self._node_of(address)) is not None:
            if template.name in self._kubelets.stopped:
                raise no_route(address, port)
            if port == KUBELET_PORT:
                return self._kubelet(template)
            return self._kubelets.runtime.health_check(template.name, port) or self._on_host(template, port)
        pod = self._pod_at(address)
        if pod is None:
            raise no_route(address, port)
        return self._greeter(pod, port)

    def forwarded(self, source: str, address: str, port: int, protocol: str) -> tuple[str, int]:
        """A running pod's container has the port of its node. 127.0.0.1 is who asks."""
        there = source if address == LOOPBACK else address
        template = self._node_of(there)
        if template is None:
            return there, port
        for pod in self._pods_on(template):
            for container in pod["spec"]["containers"]:
                for each in container.get("ports") or ():
                    if each.get("hostPort") == port and _is_at(each, address, protocol):
                        return str(pod["status"]["podIP"]), int(each["containerPort"])
        return there, port

    def _node_of(self, address: str) -> NodeTemplate | None:
        return next((each for each in self._kubelets.nodes.values() if each.address == address), None)

    def _pod_at(self, address: str) -> Object | None:
        ip = ipaddress.ip_address(address)
        for template in self._kubelets.nodes.values():
            if ip in ipaddress.ip_network(template.pod_cidr) and template.name not in self._kubelets.stopped:
                for pod in self._pods_on(template):
                    if pod["status"]["podIP"] == address:
                        return pod
        return None

    def _pods_on(self, template: NodeTemplate) -> Iterator[Object]:
        """Those that have an address."""
        for pod in self._kubelets.pods.by_index(BY_NODE, template.name):
            status = pod.get("status") or {}
            if status.get("podIP") and status.get("phase") not in FINISHED:
                yield pod

    def _on_host(self, template: NodeTemplate, port: int) -> Factory | None:
        found = (self._greeter(pod, port) for pod in self._pods_on(template) if pod["spec"].get("hostNetwork"))
        return next((each for each in found if each is not None), None)

    def _kubelet(self, template: NodeTemplate) -> Factory:
        from minikube_py.controllers.kubelet.kubeletserver import kubelet_server

        return kubelet_server(self._kubelets, template)

    def _greeter(self, pod: Object, port: int) -> Factory | None:
        """Of a container that has the port and no program."""
        from minikube_py.controllers.kubelet.cri.greeting import ports_of, server_of

        runtime = self._kubelets.runtime
        running = {
            each["name"]: each
            for each in (pod.get("status") or {}).get("containerStatuses") or ()
            if "running" in each["state"]
        }
        for container in pod["spec"]["containers"]:
            status, record = running.get(container["name"]), runtime.record(pod, container["name"])
            if status is None or (record is not None and record.process is not None):
                continue
            if port in ports_of(container):
                return server_of(pod, container, functools.partial(runtime.inside, pod, container, status))
        return None


def _is_at(port: Object, address: str, protocol: str) -> bool:
    return protocol_of(port) == protocol and port.get("hostIP", "") in ("", "0.0.0.0", address)
