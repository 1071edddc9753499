"""legacy-serviceaccount-token-cleaner-controller: tokens that were made for accounts by themselves, long ago, and that
nobody uses, are marked invalid, and deleted later (pkg/controller/serviceaccount,
legacy_serviceaccount_token_cleaner.go).

    not marked    a year old, unused for a year, in its account's list, mounted nowhere    mark it as of today
    marked        the same, and marked a year ago                                          delete it

"Unused" is known since the day that the API server began to write down who is used.
"""

from __future__ import annotations

import logging
import re
from datetime import date
from enum import Enum

from minikube_py.client.indexer import Lister
from minikube_py.controllers.runtime import Context, Controller, Descriptor, Result
from minikube_py.controllers.runtime.podsecrets import secret_names
from minikube_py.controllers.serviceaccounttoken import TYPE, account_of, is_of
from minikube_py.machinery import meta
from minikube_py.machinery.clock import parse_rfc3339, rfc3339
from minikube_py.machinery.errors import StatusError, is_conflict, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.wellknown import CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS

log = logging.getLogger(__name__)

TRACKING = NamespacedName("kube-system", "kube-apiserver-legacy-service-account-token-tracking")
SINCE = "since"
LAST_USED = "kubernetes.io/legacy-token-last-used"
INVALID_SINCE = "kubernetes.io/legacy-token-invalid-since"

DAY = 24 * 60 * 60
UNUSED = 365 * DAY
"""Seconds (--legacy-service-account-token-clean-up-period)."""

EVERYTHING = NamespacedName("", "all tokens")

_is_date = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch


class Verdict(Enum):
    KEEP = "keep"
    MARK = "mark"
    DELETE = "delete"


def day(when: float) -> str:
    return rfc3339(when)[:10]


def is_day(text: str) -> bool:
    """Whether it is a day that exists."""
    try:
        return bool(_is_date(text) and date.fromisoformat(text))
    except ValueError:
        return False


def is_tracked(tracking: Object | None, now: float) -> bool:
    """Whether use has been written down for long enough. The first day does not count."""
    since = ((tracking or {}).get("data") or {}).get(SINCE) or ""
    return is_day(since) and now >= parse_rfc3339(f"{since}T00:00:00Z") + DAY + UNUSED


def is_unused(secret: Object, now: float) -> bool:
    """Whether it is an old token that nobody has used for long."""
    if secret.get("type") != TYPE or meta.is_deleting(secret):
        return False
    if parse_rfc3339(secret["metadata"]["creationTimestamp"]) >= now - UNUSED:
        return False
    used = meta.labels(secret).get(LAST_USED)
    return used is None or (is_day(used) and used < day(now - UNUSED))


def is_listed(secret: Object, account: Object | None) -> bool:
    """Whether its account's list has it: those that people made are not in there."""
    mentioned = (account or {}).get("secrets") or ()
    return is_of(secret, account) and any(each.get("name") == meta.name(secret) for each in mentioned)


def verdict(secret: Object, now: float) -> Verdict:
    """Of an unused one that is listed, and mounted nowhere."""
    since = meta.labels(secret).get(INVALID_SINCE) or ""
    if not is_day(since):
        return Verdict.MARK
    return Verdict.DELETE if since < day(now - UNUSED) else Verdict.KEEP


class TokenCleaner:
    """Its only key is EVERYTHING."""

    def __init__(self, context: Context) -> None:
        self._client = context.client
        self._clock = context.clock
        self._accounts: Lister = context.lister(SERVICE_ACCOUNTS)
        self._secrets: Lister = context.lister(SECRETS)
        self._pods: Lister = context.lister(PODS)

    async def reconcile(self, where: NamespacedName) -> Result:
        now = self._clock.now()
        if is_tracked(await self._tracking(), now):
            for secret in self._secrets.list(selector=lambda each: is_unused(each, now)):
                account = self._accounts.get(meta.namespace(secret), account_of(secret)[0])
                if is_listed(secret, account) and not self._is_mounted(secret):
                    await self._act(secret, verdict(secret, now), now)
        return Result(requeue_after=DAY)

    async def _tracking(self) -> Object | None:
        try:
            return await self._client.get(CONFIG_MAPS, *TRACKING)
        except StatusError as error:
            if is_not_found(error):
                return None
            raise

    def _is_mounted(self, secret: Object) -> bool:
        return any(meta.name(secret) in secret_names(pod) for pod in self._pods.list(meta.namespace(secret)))

    async def _act(self, secret: Object, verdict: Verdict, now: float) -> None:
        try:
            if verdict is Verdict.MARK:
                metadata = {"uid": meta.uid(secret), "labels": {INVALID_SINCE: day(now)}}
                await self._client.patch(SECRETS, *meta.key(secret), {"metadata": metadata})
            elif verdict is Verdict.DELETE:
                version = meta.resource_version(secret)
                await self._client.delete(SECRETS, *meta.key(secret), resource_version=version)
        except StatusError as error:
            # Tomorrow is another day, whether it was used, changed or gone meanwhile, or may not be touched.
            if not (is_conflict(error) or is_not_found(error)):
                log.warning("cannot clean up token %s: %s", meta.key(secret), error)


def new(context: Context) -> Controller:
    controller = Controller(context, "Secret", TokenCleaner(context), workers=1)
    controller.enqueue(EVERYTHING, reason="start")
    return controller


CONTROLLER = Descriptor(
    "legacy-serviceaccount-token-cleaner-controller", new, ("legacy-service-account-token-cleaner",)
)
