"""legacy-token-tracking: since when the use of accounts' old tokens is written down
(pkg/controlplane/controller/legacytokentracking)."""

from __future__ import annotations

from minikube_py.controllers.legacyserviceaccounttokencleaner import SINCE, TRACKING, day, is_day
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_already_exists
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS


def desired(current: Object | None, today: str) -> Object | None:
    """The ConfigMap TRACKING as it should be; None if it is."""
    if current is None:
        metadata = {"name": TRACKING.name, "namespace": TRACKING.namespace}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {SINCE: today}}
    data = current.get("data") or {}
    return None if is_day(data.get(SINCE) or "") else {**current, "data": {**data, SINCE: today}}


class Tracking:
    """Its only key is TRACKING."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._config_maps = context.lister(CONFIG_MAPS)

    async def reconcile(self, where: NamespacedName) -> None:
        current = self._config_maps.get(*where)
        wanted = desired(current, day(self._clock.now()))
        if wanted is None:
            return
        if current is not None:
            await self._client.update(CONFIG_MAPS, wanted)
            return
        try:
            await self._client.create(CONFIG_MAPS, wanted, namespace=where.namespace)
        except StatusError as error:
            if not is_already_exists(error):
                raise


def new(context: Context) -> Controller:
    controller = Controller(context, "ConfigMap", Tracking(context), workers=1)
    controller.watches(CONFIG_MAPS, lambda obj: (TRACKING,) if meta.key(obj) == TRACKING else ())
    controller.enqueue(TRACKING, reason="start")
    return controller


LEGACY_TOKEN_TRACKING = Descriptor("legacy-token-tracking", new)
