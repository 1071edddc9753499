"""Bootstrap tokens: Secrets that new nodes show before they have anything better (cluster-bootstrap/util/secrets).

apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-abcdef, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData:
  token-id: abcdef
  token-secret: 0123456789abcdef
  usage-bootstrap-signing: "true"
  expiration: "2026-01-01T00:00:00Z"
"""

from __future__ import annotations

import base64
import binascii
import re

from minikube_py.machinery import meta
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.gvr import Object

TYPE = "bootstrap.kubernetes.io/token"
NAMESPACE = "kube-system"

_name = re.compile("bootstrap-token-([a-z0-9]{6})").fullmatch
_time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII).fullmatch


def is_token(secret: Object) -> bool:
    return secret.get("type") == TYPE and meta.namespace(secret) == NAMESPACE


def value(secret: Object, key: str) -> str:
    """What it holds under a key; "" for nothing."""
    try:
        return base64.b64decode((secret.get("data") or {}).get(key) or "").decode(errors="replace")
    except binascii.Error:
        return ""


def time_left(secret: Object, now: float) -> float | None:
    """Seconds until it expires, 0 or less when it has; None if it never does. What is no time has expired."""
    text = value(secret, "expiration")
    if not text:
        return None
    try:
        return parse_rfc3339(text) - now if _time(text) else 0.0
    except ValueError:
        return 0.0


def signing_token(secret: Object, now: float) -> tuple[str, str] | None:
    """Its id and secret; None if it is not to sign with."""
    named, id, key = _name(meta.name(secret)), value(secret, "token-id"), value(secret, "token-secret")
    if named is None or not id or named[1] != id or not key:
        return None
    left = time_left(secret, now)
    if (left is not None and left <= 0) or value(secret, "usage-bootstrap-signing") != "true":
        return None
    return id, key
