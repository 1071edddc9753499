"""How certificates are granted: for how long, and to what ends (pkg/controller/certificates/authority/policies.go)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

BACKDATE = 5 * 60
"""Seconds by which a certificate is older than it is, for clocks that are behind."""
SHORT = 8 * 60 * 60
"""Seconds: what lives shorter than this does not end earlier for being backdated."""

KEY_USAGES = {
    "signing": "digital_signature",
    "digital signature": "digital_signature",
    "content commitment": "content_commitment",
    "key encipherment": "key_encipherment",
    "key agreement": "key_agreement",
    "data encipherment": "data_encipherment",
    "cert sign": "key_cert_sign",
    "crl sign": "crl_sign",
    "encipher only": "encipher_only",
    "decipher only": "decipher_only",
}
"""A request's usage -> the bit of the extension KeyUsage."""

EXTENDED_KEY_USAGES = {
    "any": "2.5.29.37.0",
    "server auth": "1.3.6.1.5.5.7.3.1",
    "client auth": "1.3.6.1.5.5.7.3.2",
    "code signing": "1.3.6.1.5.5.7.3.3",
    "email protection": "1.3.6.1.5.5.7.3.4",
    "s/mime": "1.3.6.1.5.5.7.3.4",
    "ipsec end system": "1.3.6.1.5.5.7.3.5",
    "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
    "ipsec user": "1.3.6.1.5.5.7.3.7",
    "timestamping": "1.3.6.1.5.5.7.3.8",
    "ocsp signing": "1.3.6.1.5.5.7.3.9",
    "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
    "netscape sgc": "2.16.840.1.113730.4.1",
}
"""A request's usage -> its object identifier, in the order in which a certificate lists them."""


class Refused(Exception):
    """The authority does not sign this."""


class Usages(NamedTuple):
    bits: frozenset[str]
    """Of KeyUsage."""
    extended: tuple[str, ...]
    """Object identifiers."""


def usages(names: Iterable[str]) -> Usages:
    """Raises Refused for a usage that is none."""
    wanted = list(names)
    unknown = [f'"{name}"' for name in wanted if name not in KEY_USAGES and name not in EXTENDED_KEY_USAGES]
    if unknown:
        raise Refused(f"unrecognized usage values: [{' '.join(unknown)}]")
    bits = {KEY_USAGES[name] for name in wanted if name in KEY_USAGES}
    if "key_agreement" not in bits:
        # They qualify key agreement, and mean nothing without it (RFC 5280, 4.2.1.3).
        bits -= {"encipher_only", "decipher_only"}
    extended = dict.fromkeys(oid for name, oid in EXTENDED_KEY_USAGES.items() if name in wanted)
    return Usages(frozenset(bits), tuple(extended))


class Validity(NamedTuple):
    """Unix seconds."""

    not_before: float
    not_after: float


def validity(now: float, ttl: float, signer_ends: float) -> Validity:
    """Of a certificate that is to live for `ttl` seconds. Raises Refused if the signer does not live any more."""
    if now - BACKDATE >= signer_ends:
        raise Refused("the signer has expired")
    if now >= signer_ends:
        raise Refused("refusing to sign a certificate that expired in the past")
    not_after = now + ttl if ttl < SHORT else now + ttl - BACKDATE
    return Validity(now - BACKDATE, min(not_after, signer_ends))
