"""The cluster's certificate authority, as kubeadm sets one up
(cmd/kubeadm/app/phases/certs, pkg/controller/certificates/authority/authority.go).

Its key is fixed by the cluster's seed, and its signatures by the key and what is signed: the same seed and the same
requests give the same certificates.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from minikube_py.machinery.certificates import require_cryptography
from minikube_py.machinery.certificates.policy import BACKDATE, Refused, Usages, usages, validity
from minikube_py.machinery.certificates.request import alternative_names, load
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.random import Random

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

NAME = "kubernetes"
LIFETIME = 10 * 365 * 24 * 60 * 60
"""Seconds."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256: private keys are less."""
_KEPT_TOGETHER = ("2.5.4.6", "2.5.4.10", "2.5.4.11", "2.5.4.7", "2.5.4.8", "2.5.4.9", "2.5.4.17")
"""Of a subject, what Go keeps as sets, in its order: country, organization, unit, locality, province, street, postal
code. The common name and the serial number follow; all else is dropped (pkix.Name ToRDNSequence)."""
_KEPT_ONCE = ("2.5.4.3", "2.5.4.5")


class Authority:
    """Made at first use, which raises MissingPackage without the package cryptography."""

    def __init__(self, random: Random, clock: Clock) -> None:
        self._random = random
        self._clock = clock

    @cached_property
    def _key(self) -> EllipticCurvePrivateKey:
        require_cryptography()
        from cryptography.hazmat.primitives.asymmetric import ec

        secret = int.from_bytes(self._random.bytes(40)) % (_ORDER - 1) + 1
        return ec.derive_private_key(secret, ec.SECP256R1())

    @cached_property
    def _certificate(self) -> x509.Certificate:
        key = self._key
        from cryptography import x509

        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
        begins = self._clock.now() - BACKDATE
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(self._serial())
            .not_valid_before(_time(begins))
            .not_valid_after(_time(begins + LIFETIME))
            .add_extension(_key_usage({"digital_signature", "key_encipherment", "key_cert_sign"}), critical=True)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        )
        return self._signed(builder)

    @property
    def certificate(self) -> str:
        """PEM of its own certificate: what others trust. Raises MissingPackage."""
        return _pem(self._certificate)

    def sign(self, request: str, wanted: Iterable[str], ttl: float) -> str:
        """PEM of the certificate that base64 `request` (PEM of PKCS#10) asks for, for `ttl` seconds and the usages
        `wanted`. Raises Refused, ValueError for what is no request, MissingPackage."""
        asked = load(request)
        if not asked.is_signature_valid:
            raise Refused("unable to verify certificate request signature: x509: invalid signature")
        purpose = usages(wanted)
        begins, ends = validity(self._clock.now(), ttl, self._certificate.not_valid_after_utc.timestamp())
        return _pem(self._signed(self._builder(asked, purpose, begins, ends)))

    def _builder(
        self, asked: x509.CertificateSigningRequest, purpose: Usages, begins: float, ends: float
    ) -> x509.CertificateBuilder:
        from cryptography import x509

        builder = (
            x509.CertificateBuilder()
            .subject_name(_subject(asked.subject))
            .issuer_name(self._certificate.subject)
            .public_key(asked.public_key())
            .serial_number(self._serial())
            .not_valid_before(_time(begins))
            .not_valid_after(_time(ends))
        )
        if purpose.bits:
            builder = builder.add_extension(_key_usage(purpose.bits), critical=True)
        if purpose.extended:
            extended = x509.ExtendedKeyUsage([x509.ObjectIdentifier(each) for each in purpose.extended])
            builder = builder.add_extension(extended, critical=False)
        identifier = self._certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(issuer, critical=False)
        names = _kept_names(alternative_names(asked))
        if names:
            nameless = not _subject(asked.subject).rdns
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=nameless)
        return builder

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        from cryptography.hazmat.primitives.hashes import SHA256

        return builder.sign(self._key, SHA256(), ecdsa_deterministic=True)

    def _serial(self) -> int:
        return int.from_bytes(self._random.bytes(16)) + 1


def _subject(subject: x509.Name) -> x509.Name:
    from cryptography import x509

    together = [subject.get_attributes_for_oid(x509.ObjectIdentifier(oid)) for oid in _KEPT_TOGETHER]
    once = [subject.get_attributes_for_oid(x509.ObjectIdentifier(oid))[-1:] for oid in _KEPT_ONCE]
    return x509.Name([x509.RelativeDistinguishedName(dict.fromkeys(each)) for each in (*together, *once) if each])


def _kept_names(names: Iterable[x509.GeneralName]) -> list[x509.GeneralName]:
    """The four kinds that Go knows, in its order."""
    from cryptography import x509

    kinds = (x509.DNSName, x509.RFC822Name, x509.IPAddress, x509.UniformResourceIdentifier)
    return [name for kind in kinds for name in names if isinstance(name, kind)]


def _key_usage(bits: Iterable[str]) -> x509.KeyUsage:
    from cryptography import x509

    known = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    chosen = set(bits)
    return x509.KeyUsage(**{bit: bit in chosen for bit in known})


def _time(when: float) -> datetime:
    return datetime.fromtimestamp(int(when), UTC)


def _pem(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode()
