"""CertificateSigning: only who may sign for a signer answers its requests
(plugin/pkg/admission/certificates/signing)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.api.kinds.certificates.authorization import may_use_signer
from minikube_py.api.kinds.certificates.requests import certificate_of, conditions_of
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object


class CertificateSigning:
    name = "CertificateSigning"
    handles = frozenset({("certificatesigningrequests.certificates.k8s.io", "status")})
    verbs = frozenset({"update"})

    async def validate(self, ctx: Context, obj: Object, old: Object) -> None:
        """Raises StatusError 403."""
        if certificate_of(obj) == certificate_of(old) and conditions_of(obj) == conditions_of(old):
            return
        signer = old["spec"].get("signerName") or ""
        if not may_use_signer(ctx.user, "sign", signer):
            raise forbidden(ctx, obj, f"user not permitted to sign requests with signerName {quote(signer)}")


PLUGIN = CertificateSigning()
