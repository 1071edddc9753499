"""Pods and nodes as the scheduler and the kubelets meet them, and their world."""

from __future__ import annotations

from typing import Any

from minikube_py.controllers.scheduler.podinfo import PodInfo, PodInfos
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import EVENTS, NAMESPACES, NODES, PODS
from tests.controllers.conftest import World, server_client


def node(name: str, *, cpu: str = "4", memory: str = "8Gi", pods: str = "110", **spec: Any) -> Object:
    labels = spec.pop("labels", {})
    scalars = spec.pop("scalars", {})
    allocatable = {"cpu": cpu, "memory": memory, "ephemeral-storage": "10Gi", "pods": pods, **scalars}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **labels}},
        "spec": spec,
        "status": {"allocatable": allocatable},
    }


def container(
    name: str = "web", *, image: str = "web:1", requests: dict[str, str] | None = None, **more: Any
) -> Object:
    made: Object = {"name": name, "image": image, **more}
    if requests:
        made["resources"] = {"requests": requests}
    return made


def pod(name: str = "a", *, requests: dict[str, str] | None = None, **spec: Any) -> Object:
    metadata = {"name": name, "namespace": "default", **spec.pop("metadata", {})}
    spec.setdefault("containers", [container(requests=requests)])
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


INFOS = PodInfos()


def pod_info(pod: Object, uid: str = "") -> PodInfo:
    """Of a pod by the uid given, or its name."""
    metadata = pod["metadata"]
    return INFOS.of({**pod, "metadata": {**metadata, "uid": uid or metadata["name"]}})


class PodWorld(World):
    """Against the API server in process, without admission."""

    def __init__(self, lag: int = 0) -> None:
        super().__init__(lag, server_client)

    async def begin(self) -> None:
        for name in ("default", "kube-node-lease"):
            await self.client.create(NAMESPACES, {"metadata": {"name": name}})

    async def nodes(self, *nodes: Object) -> None:
        for each in nodes:
            await self.client.create(NODES, each)

    async def create(self, *pods: Object) -> None:
        for each in pods:
            await self.client.create(PODS, each)

    async def get(self, name: str = "a") -> Object:
        return await self.client.get(PODS, "default", name)

    async def placed(self) -> dict[str, str]:
        """The pods' nodes, by pod."""
        items = (await self.client.list(PODS)).items
        return {each["metadata"]["name"]: each["spec"].get("nodeName", "") for each in items}

    async def events(self, kind: str = "Pod") -> list[str]:
        """Object, reason and message, in the order they were recorded."""
        items = [each for each in (await self.client.list(EVENTS)).items if each["involvedObject"]["kind"] == kind]
        items.sort(key=lambda each: int(each["metadata"]["name"].rpartition(".")[2], 16))
        return [f"{each['involvedObject']['name']} {each['reason']}: {each['message']}" for each in items]


def condition(pod: Object, type: str) -> Object:
    found: Object = next(each for each in pod["status"]["conditions"] if each["type"] == type)
    return found
