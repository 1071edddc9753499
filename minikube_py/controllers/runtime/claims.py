"""Claims: which objects belong to a controller, by controllerRef first and selector second
(pkg/controller/controller_ref_manager.go).

    controllerRef    selector matches    then
    ours             yes                 keep
    ours             no                  release, unless the owner is being deleted
    another's        -                   ignore
    none             yes                 adopt, unless either is being deleted
    none             no                  ignore
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import Enum

from minikube_py.client.protocol import STRATEGIC_MERGE_PATCH, Client
from minikube_py.machinery.errors import StatusError, is_invalid, is_not_found
from minikube_py.machinery.gvr import GroupVersionKind, GroupVersionResource, Object
from minikube_py.machinery.meta import controller_of, controller_reference, is_deleting, key, name, namespace, uid


class Claim(Enum):
    KEEP = "keep"
    ADOPT = "adopt"
    RELEASE = "release"
    IGNORE = "ignore"


def decide(owner: Object, obj: Object, matches: bool) -> Claim:
    """What to do with an object that an owner might own; `matches` is the selector's answer."""
    reference = controller_of(obj)
    if reference is not None:
        if reference["uid"] != uid(owner):
            return Claim.IGNORE
        if matches:
            return Claim.KEEP
        return Claim.IGNORE if is_deleting(owner) else Claim.RELEASE
    if not matches or is_deleting(owner) or is_deleting(obj) or namespace(owner) != namespace(obj):
        return Claim.IGNORE
    return Claim.ADOPT


def adoption_patch(owner: Object, kind: GroupVersionKind, obj: Object, finalizers: Sequence[str] = ()) -> Object:
    """Strategic; its uid makes it fail on a namesake of `obj`."""
    metadata: Object = {"uid": uid(obj), "ownerReferences": [controller_reference(owner, kind)]}
    return {"metadata": {**metadata, "finalizers": list(finalizers)} if finalizers else metadata}


def release_patch(owner: Object, obj: Object, finalizers: Sequence[str] = ()) -> Object:
    metadata: Object = {"uid": uid(obj), "ownerReferences": [{"$patch": "delete", "uid": uid(owner)}]}
    if finalizers:
        metadata["$deleteFromPrimitiveList/finalizers"] = list(finalizers)
    return {"metadata": metadata}


class Claimer:
    """Adopts and releases objects of one resource for owners of one kind."""

    def __init__(
        self,
        client: Client,
        owners: GroupVersionResource,
        owner_kind: GroupVersionKind,
        resource: GroupVersionResource,
        resource_kind: str,
        finalizers: Sequence[str] = (),
    ) -> None:
        """`finalizers` are put on what is adopted, and taken off what is released."""
        self._client = client
        self._finalizers = finalizers
        self._owners = owners
        self._owner_kind = owner_kind
        self._resource = resource
        self._resource_kind = resource_kind

    async def claim(
        self, owner: Object, candidates: Iterable[Object], matches: Callable[[Object], bool]
    ) -> list[Object]:
        """Those of the candidates that are the owner's, adopted ones included. Raises the first StatusError or
        AdoptionRefused once all were tried."""
        claimed: list[Object] = []
        failures: list[Exception] = []
        may_adopt = _Once(self._recheck, owner)
        owner_uid = uid(owner)
        for obj in candidates:
            reference = controller_of(obj)
            matching = matches(obj)
            if matching and reference is not None and reference["uid"] == owner_uid:
                claimed.append(obj)
                continue
            try:
                if await self._settle(owner, obj, decide(owner, obj, matching), may_adopt):
                    claimed.append(obj)
            except (StatusError, AdoptionRefused) as error:
                failures.append(error)
        if failures:
            raise failures[0]
        return claimed

    async def _settle(self, owner: Object, obj: Object, claim: Claim, may_adopt: _Once) -> bool:
        if claim is Claim.RELEASE:
            try:
                await self._patch(obj, release_patch(owner, obj, self._finalizers))
            except StatusError as error:
                # Gone, or made anew under its name: either way it is not ours any more.
                if not (is_not_found(error) or is_invalid(error)):
                    raise
        if claim is not Claim.ADOPT:
            return claim is Claim.KEEP
        refusal = await may_adopt.refusal()
        if refusal:
            raise AdoptionRefused(f"can't adopt {self._resource_kind} {key(obj)} ({uid(obj)}): {refusal}")
        try:
            await self._patch(obj, adoption_patch(owner, self._owner_kind, obj, self._finalizers))
        except StatusError as error:
            if is_not_found(error):
                return False
            raise
        return True

    async def _patch(self, obj: Object, patch: Object) -> None:
        await self._client.patch(self._resource, namespace(obj), name(obj), patch, patch_type=STRATEGIC_MERGE_PATCH)

    async def _recheck(self, owner: Object) -> str:
        """Why the owner may not adopt after all, by an uncached read: its cached state may be a dead one's."""
        kind = self._owner_kind.kind
        try:
            fresh = await self._client.get(self._owners, namespace(owner), name(owner))
        except StatusError as error:
            return f"can't recheck DeletionTimestamp: {error}"
        if uid(fresh) != uid(owner):
            return (
                "can't recheck DeletionTimestamp: "
                f"original {kind} {key(owner)} is gone: got uid {uid(fresh)}, wanted {uid(owner)}"
            )
        if is_deleting(fresh):
            return f"{key(owner)} has just been deleted at {fresh['metadata']['deletionTimestamp']}"
        return ""


class AdoptionRefused(Exception):
    """The owner is gone or going."""


class _Once:
    """The recheck, made at most once a claim, and only if there is something to adopt."""

    def __init__(self, recheck: Callable[[Object], Awaitable[str]], owner: Object) -> None:
        self._recheck = recheck
        self._owner = owner
        self._refusal: str | None = None

    async def refusal(self) -> str:
        if self._refusal is None:
            self._refusal = await self._recheck(self._owner)
        return self._refusal
