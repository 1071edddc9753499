"""The nodes that kubelets register, and their leases (pkg/kubelet/kubelet_node_status.go, nodestatus/setters.go)."""

from __future__ import annotations

import ipaddress
import itertools
import uuid
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from minikube_py.machinery.clock import rfc3339, rfc3339_micro
from minikube_py.machinery.declaredfeatures import declared
from minikube_py.machinery.gvr import Object

LEASE_NAMESPACE = "kube-node-lease"
LEASE_SECONDS = 40
RENEWAL = 10.0
"""Seconds between renewals of the lease (nodeLeaseDurationSeconds / 4)."""
KUBELET_PORT = 10250
HEARTBEAT = 300.0
"""Seconds between reports of an unchanged status (nodeStatusReportFrequency)."""

_FIRST_ADDRESS = ipaddress.IPv4Address("172.18.0.2")
CLUSTER_CIDR = "10.244.0.0/16"
_IDS = uuid.UUID("7a6f6e65-0000-4000-8000-6d696e696b75")

CAPACITY = {
    "cpu": "32",
    "ephemeral-storage": "1Ti",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    "memory": "256Gi",
    "pods": "250",
}

_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


@dataclass(frozen=True)
class NodeTemplate:
    """A node to be simulated."""

    name: str
    address: str
    """Its InternalIP."""
    pod_cidr: str
    version: str
    """Of its kubelet: "v1.36.0"."""
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[Object, ...] = ()
    capacity: dict[str, str] = field(default_factory=lambda: CAPACITY)
    given: Object | None = None
    """The status that whoever made the Node gave it: what it says goes before all else."""


def numbered(number: int, version: str, cluster_cidr: str = CLUSTER_CIDR) -> NodeTemplate:
    """The `number`-th of a cluster's nodes, from 1: node-1, 172.18.0.2, 10.244.0.0/24. Nodes for which the range is too
    small go on behind its end."""
    first_network = ipaddress.IPv4Network(cluster_cidr).network_address
    return NodeTemplate(
        f"node-{number}",
        str(_FIRST_ADDRESS + number - 1),
        f"{first_network + 256 * (number - 1)}/24",
        full_version(version),
    )


def next_free(
    present: Mapping[str, NodeTemplate],
    networks: Container[str | None],
    version: str,
    name: str = "",
    cluster_cidr: str = CLUSTER_CIDR,
) -> NodeTemplate:
    """The next of a cluster's nodes that is free, or with its addresses one of another name. `networks` are those that
    other Nodes have."""
    addresses = {each.address for each in present.values()}
    for number in itertools.count(1):
        template = numbered(number, version, cluster_cidr)
        free = template.address not in addresses and template.pod_cidr not in networks
        if free and (name or template.name not in present):
            return replace(template, name=name or template.name)
    raise AssertionError("numbers do not end")


FAKE = "kwok.x-k8s.io/node"
"""The annotation of Nodes that are to be simulated: KWOK's, with any value."""


def is_fake(node: Object) -> bool:
    return FAKE in (node["metadata"].get("annotations") or ())


def is_any(node: Object) -> bool:
    """All Nodes are."""
    return True


def as_given(node: Object, free: NodeTemplate) -> NodeTemplate:
    """A template of a Node that somebody made: what it does not say is as of a `free` one."""
    spec, status = node.get("spec") or {}, node.get("status") or {}
    addresses = [each["address"] for each in status.get("addresses") or () if each["type"] == "InternalIP"]
    info = {field: text for field, text in (status.get("nodeInfo") or {}).items() if text}
    capacity = status.get("capacity") or status.get("allocatable")
    given = {"nodeInfo": info}
    if capacity:
        given |= {"capacity": capacity, "allocatable": status.get("allocatable") or capacity}
    return replace(
        free,
        address=addresses[0] if addresses else free.address,
        pod_cidr=_ipv4_network(spec.get("podCIDR")) or free.pod_cidr,
        version=info.get("kubeletVersion") or free.version,
        given=given,
    )


