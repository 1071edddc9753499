"""Which volumes are attachable, and which pods keep them attached. Pure.

Upstream: pkg/volume/csi csi_plugin.go CanAttach, pkg/volume/util IsMultiAttachAllowed and IsPodTerminated.
"""

from __future__ import annotations

import hashlib
import re

from minikube_py.controllers.runtime.pods import is_terminal, node_name
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import GroupVersionResource, Object

VOLUME_ATTACHMENTS = GroupVersionResource("storage.k8s.io", "v1", "volumeattachments")
CSI_DRIVERS = VOLUME_ATTACHMENTS._replace(resource="csidrivers")
MANAGED = "volumes.kubernetes.io/controller-managed-attach-detach"
"""The annotation of nodes whose kubelets leave it to this controller."""
COMPONENT = "attachdetach-controller"
"""The source of its events."""


def source_of(volume: Object) -> Object | None:
    """Its csi; None for a volume of another type."""
    source: Object | None = volume["spec"].get("csi")
    return source


def needs_attaching(volume: Object, driver: Object | None) -> bool:
    """`driver` is its CSIDriver, if there is one."""
    return source_of(volume) is not None and (driver is None or driver["spec"].get("attachRequired") is not False)


def allows_many(volume: Object) -> bool:
    """Whether it may be attached to several nodes at once."""
    modes = volume["spec"].get("accessModes") or ()
    return not modes or "ReadWriteMany" in modes or "ReadOnlyMany" in modes


def unique_name(volume: Object) -> str:
    """What the status of nodes calls it."""
    source = source_of(volume) or {}
    return f"kubernetes.io/csi/{source.get('driver')}^{source.get('volumeHandle')}"


def attachment_name(volume: Object, node: str) -> str:
    source = source_of(volume) or {}
    text = f"{source.get('volumeHandle')}{source.get('driver')}{node}"
    return f"csi-{hashlib.sha256(text.encode()).hexdigest()}"


def is_ours(attachment: Object) -> bool:
    """Whether this controller made it. What people make, of whatever volume, is theirs to delete."""
    return bool(_is_attachment_name(meta.name(attachment))) and bool(volume_of(attachment))


_is_attachment_name = re.compile("csi-[0-9a-f]{64}").fullmatch


def new_attachment(volume: Object, node: str) -> Object:
    return {
        "apiVersion": VOLUME_ATTACHMENTS.api_version,
        "kind": "VolumeAttachment",
        "metadata": {"name": attachment_name(volume, node)},
        "spec": {
            "attacher": (source_of(volume) or {})["driver"],
            "nodeName": node,
            "source": {"persistentVolumeName": meta.name(volume)},
        },
    }


def volume_of(attachment: Object) -> str:
    """The name of the volume; "" where it is given inline."""
    return attachment["spec"]["source"].get("persistentVolumeName") or ""


def node_of(attachment: Object) -> str:
    return str(attachment["spec"]["nodeName"])


def is_attached(attachment: Object) -> bool:
    return bool((attachment.get("status") or {}).get("attached")) and not meta.is_deleting(attachment)


def attach_error(attachment: Object) -> str:
    """What the attacher says went wrong; "" if nothing did."""
    return ((attachment.get("status") or {}).get("attachError") or {}).get("message") or ""


def keeps_attached(pod: Object) -> bool:
    """Whether the pod's volumes are to be attached to its node."""
    return bool(node_name(pod)) and not is_terminal(pod) and not (meta.is_deleting(pod) and _is_quiet(pod))


def _is_quiet(pod: Object) -> bool:
    """Whether no container runs."""
    status = pod.get("status") or {}
    fields = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
    states = (each.get("state") or {} for field in fields for each in status.get(field) or ())
    return all("terminated" in state or "waiting" in state for state in states)
