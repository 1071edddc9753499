"""Whether a certificate and a private key belong together, in the words of Go's tls.X509KeyPair."""

from __future__ import annotations

import base64
import binascii
import importlib
import re
from typing import Any, NamedTuple

_BLOCK = re.compile(
    rb"-----BEGIN (?P<type>[^\n]*?)-----[ \t]*\r?\n(?P<body>.*?)\r?\n?-----END (?P=type)-----[ \t]*(?:\r?\n|$)",
    re.DOTALL,
)
_HEADER = re.compile(rb"(?:[^\n:]+:[^\n]*\n)+\r?\n?")


class Block(NamedTuple):
    type: str
    der: bytes


def pem_blocks(text: bytes) -> list[Block]:
    """The well-formed PEM blocks; what is between them and what is no base64 is skipped."""
    blocks = []
    for match in _BLOCK.finditer(text):
        body = match["body"]
        if (header := _HEADER.match(body)) is not None:
            body = body[header.end() :]
        try:
            blocks.append(Block(match["type"].decode("utf-8", "replace"), base64.b64decode(b"".join(body.split()))))
        except (binascii.Error, ValueError):
            continue
    return blocks


def key_pair_error(certificate: bytes, key: bytes) -> str:
    """Why the two are no pair; "" if they are."""
    certificates = pem_blocks(certificate)
    chain = [block.der for block in certificates if block.type == "CERTIFICATE"]
    if not chain:
        return _no_certificate([block.type for block in certificates])
    skipped = []
    for block in pem_blocks(key):
        if block.type == "PRIVATE KEY" or block.type.endswith(" PRIVATE KEY"):
            return _match_error(chain[0], block.der)
        skipped.append(block.type)
    return _no_key(skipped)


def _no_certificate(skipped: list[str]) -> str:
    if not skipped:
        return "tls: failed to find any PEM data in certificate input"
    if len(skipped) == 1 and skipped[0].endswith("PRIVATE KEY"):
        return (
            "tls: failed to find certificate PEM data in certificate input, "
            "but did find a private key; PEM inputs may have been switched"
        )
    return (
        'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks '
        f"of the following types: [{' '.join(skipped)}]"
    )


def _no_key(skipped: list[str]) -> str:
    if not skipped:
        return "tls: failed to find any PEM data in key input"
    if skipped == ["CERTIFICATE"]:
        return "tls: found a certificate rather than a key in the PEM for the private key"
    return (
        'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks '
        f"of the following types: [{' '.join(skipped)}]"
    )


def _match_error(certificate: bytes, key: bytes) -> str:
    """Needs the package cryptography; without it nothing is said of pairs that look like ones."""
    try:
        # Imported here: few processes ever see a certificate, and the package is slow to load.
        x509 = importlib.import_module("cryptography.x509")
        serialization = importlib.import_module("cryptography.hazmat.primitives.serialization")
    except ImportError:
        return ""
    try:
        public = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError:
        return "x509: malformed certificate"
    try:
        private = serialization.load_der_private_key(key, None)
    except (ValueError, TypeError):
        return "tls: failed to parse private key"
    algorithm = _algorithm(public)
    if algorithm not in _ALGORITHMS:
        return "tls: unknown public key algorithm"
    if _algorithm(private) != algorithm:
        return "tls: private key type does not match public key type"
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    same = public.public_bytes(*form) == private.public_key().public_bytes(*form)
    return "" if same else "tls: private key does not match public key"


_ALGORITHMS = ("RSA", "EllipticCurve", "Ed25519")


def _algorithm(key: Any) -> str:
    """Of a key of cryptography: RSAPublicKey and its private half are both "RSA"."""
    names = [base.__name__ for base in type(key).__mro__]
    return next((name for name in _ALGORITHMS for base in names if base.startswith(name)), "")
