"""ClusterTrustBundleAttest: only who may attest for a signer publishes its trust anchors
(plugin/pkg/admission/certificates/ctbattest)."""

from __future__ import annotations

from minikube_py.api.admission.refusal import forbidden
from minikube_py.api.context import Context
from minikube_py.api.kinds.certificates.authorization import may_use_signer
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object

_FREE = frozenset({"ownerReferences", "finalizers", "managedFields"})
"""Metadata that the garbage collector changes too."""


class ClusterTrustBundleAttest:
    name = "ClusterTrustBundleAttest"
    handles = frozenset({("clustertrustbundles.certificates.k8s.io", "")})
    verbs = frozenset({"create", "update"})

    async def validate(self, ctx: Context, obj: Object, old: Object | None) -> None:
        """Raises StatusError 403."""
        signer = (obj.get("spec") or {}).get("signerName") or ""
        if not signer or (old is not None and _meaning(obj) == _meaning(old)):
            return
        if not may_use_signer(ctx.user, "attest", signer):
            raise forbidden(ctx, obj, f"user not permitted to attest for signerName {quote(signer)}")


def _meaning(bundle: Object) -> Object:
    metadata = {name: value for name, value in bundle["metadata"].items() if name not in _FREE}
    return {**bundle, "metadata": metadata}


PLUGIN = ClusterTrustBundleAttest()
