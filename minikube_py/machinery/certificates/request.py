"""What a certificate request asks for (Go's crypto/x509 CertificateRequest)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from minikube_py.machinery.certificates import require_cryptography

if TYPE_CHECKING:
    from cryptography import x509


class Request(NamedTuple):
    """The names in a request: the subject's, and the alternative ones."""

    common_name: str = ""
    organizations: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    email_addresses: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()


def load(text: str) -> x509.CertificateSigningRequest:
    """The request that base64 `text` holds as PEM. Raises ValueError, MissingPackage."""
    require_cryptography()
    from cryptography import x509

    try:
        return x509.load_pem_x509_csr(base64.b64decode(text))
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def read(text: str) -> Request:
    """Raises ValueError for what is no request, MissingPackage."""
    request = load(text)
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    def named(oid: x509.ObjectIdentifier) -> tuple[str, ...]:
        return tuple(_text(attribute.value) for attribute in request.subject.get_attributes_for_oid(oid))

    names = alternative_names(request)
    return Request(
        # Of several the last counts, as in Go.
        common_name=(named(NameOID.COMMON_NAME) or ("",))[-1],
        organizations=named(NameOID.ORGANIZATION_NAME),
        dns_names=tuple(each.value for each in names if isinstance(each, x509.DNSName)),
        ip_addresses=tuple(str(each.value) for each in names if isinstance(each, x509.IPAddress)),
        email_addresses=tuple(each.value for each in names if isinstance(each, x509.RFC822Name)),
        uris=tuple(each.value for each in names if isinstance(each, x509.UniformResourceIdentifier)),
    )


def alternative_names(request: x509.CertificateSigningRequest) -> list[x509.GeneralName]:
    """Raises ValueError if they are malformed."""
    from cryptography import x509

    try:
        return list(request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except x509.ExtensionNotFound:
        return []
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ValueError(str(error)) from None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
