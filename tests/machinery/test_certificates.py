"""Certificates: what requests ask for, and what the authority grants."""

from __future__ import annotations

import base64
import ipaddress
import sys

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from minikube_py.machinery.certificates import MissingPackage
from minikube_py.machinery.certificates.authority import LIFETIME, Authority
from minikube_py.machinery.certificates.policy import BACKDATE, Refused, usages, validity
from minikube_py.machinery.certificates.request import Request, read
from minikube_py.machinery.clock import VirtualClock
from minikube_py.machinery.random import Random
from tests.certificates import CLIENT_USAGES, SERVING_USAGES, key, request

HOUR = 3600


@pytest.mark.parametrize(
    ("ttl", "signer_ends", "not_after"),
    [
        pytest.param(24 * HOUR, 10**9, 24 * HOUR - BACKDATE, id="long: begins and ends earlier"),
        pytest.param(8 * HOUR, 10**9, 8 * HOUR - BACKDATE, id="eight hours are long"),
        pytest.param(HOUR, 10**9, HOUR, id="short: begins earlier"),
        pytest.param(HOUR, 1800, 1800, id="no longer than the signer"),
    ],
)
def test_validity(ttl: float, signer_ends: float, not_after: float) -> None:
    now = 1000.0
    assert validity(now, ttl, now + signer_ends) == (now - BACKDATE, now + not_after)


@pytest.mark.parametrize("left", [pytest.param(-600, id="long dead"), pytest.param(0, id="dead as of now")])
def test_a_signer_that_has_expired_signs_nothing(left: float) -> None:
    with pytest.raises(Refused):
        validity(1000, HOUR, 1000 + left)


@pytest.mark.parametrize(
    ("names", "bits", "extended"),
    [
        pytest.param([], set(), (), id="none"),
        pytest.param(
            ["server auth", "client auth", "digital signature"],
            {"digital_signature"},
            ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"),
            id="in Go's order",
        ),
        pytest.param(["client auth", "server auth"], set(), ("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"), id="whatever"),
        pytest.param(["signing", "digital signature"], {"digital_signature"}, (), id="two names of one"),
        pytest.param(["s/mime", "email protection"], set(), ("1.3.6.1.5.5.7.3.4",), id="two names of one purpose"),
        pytest.param(["encipher only"], set(), (), id="what qualifies nothing"),
        pytest.param(["encipher only", "key agreement"], {"encipher_only", "key_agreement"}, (), id="what qualifies"),
    ],
)
def test_usages(names: list[str], bits: set[str], extended: tuple[str, ...]) -> None:
    assert usages(names) == (bits, extended)


def test_unknown_usages() -> None:
    with pytest.raises(Refused, match=r'unrecognized usage values: \["a" "b"\]'):
        usages(["a", "client auth", "b"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(request("jane"), Request("jane"), id="a name"),
        pytest.param(request("jane", "devs", "ops"), Request("jane", ("devs", "ops")), id="and groups"),
        pytest.param(
            request("web", dns="web.example", ip="fd00::1"),
            Request("web", dns_names=("web.example",), ip_addresses=("fd00::1",)),
            id="alternative names",
        ),
    ],
)
def test_read(text: str, expected: Request) -> None:
    assert read(text) == expected


@pytest.mark.parametrize("text", ["", "!", base64.b64encode(b"-----BEGIN CERTIFICATE REQUEST-----").decode()])
def test_what_is_no_request(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


def authority(seed: int = 7) -> Authority:
    return Authority(Random(seed), VirtualClock())


def load(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def test_the_authority_itself() -> None:
    made = load(authority().certificate)
    made.verify_directly_issued_by(made)
    assert made.subject.rfc4514_string() == "CN=kubernetes"
    assert (made.not_valid_after_utc - made.not_valid_before_utc).total_seconds() == LIFETIME
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert made.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_a_certificate() -> None:
    signer = authority()
    text = request("system:node:a", "system:nodes", "more", dns="a.example", ip="10.0.0.1")
    made = load(signer.sign(text, SERVING_USAGES, 24 * HOUR))
    made.verify_directly_issued_by(load(signer.certificate))
    assert made.public_key() == key().public_key()
    groups = made.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert {each.value for each in groups} == {"system:nodes", "more"}
    assert len(made.subject.rdns) == 2
    found = made.extensions
    assert list(found.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not found.get_extension_for_class(x509.BasicConstraints).value.ca
    names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.DNSName("a.example"), x509.IPAddress(ipaddress.ip_address("10.0.0.1"))]
    assert (made.not_valid_after_utc - made.not_valid_before_utc).total_seconds() == 24 * HOUR


def test_a_seed_fixes_certificates() -> None:
    def granted(seed: int) -> list[str]:
        signer = authority(seed)
        return [signer.certificate, *(signer.sign(request("jane"), CLIENT_USAGES, HOUR) for _ in range(2))]

    # A request's own signature is random; nothing of it is in the certificate.
    assert granted(1) == granted(1)
    assert len({*granted(1), *granted(2)}) == 6


def test_a_forged_request_is_refused() -> None:
    der = bytearray(x509.load_pem_x509_csr(base64.b64decode(request("jane"))).public_bytes(Encoding.DER))
    der[der.index(b"jane")] = ord("k")
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n" + base64.b64encode(der) + b"\n-----END CERTIFICATE REQUEST-----\n"
    with pytest.raises(Refused, match="signature"):
        authority().sign(base64.b64encode(pem).decode(), CLIENT_USAGES, HOUR)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    for attempt in (lambda: authority().certificate, lambda: read("")):
        with pytest.raises(MissingPackage, match=r"pip install 'minikube-py\[tls\]'"):
            attempt()
