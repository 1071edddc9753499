"""Certificate requests as tests make them, and certificates as they check them."""

from __future__ import annotations

import base64
import ipaddress
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from minikube_py.machinery.gvr import Object

CLIENT_USAGES = ["digital signature", "key encipherment", "client auth"]
SERVING_USAGES = ["digital signature", "key encipherment", "server auth"]


@cache
def key() -> ec.EllipticCurvePrivateKey:
    """Whoever asks in tests has this one."""
    return ec.derive_private_key(1234567, ec.SECP256R1())


def request(name: str, *groups: str, dns: str = "", ip: str = "") -> str:
    """A request as a CertificateSigningRequest's spec has it."""
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes))
    names: list[x509.GeneralName] = [x509.DNSName(dns)] if dns else []
    if ip:
        names.append(x509.IPAddress(ipaddress.ip_address(ip)))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return base64.b64encode(builder.sign(key(), SHA256()).public_bytes(Encoding.PEM)).decode()


def signing_request(name: str, text: str, signer: str, usages: list[str], seconds: int | None = None) -> Object:
    spec: Object = {"request": text, "signerName": signer, "usages": usages}
    if seconds is not None:
        spec["expirationSeconds"] = seconds
    return {"metadata": {"name": name}, "spec": spec}


def certificate(csr: Object) -> x509.Certificate:
    """The one that was granted."""
    return x509.load_pem_x509_certificate(base64.b64decode(csr["status"]["certificate"]))
