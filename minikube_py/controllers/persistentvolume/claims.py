"""Reconciling claims: acting on the claim's plan."""

from __future__ import annotations

from minikube_py.controllers.persistentvolume.binder import Binder
from minikube_py.controllers.persistentvolume.binding import LOST, PENDING, phase
from minikube_py.controllers.persistentvolume.claimplan import (
    AssignClass,
    Bind,
    Known,
    Lose,
    Provision,
    Wait,
    plan,
)
from minikube_py.controllers.persistentvolume.migration import migrated_claim
from minikube_py.controllers.persistentvolume.provisioning import Provisioning
from minikube_py.controllers.runtime import Context, Result
from minikube_py.controllers.runtime.podclaims import pods_by_claim, users
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import STORAGE_CLASSES

RESYNC = 15.0
"""Seconds after which a claim that waits is looked at, and told of, again (PVClaimBinderSyncPeriod)."""


class ClaimReconciler:
    def __init__(self, context: Context, binder: Binder) -> None:
        self._binder = binder
        self._provisioning = Provisioning(context, binder)
        self._classes = context.lister(STORAGE_CLASSES)
        self._pods = pods_by_claim(context)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        claim = self._binder.claims.get(where)
        if claim is None:
            return None
        binder = self._binder
        if (wanted := migrated_claim(claim)) is not claim:
            claim = await binder.update_claim(wanted)
        match plan(claim, self._known(claim, where)):
            case Bind(volume):
                await binder.bind(volume, claim)
            case AssignClass(name):
                await binder.update_claim({**claim, "spec": {**claim["spec"], "storageClassName": name}})
            case Provision() as action:
                if not await self._provisioning.provision(claim, action):
                    return Result(requeue_after=RESYNC)
            case Wait(event):
                binder.tell(claim, event)
                await binder.set_claim_phase(claim, PENDING)
                return Result(requeue_after=RESYNC)
            case Lose(event) if phase(claim) != LOST:
                binder.tell(await binder.set_claim_phase(claim, LOST), event)
        return None

    def _known(self, claim: Object, where: NamespacedName) -> Known:
        named = claim["spec"].get("volumeName")
        if named:
            return Known(named=self._binder.volumes.get(NamespacedName("", named)))
        return Known(
            volumes=self._binder.candidates(claim, where),
            classes=self._classes.list(),
            pods=users(self._pods, where),
        )
