"""All changes to the slices that mirror one Endpoints object (endpointslicemirroring reconciler.go). Pure.

Each group of the mirror is one slice: the first of those that have its ports, or a new one. Slices of ports that
are asked for no more become what would have to be created in their family, or go.
"""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.endpointslice.endpoint import identity, port_key, same_state
from minikube_py.controllers.endpointslice.packing import Changes
from minikube_py.controllers.endpointslice.plan import MANAGED_BY
from minikube_py.controllers.endpointslice.tracker import SERVICE_NAME
from minikube_py.controllers.endpointslice.triggertime import ANNOTATION as TRIGGER_TIME
from minikube_py.controllers.endpointslicemirroring.mirror import Group, GroupKey, Mirror
from minikube_py.machinery import meta
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.meta import controller_reference, labels, name, namespace, owner_references, uid
from minikube_py.machinery.names import name_is_dns_subdomain

MANAGER = "endpointslicemirroring-controller.k8s.io"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_KIND = GroupVersionKind("", "v1", "Endpoints")


def plan(endpoints: Object, mirror: Mirror, existing: Sequence[Object]) -> Changes:
    """What to do with the `existing` slices so that they show the mirror."""
    by_key: dict[GroupKey, list[Object]] = {}
    for each in existing:
        by_key.setdefault((each.get("addressType") or "", port_key(each.get("ports"))), []).append(each)
    changes = Changes([], [], [])
    for which, group in mirror.groups.items():
        own = by_key.pop(which, [])
        changes.delete.extend(own[1:])
        if not own:
            changes.create.append(_slice(endpoints, group))
        elif not _is_current(own[0], endpoints, group):
            changes.update.append(_slice(endpoints, group, name(own[0])))
    for obsolete in by_key.values():
        changes.delete.extend(obsolete)
    return _recycled(changes)


def _is_current(found: Object, endpoints: Object, group: Group) -> bool:
    """Whether a slice says all that it should."""
    before = {identity(each): each for each in found.get("endpoints") or ()}
    if before.keys() != group.endpoints.keys() or len(before) != len(found.get("endpoints") or ()):
        return False
    plain = {key: value for key, value in labels(found).items() if key not in (MANAGED_BY, SERVICE_NAME)}
    return (
        plain == labels(endpoints)
        and meta.annotations(found) == _annotations(endpoints)
        and not _is_of_another(found, endpoints)
        and all(same_state(wanted, before[which]) for which, wanted in group.endpoints.items())
    )


def _is_of_another(found: Object, endpoints: Object) -> bool:
    """Whether the slice was made for former Endpoints of the name."""
    return any(
        each.get("kind") == _KIND.kind and each.get("name") == name(endpoints) and each.get("uid") != uid(endpoints)
        for each in owner_references(found)
    )


def _annotations(endpoints: Object) -> dict[str, str]:
    """Those that are mirrored."""
    dropped = (TRIGGER_TIME, LAST_APPLIED)
    return {key: value for key, value in meta.annotations(endpoints).items() if key not in dropped}


def _slice(endpoints: Object, group: Group, called: str = "") -> Object:
    """One slice of a group: a new one, or that which is `called` so."""
    prefix = f"{name(endpoints)}-"
    generated = prefix if not name_is_dns_subdomain(prefix, True) else name(endpoints)
    metadata: Object = {
        **({"name": called} if called else {"generateName": generated}),
        "namespace": namespace(endpoints),
        "labels": {**labels(endpoints), SERVICE_NAME: name(endpoints), MANAGED_BY: MANAGER},
        "ownerReferences": [controller_reference(endpoints, _KIND)],
    }
    if mirrored := _annotations(endpoints):
        metadata["annotations"] = mirrored
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": metadata,
        "addressType": group.family,
        "endpoints": list(group.endpoints.values()),
        "ports": group.ports,
    }


def _recycled(changes: Changes) -> Changes:
    """Rather than create one slice and delete another of its family, update the other (recycleSlices)."""
    create, update, delete = [], list(changes.update), list(changes.delete)
    for made in changes.create:
        spare = next((each for each in delete if each.get("addressType") == made["addressType"]), None)
        if spare is None:
            create.append(made)
            continue
        delete.remove(spare)
        metadata = {field: value for field, value in made["metadata"].items() if field != "generateName"}
        update.append({**made, "metadata": {**metadata, "name": name(spare)}})
    return Changes(create, update, delete)
