"""The simulated external-attacher: what is to be attached is, at once and for all drivers; what is deleted is not
attached any more (kubernetes-csi/external-attacher)."""

from __future__ import annotations

from minikube_py.client.protocol import MERGE_PATCH
from minikube_py.controllers.attachdetach.volumes import VOLUME_ATTACHMENTS, attach_error, is_attached
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.meta import is_deleting


class Attacher:
    """An attachment that somebody has given an error is left alone."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._attachments = context.lister(VOLUME_ATTACHMENTS)

    def watch(self) -> None:
        self._controller.watches_for(VOLUME_ATTACHMENTS)

    async def reconcile(self, where: NamespacedName) -> None:
        attachment = self._attachments.get(*where)
        if attachment is None or is_deleting(attachment) or is_attached(attachment) or attach_error(attachment):
            return
        patch = {"status": {"attached": True}}
        try:
            await self._client.patch(
                VOLUME_ATTACHMENTS, "", where.name, patch, patch_type=MERGE_PATCH, subresource="status"
            )
        except StatusError as error:
            if not is_not_found(error):
                raise
