"""Nodes as people handle them: added, removed, stopped and started while the cluster runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from minikube_py.client.protocol import Client
from minikube_py.controllers.kubelet.kubelet import Kubelets
from minikube_py.controllers.kubelet.nodes import CLUSTER_CIDR, NodeTemplate, new_node, next_free
from minikube_py.machinery import errors
from minikube_py.machinery.cause import Cause, because
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import NODES


class Fleet:
    """A cluster's simulated nodes.

    await cluster.nodes.add("big", capacity={"cpu": "64"})
    await cluster.nodes.stop("node-1")       # NotReady after 50 s; its pods are evicted 300 s later
    await cluster.nodes.start("node-1")
    await cluster.nodes.remove("node-1")

    Nodes that somebody makes by themselves, with KWOK's annotation kwok.x-k8s.io/node, are among them for as long as
    their Nodes are there. A node of the cluster's own whose Node is deleted stays away until it is started again, or
    another of its name is made.
    """

    def __init__(
        self,
        client: Client,
        clock: Clock,
        kubelets: Kubelets | None,
        version: str,
        cluster_cidr: str = CLUSTER_CIDR,
    ) -> None:
        """`kubelets` is None where none run; `version` is that of added nodes ("1.36"), which take their networks from
        `cluster_cidr`."""
        self._client = client.as_user_agent("minikube-py")
        self._clock = clock
        self._kubelets = kubelets
        self._version = version
        self._cluster_cidr = cluster_cidr

    @property
    def names(self) -> list[str]:
        """Of those that are simulated."""
        return list(self._kubelets.nodes) if self._kubelets is not None else []

    @property
    def stopped(self) -> list[str]:
        return [name for name in self.names if self._kubelets is not None and name in self._kubelets.stopped]

    async def add(
        self,
        name: str = "",
        *,
        labels: Mapping[str, str] | None = None,
        taints: Sequence[Object] = (),
        capacity: Mapping[str, str] | None = None,
    ) -> Object:
        """One more node, by default named as the next of "node-1", "node-2"; the Node as it was made. What capacity
        does not name is as of other nodes. Raises StatusError: 409 if there is one of the name, 422 for what makes no
        sense, 400 in a cluster without kubelets."""
        if self._kubelets is None:
            raise errors.bad_request("no kubelets run here")
        template = await self._template(name)
        template = replace(
            template,
            labels=dict(labels or {}),
            taints=tuple(taints),
            capacity={**template.capacity, **(capacity or {})},
        )
        with self._because("add", template.name):
            node = await self._client.create(NODES, new_node(template, self._clock.now()))
        if template.name not in self._kubelets.nodes:  # unless its Node was taken on by itself
            self._kubelets.add_node(template)
        return node

    async def remove(self, name: str) -> None:
        """Its kubelet ends, and the Node is deleted. Raises StatusError, 404 for one that is not there."""
        known = self._kubelets is not None and name in self._kubelets.nodes
        if self._kubelets is not None and known:
            self._kubelets.remove_node(name)
        with self._because("remove", name):
            try:
                await self._client.delete(NODES, "", name)
            except StatusError as error:
                if not (known and is_not_found(error)):
                    raise

    async def stop(self, name: str) -> None:
        """Its kubelet falls silent, as if the machine were switched off; the containers' state stays as it is.
        Idempotent. Raises StatusError 404 for one that is not simulated."""
        self._running(name).stop_node(name)

    async def start(self, name: str) -> None:
        """Its kubelet starts again, makes its Node if that was deleted, and catches up on its pods. Idempotent.
        Raises StatusError 404 for one that is not simulated."""
        self._running(name).start_node(name)

    def _running(self, name: str) -> Kubelets:
        if self._kubelets is None or name not in self._kubelets.nodes:
            raise errors.not_found(NODES.group_resource, name)
        return self._kubelets

    async def _template(self, name: str) -> NodeTemplate:
        present = self._kubelets.nodes if self._kubelets is not None else {}
        networks = {(each.get("spec") or {}).get("podCIDR") for each in (await self._client.list(NODES)).items}
        return next_free(present, networks, self._version, name, self._cluster_cidr)

    def _because(self, verb: str, name: str) -> because:
        return because(Cause("request", "minikube-py", f"node {verb} {name}", started=self._clock.now()))
