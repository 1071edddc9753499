"""FieldManager: what a write does to the managedFields of an object, and server-side apply.

Upstream: apimachinery pkg/util/managedfields/internal (fieldmanager.go and the chain of managers it builds).
"""

from __future__ import annotations

from collections.abc import Mapping

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.atom import TypedError
from minikube_py.api.apply.conflict import Conflicts
from minikube_py.api.apply.fieldset import FieldSet
from minikube_py.api.apply.lastapplied import allowed_conflicts, with_last_applied
from minikube_py.api.apply.managed import (
    Identifier,
    InvalidManagedFields,
    Managed,
    Owned,
    at_time,
    cap_updates,
    decode,
    encode,
    is_reset,
    read,
    with_entries,
)
from minikube_py.api.apply.updater import Updater, Versions
from minikube_py.api.schema.types import Type
from minikube_py.api.schema.zero import zero
from minikube_py.machinery.errors import bad_request, unknown
from minikube_py.machinery.gvr import GroupVersionKind, Object

BEFORE_FIRST_APPLY = "before-first-apply"
"""Who owns what an object had before it was first tracked."""

_KUBECTL = "kubectl"
"""The manager of `kubectl apply --server-side`, which takes over from client-side apply."""


class FieldManager:
    """Keeps the managedFields of one kind, for one version and subresource.

    Objects are in the version of `gvk`. `reset_fields`: by apiVersion, what a strategy puts back whatever is sent,
    so that nobody comes to own it by sending it. `versions`: the kind's other versions, where it has any.
    """

    def __init__(
        self,
        type: Type,
        gvk: GroupVersionKind,
        subresource: str = "",
        reset_fields: Mapping[str, FieldSet] | None = None,
        versions: Versions | None = None,
    ) -> None:
        self._gvk = gvk
        self._subresource = subresource
        self._type = type
        self._empty: Object | None = None
        self._updater = Updater(type, gvk.api_version, reset_fields or {}, versions)

    def update(self, live: Object | None, new: Object, manager: str, now: str) -> Object:
        """`new`, about to be stored instead of `live` (None for a create), with its managedFields.

        `now` is RFC 3339 in whole seconds. Never fails: an object that does not fit its type loses managedFields.
        """
        known: list[Object] = live["metadata"].get("managedFields") or [] if live is not None else []
        managed = self._managed(known, new)
        if not managed and live is not None and live["metadata"].get("uid"):
            return with_entries(new, [])  # nobody tracks it: wait for the first apply
        try:
            managed = self._tracked(live, new, managed, manager, now)
        except TypedError:
            return with_entries(new, [])
        return self._written(new, managed, known)

    def apply(self, live: Object | None, patch: Object, manager: str, force: bool, now: str) -> Object:
        """The live object with `patch` applied by `manager`, and its managedFields.

        `live` is None where there is no such object; the result is then what to create. `live` itself comes back
        if nothing changes at all. The result is neither defaulted nor validated. Raises StatusError: 400 for
        another kind or for managedFields, 409 for conflicts, 500 for what does not fit the type.
        """
        gvk = _kind_of(patch)
        if gvk != self._gvk:
            raise bad_request(f"invalid object type: {gvk.group}/{gvk.version}, Kind={gvk.kind}")
        known: list[Object] = live["metadata"].get("managedFields") or [] if live is not None else []
        managed = read(known)
        if not managed and live is not None:
            managed = self._before_first_apply(live, now)
        metadata = patch.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("managedFields"), list):
            raise bad_request("metadata.managedFields must be nil")
        self._validate(patch)
        base = live if live is not None else self._new()
        merged, managed = self._applied(base, patch, managed, manager, force, now)
        if manager == _KUBECTL:
            merged = with_last_applied(merged, patch)
        return self._written(merged, managed, known)

    # -- update --------------------------------------------------------------------------------------------------

    def _managed(self, known: list[Object], new: Object) -> Managed:
        """What the managers own before the write: clients may set managedFields, but not by a subresource, and not
        forget them by leaving them out or sending what does not decode."""
        sent = new["metadata"].get("managedFields")
        if self._subresource or sent is None or sent is known:
            return read(known)
        if is_reset(sent):
            return {}
        if sent == known:
            return read(known)
        try:
            return decode(sent) or read(known)
        except InvalidManagedFields:
            return read(known)

    def _tracked(self, live: Object | None, new: Object, managed: Managed, manager: str, now: str) -> Managed:
        """Ownership after an update: the fields it changed are the manager's, and its time is now if there are any."""
        base = live if live is not None else self._new()
        identifier = self._identifier(manager, "Update")
        managed, changed = self._updater.update(base, new, managed, identifier)
        if changed:
            previous = managed.get(identifier)
            fields = changed if previous is None else fieldset.union(previous.fields, changed)
            if previous is None or previous.fields is not fields:
                managed[identifier] = Owned(fields, self._gvk.api_version, now)
            elif previous.time != now:
                managed[identifier] = at_time(previous, now)
        return cap_updates(managed)

    def _before_first_apply(self, live: Object, now: str) -> Managed:
        try:
            return self._tracked(None, live, {}, BEFORE_FIRST_APPLY, now)
        except TypedError as error:
            raise unknown(f"failed to create manager for existing fields: {error}") from None

    # -- apply ---------------------------------------------------------------------------------------------------

    def _applied(
        self, live: Object, patch: Object, managed: Managed, manager: str, force: bool, now: str
    ) -> tuple[Object, Managed]:
        applier = self._identifier(manager, "Apply")
        try:
            try:
                merged, managed = self._updater.apply(live, patch, managed, applier, force)
            except Conflicts as conflicts:
                allowed = allowed_conflicts(self._updater, live) if manager == _KUBECTL else {}
                left = conflicts.minus(allowed)
                if left is not None:
                    raise left.status_error() from None
                merged, managed = self._updater.apply(live, patch, managed, applier, True)
        except TypedError as error:
            raise unknown(f"failed to merge config: {error}") from None
        owned = managed.get(applier)
        if owned is not None and merged is not live:
            managed[applier] = at_time(owned, now)
        return merged, managed

    def _validate(self, patch: Object) -> None:
        errors: list[str] = []
        fields = {name: value for name, value in patch.items() if name not in ("apiVersion", "kind")}
        self._updater.atom.validate(fields, "", errors)
        if not errors:
            return
        text = errors[0] if len(errors) == 1 else "\n".join(["errors:", *("  " + error for error in errors)])
        raise unknown(f"failed to create typed patch object ({described(patch, self._gvk)}): {text}")

    # -- both ----------------------------------------------------------------------------------------------------

    def _identifier(self, manager: str, operation: str) -> Identifier:
        version = self._gvk.api_version if operation == "Update" else ""
        return Identifier(manager or "unknown", operation, version, self._subresource)

    def _new(self) -> Object:
        """An object of the kind with nothing set, as Go writes it: what is created is compared with it, so that the
        structs that are always there are nobody's."""
        if self._empty is None:
            self._empty = {**(zero(self._type) or {}), "apiVersion": self._gvk.api_version, "kind": self._gvk.kind}
        return self._empty

    def _written(self, obj: Object, managed: Managed, known: list[Object]) -> Object:
        entries = encode(managed)
        return with_entries(obj, known if entries == known else entries)


def _kind_of(patch: Object) -> GroupVersionKind:
    """The kind a patch names; group and version are empty for an apiVersion that is no group and version."""
    version = patch.get("apiVersion")
    if not isinstance(version, str) or version.count("/") > 1:
        return GroupVersionKind("", "", str(patch.get("kind") or ""))
    return GroupVersionKind.of(patch)


def described(obj: Object, gvk: GroupVersionKind) -> str:
    """ "default/web; apps/v1, Kind=Deployment"."""
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    namespace, name = metadata.get("namespace"), metadata.get("name")
    place = f"{namespace if isinstance(namespace, str) else ''}/{name if isinstance(name, str) else ''}"
    return f"{place}; {gvk.group + '/' if gvk.group else '/'}{gvk.version}, Kind={gvk.kind}"
