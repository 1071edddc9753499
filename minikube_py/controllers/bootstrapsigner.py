"""bootstrap-signer-controller: signs kube-public/cluster-info with each bootstrap token, so that whoever has a token
knows the cluster again (pkg/controller/bootstrap/bootstrapsigner.go, cluster-bootstrap/token/jws)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

import orjson

from minikube_py.controllers.runtime import Context, Controller, Descriptor
from minikube_py.controllers.runtime.bootstraptokens import NAMESPACE, is_token, signing_token
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, SECRETS

CLUSTER_INFO = NamespacedName("kube-public", "cluster-info")
CONTENT = "kubeconfig"
"""The key of what is signed."""
SIGNATURE = "jws-kubeconfig-"
"""What keys of signatures start with; the token's id follows."""


def signature(content: str, id: str, secret: str) -> str:
    """A JWS without its content (RFC 7515, appendix F)."""
    header = _encoded(orjson.dumps({"alg": "HS256", "kid": id}))
    signed = f"{header}.{_encoded(content.encode())}".encode()
    return f"{header}..{_encoded(hmac.new(secret.encode(), signed, hashlib.sha256).digest())}"


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(info: Object, secrets: Iterable[Object], now: float) -> Object | None:
    """The ConfigMap with the tokens' signatures and no others; None if it is so, or has nothing to sign."""
    data = info.get("data") or {}
    content = data.get(CONTENT)
    if content is None:
        return None
    tokens: dict[str, str] = {}
    for secret in secrets:
        if (token := signing_token(secret, now)) is not None:
            tokens.setdefault(*token)
    kept = {key: text for key, text in data.items() if not key.startswith(SIGNATURE)}
    signatures = {f"{SIGNATURE}{id}": signature(content, id, secret) for id, secret in tokens.items()}
    wanted = {**kept, **signatures}
    return None if wanted == data else {**info, "data": wanted}


class BootstrapSigner:
    """Its only key is CLUSTER_INFO."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._config_maps = context.lister(CONFIG_MAPS)
        self._secrets = context.lister(SECRETS)

    async def reconcile(self, where: NamespacedName) -> None:
        info = self._config_maps.get(*where)
        if info is None:
            return
        changed = signed(info, self._secrets.list(NAMESPACE, is_token), self._clock.now())
        if changed is None:
            return
        try:
            await self._client.update(CONFIG_MAPS, changed)
        except StatusError as error:
            # Changed or gone meanwhile: its event will tell.
            if not (is_conflict(error) or is_not_found(error)):
                raise


def new(context: Context) -> Controller:
    controller = Controller(context, "ConfigMap", BootstrapSigner(context), workers=1)
    controller.watches(CONFIG_MAPS, lambda obj: (CLUSTER_INFO,) if meta.key(obj) == CLUSTER_INFO else ())
    controller.watches(SECRETS, lambda obj: (CLUSTER_INFO,) if is_token(obj) else ())
    return controller


CONTROLLER = Descriptor("bootstrap-signer-controller", new, ("bootstrapsigner",), disabled_by_default=True)
