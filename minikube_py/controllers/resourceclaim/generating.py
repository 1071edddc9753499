"""Claims that are made from templates, for one pod each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minikube_py.controllers.resourceclaim.references import claim_name, entries, is_done, is_for_pod, template_name
from minikube_py.controllers.resourceclaim.reservations import may_reserve
from minikube_py.controllers.runtime.pods import node_name
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, name, uid
from minikube_py.machinery.wellknown import POD

CLAIM_NAME = "resource.kubernetes.io/pod-claim-name"
"""The annotation of a generated claim that says which entry of its pod it is for."""

LONGEST_BASE = 57
"""Leaves space for a hyphen and five random characters in a name of 63."""

ClaimOf = Callable[[str], Object | None]
"""The claim of a name in the pod's namespace."""


def needs_work(pod: Object, claim_of: ClaimOf) -> bool:
    """Whether the pod has to be reconciled: to have a claim made, or reserved after it was bound by somebody who is no
    scheduler. One that has ended gives its claims back, and must not get them again (kubernetes/kubernetes#141274)."""
    if is_deleting(pod) or is_done(pod):
        return False
    return any(_entry_needs_work(pod, entry, claim_of) for entry in entries(pod))


def _entry_needs_work(pod: Object, entry: Object, claim_of: ClaimOf) -> bool:
    named = claim_name(pod, entry)
    if not named:
        return named is None
    claim = claim_of(named)
    if claim is None:
        return bool(template_name(entry))  # another claim is the user's to make
    if template_name(entry) and not is_for_pod(pod, claim):
        return False  # until that other claim is gone
    return bool(node_name(pod)) and may_reserve(claim, pod)


def to_be_made(pod: Object, claim_of: ClaimOf) -> list[Object]:
    """The entries whose claim is yet to be made, or was lost: deleted, or another's has its name."""
    return [entry for entry in entries(pod) if template_name(entry) and _is_lost(pod, entry, claim_of)]


def _is_lost(pod: Object, entry: Object, claim_of: ClaimOf) -> bool:
    named = claim_name(pod, entry)
    if not named:
        return named is None
    claim = claim_of(named)
    return claim is None or not is_for_pod(pod, claim)


def made_before(entry: Object, owned: Iterable[Object]) -> Object | None:
    """Of the claims that the pod owns the one that was made for an entry, and never written to the pod's status."""
    return next((claim for claim in owned if meta.annotations(claim).get(CLAIM_NAME) == entry["name"]), None)


def generate_name(pod: Object, entry: Object) -> str:
    """If it is too long both parts are cut, each in proportion to its length: the server would only cut the end."""
    first, second = name(pod), entry["name"]
    whole = f"{first}-{second}-"
    if len(whole) <= LONGEST_BASE:
        return whole
    cut = [part[: len(part) * LONGEST_BASE // len(whole)] for part in (first, second)]
    return "-".join(cut)


def claim_from(template: Object, pod: Object, entry: Object) -> Object:
    """The claim to be created; shares the template's parts, so read-only."""
    spec = template["spec"]
    given = spec.get("metadata") or {}
    owner = {"apiVersion": POD.api_version, "kind": POD.kind, "name": name(pod), "uid": uid(pod), "controller": True}
    metadata = {
        "generateName": generate_name(pod, entry),
        "annotations": {**(given.get("annotations") or {}), CLAIM_NAME: entry["name"]},
        "ownerReferences": [owner],
    }
    if given.get("labels"):
        metadata["labels"] = given["labels"]
    return {"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "metadata": metadata, "spec": spec["spec"]}


def statuses(pod: Object, made: dict[str, str]) -> list[Object]:
    """status.resourceClaimStatuses as it is to be applied: the names of the claims made now, by entry, and those that
    were there. Upstream applies only the former, which takes the latter away."""
    known = {entry["name"]: claim_name(pod, entry) for entry in entries(pod) if template_name(entry)}
    wanted = {entry: named for entry, named in {**known, **made}.items() if named is not None}
    return [
        {"name": entry, "resourceClaimName": named} if named else {"name": entry} for entry, named in wanted.items()
    ]
