"""Claims, volumes and classes for the tests of their controllers."""

from __future__ import annotations

from typing import Any

from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES
from tests.controllers.apiworld import ApiWorld

RWO, RWX, ROX = "ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"


def metadata(name: str, *, uid: str = "", namespace: str = "", **more: Any) -> Object:
    made = {"name": name, "uid": uid, "namespace": namespace, **more}
    return {field: value for field, value in made.items() if value}


def claim(
    name: str = "db", size: str = "1Gi", *modes: str, uid: str = "", notes: dict[str, str] | None = None, **spec: Any
) -> Object:
    """In namespace default; of no class unless told."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata(name, uid=uid, namespace="default", annotations=notes),
        "spec": {
            "accessModes": list(modes or (RWO,)),
            "resources": {"requests": {"storage": size}},
            "storageClassName": "",
            **spec,
        },
    }


def volume(
    name: str = "disk",
    size: str = "1Gi",
    *modes: str,
    phase: str = "",
    notes: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    **spec: Any,
) -> Object:
    source = {} if "nfs" in spec else {"hostPath": {"path": "/data"}}
    made: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": metadata(name, annotations=notes, labels=labels),
        "spec": {"accessModes": list(modes or (RWO,)), "capacity": {"storage": size}, **source, **spec},
    }
    return {**made, "status": {"phase": phase}} if phase else made


def storage_class(
    name: str, *, delayed: bool = False, provisioner: str = "minikube-py.io/simulated", **more: Any
) -> Object:
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": metadata(name, **more.pop("metadata", {})),
        "provisioner": provisioner,
        "volumeBindingMode": "WaitForFirstConsumer" if delayed else "Immediate",
        **more,
    }


def reference(name: str = "db", uid: str = "") -> Object:
    made = {"namespace": "default", "name": name, "uid": uid}
    return {field: value for field, value in made.items() if value}


async def get_claim(world: ApiWorld, name: str = "db") -> Object:
    return await world.client.get(PERSISTENT_VOLUME_CLAIMS, "default", name)


async def claim_is(world: ApiWorld, name: str = "db") -> tuple[str, str]:
    """Its phase and volume, once all is settled."""
    await world.settle()
    found = await get_claim(world, name)
    return found["status"]["phase"], found["spec"].get("volumeName") or ""


async def phases(world: ApiWorld) -> dict[str, str]:
    """Of the volumes, once all is settled."""
    await world.settle()
    found = (await world.client.list(PERSISTENT_VOLUMES)).items
    return {each["metadata"]["name"]: each["status"]["phase"] for each in found}
