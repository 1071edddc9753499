"""certificatesigningrequest-approving-controller: approves what kubelets ask for, if whoever asks may
(pkg/controller/certificates/approver/sarapprove.go).

    a kubelet's client certificate, asked for by          who must be allowed to create
    itself (the subject is the user)                      certificatesigningrequests/selfnodeclient
    anybody                                               certificatesigningrequests/nodeclient
    anything else                                         is left to people
"""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.controllers.runtime import Context, Controller, Descriptor, NotYet
from minikube_py.controllers.runtime.certificaterequests import (
    APPROVED,
    CERTIFICATE_SIGNING_REQUESTS,
    DENIED,
    KUBELET_CLIENT,
    has_condition,
    is_issued,
    kubelet_client_problem,
    with_condition,
)
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.machinery.certificates import MissingPackage
from minikube_py.machinery.certificates.request import Request, read
from minikube_py.machinery.gvr import GroupVersionResource, NamespacedName, Object

REVIEWS = GroupVersionResource("authorization.k8s.io", "v1", "subjectaccessreviews")


class Recognizer(NamedTuple):
    """A kind of request that may be approved without people."""

    subresource: str
    """What must be allowed to be created."""
    message: str


SELF_NODE_CLIENT = Recognizer(
    "selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview."
)
NODE_CLIENT = Recognizer("nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.")


def is_open(csr: Object) -> bool:
    """Whether it is a kubelet's and yet to be decided."""
    decided = is_issued(csr) or has_condition(csr, APPROVED) or has_condition(csr, DENIED)
    return not decided and csr["spec"].get("signerName") == KUBELET_CLIENT


def recognizers(csr: Object, request: Request) -> list[Recognizer]:
    """Those that an open request is one of, in the order in which they are tried."""
    spec = csr["spec"]
    if kubelet_client_problem(request, spec.get("usages") or ()):
        return []
    own = (spec.get("username") or "") == request.common_name
    return [SELF_NODE_CLIENT, NODE_CLIENT] if own else [NODE_CLIENT]


def review(csr: Object, recognizer: Recognizer) -> Object:
    """The SubjectAccessReview that asks about whoever made the request."""
    spec = csr["spec"]
    fields = {"user": "username", "uid": "uid", "groups": "groups", "extra": "extra"}
    asked = {field: spec[source] for field, source in fields.items() if spec.get(source)}
    asked["resourceAttributes"] = {
        "group": "certificates.k8s.io",
        "version": "*",
        "resource": "certificatesigningrequests",
        "subresource": recognizer.subresource,
        "verb": "create",
    }
    return {"apiVersion": REVIEWS.api_version, "kind": "SubjectAccessReview", "metadata": {}, "spec": asked}


def approved(csr: Object, recognizer: Recognizer) -> Object:
    condition = {"type": APPROVED, "status": "True", "reason": "AutoApproved", "message": recognizer.message}
    return with_condition(csr, condition)


class Approver:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._requests = context.lister(CERTIFICATE_SIGNING_REQUESTS)

    async def reconcile(self, where: NamespacedName) -> None:
        csr = self._requests.get(*where)
        if csr is None or not is_open(csr):
            return
        try:
            found = recognizers(csr, read(csr["spec"]["request"]))
        except MissingPackage as error:
            raise ReconcileFailure(str(error)) from None
        except ValueError as error:
            raise ReconcileFailure(f'unable to parse csr "{where.name}": {error}') from None
        for each in found:
            answer = await self._client.create(REVIEWS, review(csr, each))
            if answer["status"].get("allowed"):
                await self._client.update(CERTIFICATE_SIGNING_REQUESTS, approved(csr, each), subresource="approval")
                return
        if found:
            tried = " ".join(each.subresource for each in found)
            raise NotYet(f'recognized csr "{where.name}" as [{tried}] but subject access review was not approved')


def new(context: Context) -> Controller:
    controller = Controller(context, "CertificateSigningRequest", Approver(context))
    controller.watches_for(CERTIFICATE_SIGNING_REQUESTS)
    return controller


CONTROLLER = Descriptor("certificatesigningrequest-approving-controller", new, ("csrapproving",))
