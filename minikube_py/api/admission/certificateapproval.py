"""CertificateApproval: only who may approve for a signer decides of its requests
(plugin/pkg/admission/certificates/approval)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.api.kinds.certificates.authorization import may_use_signer
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object


class CertificateApproval:
    name = "CertificateApproval"
    handles = frozenset({("certificatesigningrequests.certificates.k8s.io", "approval")})
    verbs = frozenset({"update"})

    async def validate(self, ctx: Context, obj: Object, old: Object) -> None:
        """Raises StatusError 403. The signer is the stored one's, which an approval does not change."""
        signer = old["spec"].get("signerName") or ""
        if not may_use_signer(ctx.user, "approve", signer):
            raise forbidden(ctx, obj, f"user not permitted to approve requests with signerName {quote(signer)}")


PLUGIN = CertificateApproval()
