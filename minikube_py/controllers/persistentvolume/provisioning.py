"""Provisioning: having a volume made for a claim (pv_controller.go provisionClaim)."""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.binder import Binder
from minikube_py.controllers.persistentvolume.binding import annotated
from minikube_py.controllers.persistentvolume.claimplan import Event, Provision
from minikube_py.controllers.persistentvolume.migration import (
    BETA_STORAGE_PROVISIONER,
    CSI_MIGRATED,
    STORAGE_PROVISIONER,
)
from minikube_py.controllers.persistentvolume.provisioner import (
    refusal,
    simulates,
    volume_for,
    volume_name,
)
from minikube_py.controllers.persistentvolume.storageclass import SELECTED_NODE
from minikube_py.controllers.runtime import Context
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import key, name
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUMES


def external_name(storage_class: Object) -> str:
    """Who is to make the class's volumes; "" if nobody can."""
    provisioner = str(storage_class["provisioner"])
    if provisioner.startswith("kubernetes.io/") and not simulates(storage_class):
        return CSI_MIGRATED.get(provisioner, "")
    return provisioner


class Provisioning:
    def __init__(self, context: Context, binder: Binder) -> None:
        self._binder = binder
        self._nodes = context.lister(NODES)

    async def provision(self, claim: Object, wanted: Provision) -> bool:
        """Whether a volume was made; if not, an event says why, and it is to be tried again. Raises StatusError."""
        storage_class = wanted.storage_class
        if storage_class is None:
            return self._failed(claim, f'storageclass.storage.k8s.io "{wanted.class_name}" not found')
        provisioner = external_name(storage_class)
        if not provisioner:
            return self._failed(claim, f"no volume plugin matched name: {storage_class['provisioner']}")
        claim = await self._ask(claim, provisioner)
        if not simulates(storage_class):
            self._binder.tell(claim, _waiting_for(provisioner))
            return False
        return await self._simulate(claim, storage_class)

    async def _ask(self, claim: Object, provisioner: str) -> Object:
        if meta.annotations(claim).get(STORAGE_PROVISIONER) == provisioner:
            return claim
        notes = {BETA_STORAGE_PROVISIONER: provisioner, STORAGE_PROVISIONER: provisioner}
        return await self._binder.update_claim(annotated(claim, notes))

    async def _simulate(self, claim: Object, storage_class: Object) -> bool:
        if self._binder.volumes.get(NamespacedName("", volume_name(claim))) is not None:
            return True
        node = meta.annotations(claim).get(SELECTED_NODE)
        if node is not None and self._nodes.get("", node) is None:
            return self._failed(claim, f'Failed to get target node: node "{node}" not found')
        if problem := refusal(claim):
            if node is not None:
                claim = await self._binder.update_claim(annotated(claim, {}, SELECTED_NODE))
            said = f'Failed to provision volume with StorageClass "{name(storage_class)}": {problem}'
            return self._failed(claim, said)
        try:
            made = await self._binder.client.create(PERSISTENT_VOLUMES, volume_for(claim, storage_class))
        except StatusError as error:
            if is_already_exists(error):
                return True
            said = f"Error creating provisioned PV object for claim {key(claim)}: {error}. Deleting the volume."
            self._failed(claim, said)
            raise
        self._binder.volumes.wrote(made)
        said = f"Successfully provisioned volume {name(made)} using {storage_class['provisioner']}"
        self._binder.tell(claim, Event("Normal", "ProvisioningSucceeded", said))
        return True

    def _failed(self, claim: Object, problem: str) -> bool:
        self._binder.tell(claim, Event("Warning", "ProvisioningFailed", problem))
        return False


def _waiting_for(provisioner: str) -> Event:
    return Event(
        "Normal",
        "ExternalProvisioning",
        f"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the "
        "system administrator. If volume creation is delayed, please verify that the provisioner is running and "
        "correctly registered.",
    )
