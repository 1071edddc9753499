"""When certificates end."""

from __future__ import annotations

from minikube_py.machinery.certificates import require_cryptography


def not_after(pem: bytes) -> float:
    """When the first certificate of a bundle is valid no more (Unix seconds). Raises ValueError, MissingPackage."""
    require_cryptography()
    from cryptography import x509

    return x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp()
