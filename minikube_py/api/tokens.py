"""Tokens of service accounts: JSON Web Tokens with the claims that kube-apiserver gives them.

Signed with HS256 and a key that the cluster's seed fixes, so that a server knows its own tokens again and nobody
else's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from minikube_py.machinery import meta
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.random import Random

ISSUER = "https://kubernetes.default.svc.cluster.local"
"""Also the server's own audience, as long as none is configured."""

_HEADER = {"alg": "HS256", "typ": "JWT"}


LEEWAY = 60
"""Seconds by which clocks may differ."""


class InvalidToken(ValueError):
    """No token, or none of this cluster."""


class UntimelyToken(InvalidToken):
    """A token of this cluster whose time is not now."""


def signing_key(random: Random) -> bytes:
    """The cluster's key; drawn from a fork, so that other draws do not shift."""
    return random.fork("service-account-key").bytes(32)


class TokenIssuer(NamedTuple):
    """Makes tokens and reads them again. `expiration` and `warn_after` are seconds from now."""

    key: bytes
    clock: Clock

    def issue(
        self,
        service_account: Object,
        audiences: Sequence[str],
        expiration: int,
        token_id: str,
        bound: Mapping[str, Object],
        warn_after: int = 0,
    ) -> str:
        """`token_id` may be empty. `bound` names the objects whose end is the token's too, by their singular:
        pod, node, secret (pkg/serviceaccount/claims.go)."""
        now = int(self.clock.now())
        private: dict[str, Any] = {"namespace": meta.namespace(service_account)}
        private |= {singular: _reference(obj) for singular, obj in sorted(bound.items())}
        private["serviceaccount"] = _reference(service_account)
        if warn_after:
            private["warnafter"] = now + warn_after
        return self.sign(
            {
                "aud": list(audiences),
                "exp": now + expiration,
                "iat": now,
                "iss": ISSUER,
                **({"jti": token_id} if token_id else {}),
                "kubernetes.io": private,
                "nbf": now,
                "sub": f"system:serviceaccount:{meta.namespace(service_account)}:{meta.name(service_account)}",
            }
        )

    def sign(self, claims: Mapping[str, Any]) -> str:
        signed = f"{_encoded(orjson.dumps(_HEADER))}.{_encoded(orjson.dumps(claims))}"
        return f"{signed}.{self._signature(signed)}"

    def read(self, token: str) -> dict[str, Any]:
        """The claims of a token of this cluster. Raises InvalidToken."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(signed).encode()):
            raise InvalidToken("the signature is not this cluster's")
        claims: dict[str, Any] = orjson.loads(_decoded(signed.partition(".")[2]))
        now = self.clock.now()
        if claims.get("nbf", now) > now + LEEWAY:
            raise UntimelyToken("service account token is not valid yet")
        if claims.get("exp", now) < now - LEEWAY:
            raise UntimelyToken("service account token has expired")
        return claims

    def _signature(self, signed: str) -> str:
        return _encoded(hmac.new(self.key, signed.encode(), hashlib.sha256).digest())


def _reference(obj: Object) -> dict[str, str]:
    """Name and uid; the uid of what is only known by name stays away."""
    reference = {"name": meta.name(obj)}
    if meta.uid(obj):
        reference["uid"] = meta.uid(obj)
    return reference


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
