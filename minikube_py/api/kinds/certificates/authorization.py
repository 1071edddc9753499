"""Who may deal with a signer's requests (pkg/certauthorization)."""

from __future__ import annotations

from minikube_py.api.context import User
from minikube_py.api.kinds.review import decision


def may_use_signer(user: User, verb: str, signer: str) -> bool:
    """Whether the user may `verb` (approve, sign, attest) on signers.certificates.k8s.io of that name, or of its domain
    ("example.com/*"). Who may do everything may do that."""
    return bool(decision.access(user)["allowed"])
