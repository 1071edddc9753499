"""The simulated external-attacher: what is to be attached is; what is deleted is not attached any more
(kubernetes-csi/external-attacher).

    kind: CSIDriver
    metadata:
      name: disk.example.com
      annotations:
        minikube-py/attach: 10s    # takes its time: 10 s; without, it attaches at once
        minikube-py/attach: never  # or leaves it to somebody else
"""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.client.protocol import MERGE_PATCH
from minikube_py.controllers.attachdetach.volumes import CSI_DRIVERS, VOLUME_ATTACHMENTS, attach_error, is_attached
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.machinery import meta
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.duration import parse_nanoseconds
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import is_deleting, name
from minikube_py.machinery.wellknown import PERSISTENT_VOLUMES

TAKES = "minikube-py/attach"


def takes(driver: Object | None) -> float | None:
    """Seconds until it has attached something; None: it never does. What cannot be read is passed over."""
    text = meta.annotations(driver).get(TAKES, "0") if driver is not None else "0"
    try:
        return None if text == "never" else parse_nanoseconds(text) / 1e9
    except ValueError:
        return 0.0


class Attacher:
    """An attachment that somebody has given an error is left alone, and one of a volume that there is not."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._clock = context.clock
        self._controller = controller
        self._attachments = context.lister(VOLUME_ATTACHMENTS)
        self._drivers = context.lister(CSI_DRIVERS)
        self._volumes = context.lister(PERSISTENT_VOLUMES)

    def watch(self) -> None:
        self._controller.watches_for(VOLUME_ATTACHMENTS)
        self._controller.watches(
            CSI_DRIVERS, lambda _: (NamespacedName("", name(each)) for each in self._attachments.list())
        )
        self._controller.watches(PERSISTENT_VOLUMES, self._of_volume)

    def _of_volume(self, volume: Object) -> Iterator[NamespacedName]:
        for each in self._attachments.list():
            if each["spec"]["source"].get("persistentVolumeName") == name(volume):
                yield NamespacedName("", name(each))

    async def reconcile(self, where: NamespacedName) -> Result | None:
        attachment = self._attachments.get(*where)
        if attachment is None or is_deleting(attachment) or is_attached(attachment) or attach_error(attachment):
            return None
        volume = attachment["spec"]["source"].get("persistentVolumeName")
        if volume and self._volumes.get("", volume) is None:
            return None
        after = takes(self._drivers.get("", attachment["spec"]["attacher"]))
        if after is None:
            return None
        remaining = parse_rfc3339(attachment["metadata"]["creationTimestamp"]) + after - self._clock.now()
        if after and remaining > 0:
            return Result(requeue_after=remaining)
        patch = {"status": {"attached": True}}
        try:
            await self._client.patch(
                VOLUME_ATTACHMENTS, "", where.name, patch, patch_type=MERGE_PATCH, subresource="status"
            )
        except StatusError as error:
            if not is_not_found(error):
                raise
        return None
