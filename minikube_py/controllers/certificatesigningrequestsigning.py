"""certificatesigningrequest-signing-controller: signs what was approved for the four signers of kubernetes.io
(pkg/controller/certificates/signer/signer.go).

Upstream is given the authority as files, and refuses to start without. Here it is the cluster's own, made with the
first certificate, and from then on published where root-ca-certificate-publisher-controller takes it from.
"""

from __future__ import annotations

import base64

from minikube_py.controllers.rootcacertpublisher import SOURCE, SOURCE_FIELD, root_ca
from minikube_py.controllers.runtime import Context, Controller, Descriptor, NotYet
from minikube_py.controllers.runtime.certificaterequests import (
    APPROVED,
    CERTIFICATE_SIGNING_REQUESTS,
    DENIED,
    FAILED,
    KUBELET_CLIENT,
    KUBELET_SERVING,
    conditions,
    has_condition,
    is_issued,
    kubelet_client_problem,
    kubelet_serving_problem,
    with_condition,
)
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.machinery.certificates import MissingPackage
from minikube_py.machinery.certificates.policy import Refused
from minikube_py.machinery.certificates.request import Request, read
from minikube_py.machinery.clock import rfc3339
from minikube_py.machinery.errors import StatusError, is_already_exists, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS

API_SERVER_CLIENT = "kubernetes.io/kube-apiserver-client"
LEGACY_UNKNOWN = "kubernetes.io/legacy-unknown"
SIGNERS = frozenset({API_SERVER_CLIENT, KUBELET_CLIENT, KUBELET_SERVING, LEGACY_UNKNOWN})

LONGEST = 365 * 24 * 60 * 60
"""Seconds (--cluster-signing-duration)."""
SHORTEST = 10 * 60


def is_due(csr: Object) -> bool:
    """Whether it is approved and waits for one of the signers."""
    if is_issued(csr) or csr["spec"].get("signerName") not in SIGNERS:
        return False
    failed = any(each.get("type") == FAILED and each.get("status") in (None, "", "True") for each in conditions(csr))
    return has_condition(csr, APPROVED) and not has_condition(csr, DENIED) and not failed


def problem(signer: str, request: Request, usages: list[str]) -> str:
    """Why a signer will never sign; "" if it does."""
    if signer == KUBELET_SERVING:
        return kubelet_serving_problem(request, usages)
    if signer == KUBELET_CLIENT:
        return kubelet_client_problem(request, usages)
    return _client_problem(usages) if signer == API_SERVER_CLIENT else ""


def _client_problem(usages: list[str]) -> str:
    for usage in usages:
        if usage not in ("digital signature", "key encipherment", "client auth"):
            return f"invalid usage for client certificate: {usage}"
    return "" if "client auth" in usages else "missing required usage for client certificate: client auth"


def lifetime(expiration: int | None) -> int:
    """Seconds that a certificate lives whose request asks for `expiration`."""
    return LONGEST if expiration is None else min(max(expiration, SHORTEST), LONGEST)


def failed(csr: Object, why: str, now: str) -> Object:
    condition = {
        "type": FAILED,
        "status": "True",
        "reason": "SignerValidationFailure",
        "message": why,
        "lastUpdateTime": now,
    }
    return with_condition(csr, condition)


def published(source: Object | None, ca: str) -> Object | None:
    """The ConfigMap SOURCE with one more authority in its bundle; None if it is there."""
    bundle = root_ca(source)
    if ca in bundle:
        return None
    if source is None:
        metadata = {"name": SOURCE.name, "namespace": SOURCE.namespace}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {SOURCE_FIELD: ca}}
    bundle = f"{bundle.rstrip()}\n{ca}" if bundle.strip() else ca
    return {**source, "data": {**(source.get("data") or {}), SOURCE_FIELD: bundle}}


class Signer:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._authority = context.authority
        self._config_maps = context.lister(CONFIG_MAPS)
        self._requests = context.lister(CERTIFICATE_SIGNING_REQUESTS)

    async def reconcile(self, where: NamespacedName) -> None:
        csr = self._requests.get(*where)
        if csr is None or not is_due(csr):
            return
        try:
            answer = self._answer(csr)
        except MissingPackage as error:
            raise ReconcileFailure(str(error)) from None
        except ValueError as error:
            raise ReconcileFailure(f'unable to parse csr "{where.name}": {error}') from None
        except Refused as error:
            raise ReconcileFailure(f"error auto signing csr: {error}") from None
        if is_issued(answer):
            await self._publish()
        await self._client.update(CERTIFICATE_SIGNING_REQUESTS, answer, subresource="status")

    def _answer(self, csr: Object) -> Object:
        """The request with a certificate, or with why it never gets one. Raises ValueError, Refused, MissingPackage."""
        spec = csr["spec"]
        text, usages = spec["request"], spec.get("usages") or []
        if why := problem(spec["signerName"], read(text), usages):
            return failed(csr, why, rfc3339(self._clock.now()))
        signed = self._authority.sign(text, usages, lifetime(spec.get("expirationSeconds")))
        return {**csr, "status": {**csr["status"], "certificate": base64.b64encode(signed.encode()).decode()}}

    async def _publish(self) -> None:
        """Whoever gets a certificate can check it."""
        ca = self._authority.certificate
        if published(self._config_maps.get(*SOURCE), ca) is None:
            return
        try:
            source: Object | None = await self._client.get(CONFIG_MAPS, *SOURCE)
        except StatusError as error:
            if not is_not_found(error):
                raise
            source = None
        wanted = published(source, ca)
        if wanted is None:
            return
        if source is not None:
            await self._client.update(CONFIG_MAPS, wanted)
            return
        try:
            await self._client.create(CONFIG_MAPS, wanted, namespace=SOURCE.namespace)
        except StatusError as error:
            if is_already_exists(error):
                raise NotYet(str(error)) from None
            raise


def new(context: Context) -> Controller:
    controller = Controller(context, "CertificateSigningRequest", Signer(context))
    controller.watches_for(CERTIFICATE_SIGNING_REQUESTS)
    return controller


CONTROLLER = Descriptor("certificatesigningrequest-signing-controller", new, ("csrsigning",))
