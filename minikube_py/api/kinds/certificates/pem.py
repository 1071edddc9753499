"""Whether bytes are a certificate request or certificates. The package cryptography looks inside; without it PEM alone
is checked."""

from __future__ import annotations

import base64
import binascii
import importlib
from typing import Any

from minikube_py.api.kinds.core.keypair import pem_blocks
from minikube_py.machinery.gotext import quote

_REQUEST, _CERTIFICATE = "CERTIFICATE REQUEST", "CERTIFICATE"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def _x509() -> Any:
    """The module; None without the package. Imported here: few processes ever see a certificate."""
    try:
        return importlib.import_module("cryptography.x509")
    except ImportError:
        return None


def request_problem(text: str) -> str:
    """Why base64 `text` is no PKCS#10 request with a valid signature; "" if it is one."""
    blocks = pem_blocks(_decoded(text))
    if not blocks or blocks[0].type != _REQUEST:
        return "PEM block type must be CERTIFICATE REQUEST"
    x509 = _x509()
    if x509 is None:
        return ""
    try:
        request = x509.load_der_x509_csr(blocks[0].der)
    except ValueError:
        return "asn1: structure error: malformed certificate request"
    return "" if request.is_signature_valid else "x509: invalid signature on certificate request"


def certificates_problem(text: str) -> str:
    """Why base64 `text` holds no certificates; "" if it does, or is empty."""
    if not text:
        return ""
    blocks = pem_blocks(_decoded(text))
    for block in blocks:
        if block.type != _CERTIFICATE:
            return f"only CERTIFICATE PEM blocks are allowed, found {quote(block.type)}"
    if not blocks:
        return "must contain at least one CERTIFICATE PEM block"
    x509 = _x509()
    for block in blocks if x509 is not None else ():
        try:
            x509.load_der_x509_certificate(block.der)
        except ValueError:
            return "x509: malformed certificate"
    return ""
