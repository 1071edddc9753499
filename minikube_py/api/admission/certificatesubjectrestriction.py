"""CertificateSubjectRestriction: nobody asks for a client certificate of the group system:masters
(plugin/pkg/admission/certificates/subjectrestriction)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.machinery.certificates import MissingPackage
from minikube_py.machinery.certificates.request import read
from minikube_py.machinery.gvr import Object

SIGNER = "kubernetes.io/kube-apiserver-client"
GROUP = "system:masters"


class CertificateSubjectRestriction:
    name = "CertificateSubjectRestriction"
    handles = frozenset({("certificatesigningrequests.certificates.k8s.io", "")})
    verbs = frozenset({"create"})

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        """Raises StatusError 403. Without the package cryptography nobody can tell."""
        spec = obj["spec"]
        if spec.get("signerName") != SIGNER:
            return
        try:
            groups = read(spec.get("request") or "").organizations
        except MissingPackage:
            return
        except ValueError as error:
            raise forbidden(ctx, obj, f"failed to parse CSR: {error}") from None
        if GROUP in groups:
            raise forbidden(ctx, obj, f"use of {SIGNER} signer with {GROUP} group is not allowed")


PLUGIN = CertificateSubjectRestriction()
