"""serviceaccount-token-controller: fills Secrets that ask for a ServiceAccount's token, and deletes them with it
(pkg/controller/serviceaccount/tokens_controller.go).

    apiVersion: v1
    kind: Secret
    type: kubernetes.io/service-account-token
    metadata: {annotations: {kubernetes.io/service-account.name: build}}

Upstream signs these tokens itself, and they never end. Here they come from the API, bound to the Secret, and end after
the longest time that may be asked for: about 136 years.
"""

from __future__ import annotations

import base64

from minikube_py.controllers.rootcacertpublisher import SOURCE, root_ca
from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS

TYPE = "kubernetes.io/service-account-token"
ACCOUNT_NAME = "kubernetes.io/service-account.name"
ACCOUNT_UID = "kubernetes.io/service-account.uid"
BY_ACCOUNT = "token secrets by account"
"""Index of token Secrets: "namespace/name" of their account."""

LONGEST = 1 << 32
"""Seconds: the most that a TokenRequest may ask for."""

MAX_RETRIES = 10


def account_of(secret: Object) -> tuple[str, str]:
    """The name and uid of the ServiceAccount a token Secret is for; "" of what it does not say."""
    notes = meta.annotations(secret)
    return notes.get(ACCOUNT_NAME, ""), notes.get(ACCOUNT_UID, "")


def is_token(secret: Object) -> bool:
    return secret.get("type") == TYPE and bool(account_of(secret)[0])


def is_of(secret: Object, account: Object | None) -> bool:
    """Whether the account is the very one that the Secret is for."""
    name, uid = account_of(secret)
    return account is not None and meta.name(account) == name and uid in ("", meta.uid(account))


def needs(secret: Object, ca: str) -> list[str]:
    """The keys of data that are yet to be filled."""
    data = secret.get("data") or {}
    wanted = [name for name in ("namespace", "token") if not data.get(name)]
    return [*wanted, "ca.crt"] if ca and data.get("ca.crt") != _encoded(ca) else wanted


def filled(secret: Object, account: Object, token: str, ca: str) -> Object:
    values = {"ca.crt": ca, "namespace": meta.namespace(secret), "token": token}
    data = {**(secret.get("data") or {}), **{name: _encoded(values[name]) for name in needs(secret, ca)}}
    notes = {**meta.annotations(secret), ACCOUNT_NAME: meta.name(account), ACCOUNT_UID: meta.uid(account)}
    return {**secret, "metadata": {**secret["metadata"], "annotations": notes}, "data": data}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _index(secret: Object) -> list[str]:
    return [f"{meta.namespace(secret)}/{account_of(secret)[0]}"] if is_token(secret) else []


class TokenReconciler:
    """Its keys are Secrets."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._accounts = context.lister(SERVICE_ACCOUNTS)
        self._config_maps = context.lister(CONFIG_MAPS)
        context.informer(SECRETS).add_index(BY_ACCOUNT, _index)
        self._secrets = context.lister(SECRETS)
        self._removed: dict[NamespacedName, Object] = {}
        """Token Secrets that are gone, until no account mentions them."""

    def watch(self) -> None:
        context = self._controller.context
        context.informer(SECRETS).add_handler(
            self._secret_changed, lambda old, new: self._secret_changed(new), self._secret_deleted
        )
        context.informer(SERVICE_ACCOUNTS).add_handler(on_delete=self._account_deleted)

    def _secret_changed(self, secret: Object) -> None:
        if is_token(secret):
            self._removed.pop(meta.key(secret), None)
            self._controller.enqueue(meta.key(secret), secret)

    def _secret_deleted(self, secret: Object) -> None:
        if is_token(secret):
            self._removed[meta.key(secret)] = secret
            self._controller.enqueue(meta.key(secret), secret)

    def _account_deleted(self, account: Object) -> None:
        for secret in self._secrets.by_index(BY_ACCOUNT, str(meta.key(account))):
            self._controller.enqueue(meta.key(secret), account)

    async def reconcile(self, where: NamespacedName) -> None:
        secret = self._secrets.get(*where)
        if secret is None:
            removed = self._removed.get(where)
            if removed is not None:
                await self._remove_reference(removed)
                self._removed.pop(where, None)
        elif is_token(secret):
            account = await self._account(secret)
            if account is None:
                await self._delete(secret)
            else:
                await self._fill(secret, account)

    async def _account(self, secret: Object) -> Object | None:
        """From the cache if it has the very one, else from the server: the account may be newer than the cache."""
        namespace, name = meta.namespace(secret), account_of(secret)[0]
        cached = self._accounts.get(namespace, name)
        if is_of(secret, cached):
            return cached
        try:
            live = await self._client.get(SERVICE_ACCOUNTS, namespace, name)
        except StatusError as error:
            if is_not_found(error):
                return None
            raise
        return live if is_of(secret, live) else None

    async def _delete(self, secret: Object) -> None:
        try:
            await self._client.delete(SECRETS, *meta.key(secret), uid=meta.uid(secret))
        except StatusError as error:
            if not (is_not_found(error) or is_conflict(error)):
                raise

    async def _fill(self, secret: Object, account: Object) -> None:
        ca = root_ca(self._config_maps.get(*SOURCE))
        missing = needs(secret, ca)
        if not missing:
            return
        try:
            token = await self._token(secret, account) if "token" in missing else ""
            await self._client.update(SECRETS, filled(secret, account, token, ca))
        except StatusError as error:
            # Changed or gone meanwhile: its event will tell.
            if not (is_conflict(error) or is_not_found(error)):
                raise

    async def _token(self, secret: Object, account: Object) -> str:
        bound = {"kind": "Secret", "apiVersion": "v1", "name": meta.name(secret), "uid": meta.uid(secret)}
        request = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": LONGEST, "boundObjectRef": bound},
        }
        made = await self._client.create(
            SERVICE_ACCOUNTS,
            request,
            namespace=meta.namespace(account),
            name=meta.name(account),
            subresource="token",
        )
        return str(made["status"]["token"])

    async def _remove_reference(self, secret: Object) -> None:
        """Take a Secret that is gone out of its account's list. Raises StatusError."""
        cached = self._accounts.get(meta.namespace(secret), account_of(secret)[0])
        if cached is None or not is_of(secret, cached):
            return
        account = await self._client.get(SERVICE_ACCOUNTS, *meta.key(cached))
        mentioned = account.get("secrets") or []
        kept = [each for each in mentioned if each.get("name") != meta.name(secret)]
        if is_of(secret, account) and len(kept) < len(mentioned):
            await self._client.update(SERVICE_ACCOUNTS, {**account, "secrets": kept})


def new(context: Context) -> Controller:
    controller = Controller(context, "Secret", max_retries=MAX_RETRIES)
    reconciler = TokenReconciler(context, controller)
    reconciler.watch()
    controller.reconciler = reconciler
    return controller


CONTROLLER = Descriptor("serviceaccount-token-controller", new, ("serviceaccount-token",))
