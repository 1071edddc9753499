"""certificatesigningrequest-cleaner-controller: deletes requests some time after they have been dealt with, or not
(pkg/controller/certificates/cleaner/cleaner.go).

    denied, failed, approved with a certificate     an hour later, or with the certificate's end
    approved without a certificate                  a day later
    nothing                                         a day after their creation

Upstream looks at all of them once an hour. Here each is looked at when its time has come.
"""

from __future__ import annotations

import base64
import binascii

from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.certificaterequests import (
    APPROVED,
    CERTIFICATE_SIGNING_REQUESTS,
    DENIED,
    FAILED,
    conditions,
    is_issued,
)
from minikube_py.machinery.certificates import MissingPackage
from minikube_py.machinery.certificates.expiry import not_after
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import uid

DEALT_WITH = 60 * 60
PENDING = 24 * 60 * 60
"""Seconds."""


def deadline(csr: Object, certificate_ends: float | None) -> float | None:
    """When it is to be deleted (Unix seconds); None for never. `certificate_ends`: None without a certificate."""
    found = conditions(csr)
    if not found:
        return parse_rfc3339(csr["metadata"]["creationTimestamp"]) + PENDING
    times = []
    for condition in found:
        kind, since = condition.get("type"), condition.get("lastUpdateTime")
        if since and kind in (DENIED, FAILED):
            times.append(parse_rfc3339(since) + DEALT_WITH)
        elif since and kind == APPROVED:
            times.append(parse_rfc3339(since) + (DEALT_WITH if is_issued(csr) else PENDING))
        if kind == APPROVED and certificate_ends is not None:
            times.append(certificate_ends)
    return min(times, default=None)


def certificate_ends(csr: Object) -> float | None:
    """When its certificate is valid no more (Unix seconds); None without one, or without a way to look into it."""
    if not is_issued(csr):
        return None
    try:
        return not_after(base64.b64decode(csr["status"]["certificate"]))
    except (binascii.Error, ValueError, MissingPackage):
        return None


class Cleaner:
    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._requests = context.lister(CERTIFICATE_SIGNING_REQUESTS)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        csr = self._requests.get(*where)
        if csr is None:
            return None
        when = deadline(csr, certificate_ends(csr))
        if when is None:
            return None
        left = when - self._clock.now()
        if left > 0:
            return Result(requeue_after=left)
        try:
            await self._client.delete(CERTIFICATE_SIGNING_REQUESTS, *where, uid=uid(csr))
        except StatusError as error:
            if not is_not_found(error):
                raise
        return None


def new(context: Context) -> Controller:
    controller = Controller(context, "CertificateSigningRequest", Cleaner(context))
    controller.watches_for(CERTIFICATE_SIGNING_REQUESTS)
    return controller


CONTROLLER = Descriptor("certificatesigningrequest-cleaner-controller", new, ("csrcleaner",))