def _ipv4_network(cidr: str | None) -> str:
    """ "" for what is none."""
    return cidr if cidr and ":" not in cidr else ""


def full_version(version: str) -> str:
    """ "1.36" -> "v1.36.0"."""
    bare = version.removeprefix("v")
    return f"v{bare}.0" if bare.count(".") == 1 else f"v{bare}"


def default_labels(name: str) -> dict[str, str]:
    """Those that kubelets give their nodes."""
    return {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }


def new_node(template: NodeTemplate, now: float) -> Object:
    labels = {**default_labels(template.name), **template.labels}
    spec: Object = {"podCIDR": template.pod_cidr, "podCIDRs": [template.pod_cidr]}
    if template.taints:
        spec["taints"] = list(template.taints)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": template.name,
            "labels": labels,
            "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
        },
        "spec": spec,
        "status": node_status(template, {}, now),
    }


def node_status(template: NodeTemplate, old: Object, now: float) -> Object:
    """As the kubelet reports it; what others wrote is kept."""
    return {
        **old,
        "addresses": [
            {"type": "InternalIP", "address": template.address},
            {"type": "Hostname", "address": template.name},
        ],
        **_resources(template, old),
        "conditions": _conditions(old, rfc3339(now)),
        "daemonEndpoints": {"kubeletEndpoint": {"Port": KUBELET_PORT}},
        "nodeInfo": _node_info(template),
        "images": old.get("images") or [],
        **({"declaredFeatures": features} if (features := declared(_minor(template.version))) else {}),
    }


def _minor(version: str) -> int:
    """Of "v1.36.0"; 0 of what is no version."""
    found = version.split(".")[1:2]
    return int(found[0]) if found and found[0].isdecimal() else 0


def _resources(template: NodeTemplate, old: Object) -> Object:
    """Resources that others than kubelets tell of are kept, and so is all of a Node that came with its own."""
    given = template.given or {}
    if "capacity" in given:
        now = {"capacity": old.get("capacity") or given["capacity"]}
        return {**now, "allocatable": old.get("allocatable") or given["allocatable"]}
    extended = {name: amount for name, amount in (old.get("capacity") or {}).items() if "/" in name}
    capacity = {**extended, **template.capacity} if extended else template.capacity
    return {"capacity": capacity, "allocatable": capacity}


def _conditions(old: Object, now: str) -> list[Object]:
    former = {each["type"]: each for each in old.get("conditions") or ()}
    conditions: list[Object] = []
    for type, status, reason, message in _CONDITIONS:
        before = former.pop(type, None)
        since = before["lastTransitionTime"] if before is not None and before["status"] == status else now
        times = {"lastHeartbeatTime": now, "lastTransitionTime": since}
        conditions.append({"type": type, "status": status, **times, "reason": reason, "message": message})
    return [*former.values(), *conditions]


def _node_info(template: NodeTemplate) -> dict[str, Any]:
    machine = uuid.uuid5(_IDS, template.name)
    return {
        "machineID": machine.hex,
        "systemUUID": str(uuid.uuid5(machine, "system")),
        "bootID": str(uuid.uuid5(machine, "boot")),
        "kernelVersion": "6.8.0-simulated",
        "osImage": "Simulated node",
        "containerRuntimeVersion": "containerd://2.1.0",
        "kubeletVersion": template.version,
        "kubeProxyVersion": "",
        "operatingSystem": "linux",
        "architecture": "amd64",
        **(template.given or {}).get("nodeInfo", {}),
    }


def new_lease(node: Object, now: float) -> Object:
    name, uid = node["metadata"]["name"], node["metadata"]["uid"]
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": name,
            "namespace": LEASE_NAMESPACE,
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": name, "uid": uid}],
        },
        "spec": {"holderIdentity": name, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": rfc3339_micro(now)},
    }


def renewed(lease: Object, now: float) -> Object:
    return {**lease, "spec": {**lease["spec"], "renewTime": rfc3339_micro(now)}}
