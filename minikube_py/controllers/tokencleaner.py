"""token-cleaner-controller: deletes bootstrap tokens that have expired (pkg/controller/bootstrap/tokencleaner.go)."""

from __future__ import annotations

from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.bootstraptokens import is_token, time_left
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName
from minikube_py.machinery.wellknown import SECRETS


class TokenCleaner:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._secrets = context.lister(SECRETS)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        secret = self._secrets.get(*where)
        left = time_left(secret, self._clock.now()) if secret is not None and is_token(secret) else None
        if secret is None or left is None:
            return None
        if left > 0:
            return Result(requeue_after=left)
        try:
            await self._client.delete(SECRETS, *where, uid=meta.uid(secret))
        except StatusError as error:
            # Gone, or made anew under its name.
            if not (is_conflict(error) or is_not_found(error)):
                raise
        return None


def new(context: Context) -> Controller:
    controller = Controller(context, "Secret", TokenCleaner(context), workers=1)
    controller.watches(SECRETS, lambda obj: (meta.key(obj),) if is_token(obj) else ())
    return controller


CONTROLLER = Descriptor("token-cleaner-controller", new, ("tokencleaner",), disabled_by_default=True)
