"""Who owns a StatefulSet's claims, so that they go when it is scaled down or deleted
(persistentVolumeClaimRetentionPolicy).

    whenScaled   whenDeleted   owner while the pod is wanted   owner once the pod is condemned
    Retain       Retain        nobody                          nobody
    Retain       Delete        the set                         the set
    Delete       Retain        nobody                          the pod
    Delete       Delete        the set                         the pod

Upstream: pkg/controller/statefulset/stateful_set_utils.go.
"""

from __future__ import annotations

from minikube_py.controllers.statefulset.identity import ordinal, ordinals
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.meta import controller_reference, name, owner_references, uid
from minikube_py.machinery.wellknown import POD, STATEFUL_SET

DELETE = "Delete"


def retains_all(stateful_set: Object) -> bool:
    return not (deletes_when_scaled(stateful_set) or _deletes_when_deleted(stateful_set))


def deletes_when_scaled(stateful_set: Object) -> bool:
    return _policy(stateful_set).get("whenScaled") == DELETE


def _deletes_when_deleted(stateful_set: Object) -> bool:
    return _policy(stateful_set).get("whenDeleted") == DELETE


def _policy(stateful_set: Object) -> Object:
    policy: Object = stateful_set["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
    return policy


def is_stale(claim: Object, pod: Object) -> bool:
    """Whether it belongs to a namesake of the pod that is gone, and so is about to go too."""
    return _names_another(claim, pod, POD)


def has_unexpected_controller(claim: Object, stateful_set: Object, pod: Object) -> bool:
    """Whether anybody but this set and this pod controls it; of no interest if claims are retained anyway."""
    if retains_all(stateful_set):
        return False
    for reference in owner_references(claim):
        if _means(reference, stateful_set, STATEFUL_SET):
            if reference["uid"] != uid(stateful_set):
                return True
        elif _means(reference, pod, POD):
            if reference["uid"] != uid(pod):
                return True
        elif reference.get("controller"):
            return True
    return False


def is_up_to_date(claim: Object, stateful_set: Object, pod: Object) -> bool:
    """Whether its owners are as the policy wants them, or it is not to be touched."""
    if _names_another(claim, stateful_set, STATEFUL_SET) or _names_another(claim, pod, POD):
        return True
    owned_by_set, owned_by_pod = _owns(stateful_set, claim), _owns(pod, claim)
    if has_unexpected_controller(claim, stateful_set, pod):
        return not (owned_by_set or owned_by_pod)
    ours = (uid(stateful_set), uid(pod))
    if any(each["uid"] in ours and not each.get("controller") for each in owner_references(claim)):
        return False
    return (owned_by_set, owned_by_pod) == _wanted_owners(stateful_set, pod)


def with_owners(claim: Object, stateful_set: Object, pod: Object) -> Object:
    """The claim with the owners that the policy wants."""
    references = [
        each
        for each in owner_references(claim)
        if not (_means(each, stateful_set, STATEFUL_SET) or _means(each, pod, POD))
    ]
    if not has_unexpected_controller(claim, stateful_set, pod):
        by_set, by_pod = _wanted_owners(stateful_set, pod)
        if by_set:
            references.append(controller_reference(stateful_set, STATEFUL_SET))
        if by_pod:
            references.append(controller_reference(pod, POD))
    metadata = {field: value for field, value in claim["metadata"].items() if field != "ownerReferences"}
    if references:
        metadata["ownerReferences"] = references
    return {**claim, "metadata": metadata}


def _wanted_owners(stateful_set: Object, pod: Object) -> tuple[bool, bool]:
    """Whether the set and whether the pod is to own its claims."""
    by_pod = deletes_when_scaled(stateful_set) and ordinal(pod) not in ordinals(stateful_set)
    return _deletes_when_deleted(stateful_set) and not by_pod, by_pod


def _means(reference: Object, obj: Object, kind: GroupVersionKind) -> bool:
    """By name; whether it is the very one, the uid tells."""
    return (reference.get("apiVersion"), reference.get("kind"), reference.get("name")) == (
        kind.api_version,
        kind.kind,
        name(obj),
    )


def _names_another(claim: Object, obj: Object, kind: GroupVersionKind) -> bool:
    """Whether its first reference by this name is to an older bearer of it."""
    for reference in owner_references(claim):
        if _means(reference, obj, kind):
            return bool(reference["uid"] != uid(obj))
    return False


def _owns(owner: Object, claim: Object) -> bool:
    return any(reference["uid"] == uid(owner) for reference in owner_references(claim))
