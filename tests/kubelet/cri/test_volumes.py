"""What commands in containers find of volumes and of their own root, and what they may write to."""

from __future__ import annotations

from typing import Any

from minikube_py.cluster import Cluster
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import log_of, pod


def running(name: str, script: str, volumes: list[Object], **rest: Any) -> Object:
    made = pod(name, "busybox", restart="Never", command=["/bin/sh", "-c", script], **rest)
    made["spec"].update(volumes=volumes, nodeName="node-1")
    return made


async def said(cluster: Cluster, made: Object) -> tuple[str, str]:
    await cluster.client.create(PODS, made)
    await cluster.settle()
    name = made["metadata"]["name"]
    return (await cluster.client.get(PODS, "default", name))["status"]["phase"], await log_of(cluster, name)


async def test_where_they_may_write() -> None:
    async with Cluster(port=None, clock="virtual", nodes=1) as cluster:
        mounts = [{"name": "v", "mountPath": "/v"}, {"name": "v", "mountPath": "/part", "subPath": "a/b"}]
        script = "echo x > /file; echo $0 $?; echo y > /part/y && cat /v/a/b/y; cat /v/a; touch /etc/new"
        made = running(
            "a",
            script,
            [{"name": "v", "emptyDir": {}}],
            volumeMounts=mounts,
            securityContext={"readOnlyRootFilesystem": True, "runAsUser": 7},
        )
        assert await said(cluster, made) == (
            "Failed",
            "/bin/sh: can't create /file: Read-only file system\n/bin/sh 1\ny\ncat: read error: Is a directory\n"
            "touch: /etc/new: Read-only file system\n",
        )


async def test_a_node_s_own_files() -> None:
    volumes = [
        {"name": "logs", "hostPath": {"path": "/var/log/"}},
        {"name": "hosts", "hostPath": {"path": "/etc/hosts", "type": "FileOrCreate"}},
        {"name": "new", "hostPath": {"path": "/var/log/new", "type": "FileOrCreate"}},
    ]
    mounts = [{"name": each["name"], "mountPath": f"/{each['name']}"} for each in volumes]
    async with Cluster(port=None, clock="virtual", nodes=1) as cluster:
        script = "tail -n 1 /hosts; cat /new; echo x > /new; ls /logs; echo y > /logs/y; hostname; echo $HOME"
        made = running("a", script, volumes, volumeMounts=mounts)
        assert await said(cluster, made) == ("Succeeded", "172.18.0.2\tnode-1\nnew\na\n/root\n")
        whole = [{"name": "node", "hostPath": {"path": "/"}}]
        mounted = [{"name": "node", "mountPath": "/host", "readOnly": True}]
        made = running("b", "cat /host/var/log/*; touch /host/x", whole, volumeMounts=mounted)
        assert await said(cluster, made) == ("Failed", "x\ny\ntouch: /host/x: Read-only file system\n")
