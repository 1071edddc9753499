"""X.509 certificates: reading requests for them, and the authority that grants them.

The package cryptography does the work. It comes with the extra `tls`, takes 100 ms to import, and few processes ever
see a certificate: so it is imported where it is needed, and not before.
"""

from __future__ import annotations

import importlib


class MissingPackage(Exception):
    """The package cryptography is not installed."""

    def __init__(self) -> None:
        super().__init__("certificates need the package cryptography: pip install 'minikube-py[tls]'")


def require_cryptography() -> None:
    """Raises MissingPackage."""
    try:
        importlib.import_module("cryptography.x509")
    except ImportError:
        raise MissingPackage from None
