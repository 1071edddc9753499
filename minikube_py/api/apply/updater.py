"""Updater: how a change of an object moves the ownership of its fields, and what is merged and pruned by an apply.

Upstream: structured-merge-diff merge/update.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.conflict import Conflicts
from minikube_py.api.apply.fieldset import LEAF, FieldSet
from minikube_py.api.apply.managed import Identifier, Managed, Owned, with_fields
from minikube_py.api.apply.maps import DEDUCED, Map
from minikube_py.api.apply.typed import compile_type
from minikube_py.api.schema.types import Type
from minikube_py.machinery.gvr import Object

_TYPE_META = frozenset({"apiVersion", "kind", "metadata"})
_UNOWNED = frozenset(
    {
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    }
)
"""Metadata that is nobody's (internal/stripmeta.go)."""

_UNOWNED_FIELDS = fieldset.of(
    ("f:apiVersion",), ("f:kind",), ("f:metadata",), *(("f:metadata", "f:" + name) for name in sorted(_UNOWNED))
)


class Versions(Protocol):
    """The other versions of a kind, whose fields managers may own."""

    def type_at(self, api_version: str) -> Type | None:
        """The kind's type in a version ("autoscaling/v1"); None if it is not served, then what is owned in it is
        forgotten."""

    def convert(self, obj: Object, api_version: str) -> Object:
        """The object in that version."""


class Changes:
    """How an object differs from another, by version: (added or modified, removed)."""

    def __init__(self, updater: Updater, old: Object, new: Object) -> None:
        self._updater = updater
        self._old = old
        self._new = new
        self._known: dict[str, tuple[FieldSet, FieldSet]] = {}

    def at(self, api_version: str) -> tuple[FieldSet, FieldSet]:
        known = self._known.get(api_version)
        if known is None:
            updater = self._updater
            old, new = updater.convert(self._old, api_version), updater.convert(self._new, api_version)
            changed, removed = compare(updater.atom_at(api_version) or DEDUCED, old, new)
            reset = updater.reset_fields.get(api_version)
            if reset:
                changed = fieldset.recursive_difference(changed, reset)
                removed = fieldset.recursive_difference(removed, reset)
            known = self._known[api_version] = changed, removed
        return known


class Updater:
    """Ownership for the objects of one kind, written in `api_version`."""

    def __init__(
        self, type: Type, api_version: str, reset_fields: Mapping[str, FieldSet], versions: Versions | None
    ) -> None:
        self.api_version = api_version
        self.reset_fields = reset_fields
        self._versions = versions
        self._atoms: dict[str, Map | None] = {api_version: _root(type)}
        self._reconciled: dict[int, tuple[FieldSet, FieldSet]] = {}

    @property
    def atom(self) -> Map:
        return self.atom_at(self.api_version) or DEDUCED

    def atom_at(self, api_version: str) -> Map | None:
        """None for a version that is not served."""
        if api_version not in self._atoms:
            type = self._versions.type_at(api_version) if self._versions is not None else None
            self._atoms[api_version] = None if type is None else _root(type)
        return self._atoms[api_version]

    def convert(self, obj: Object, api_version: str) -> Object:
        if api_version == obj.get("apiVersion", self.api_version) or self._versions is None:
            return obj
        return self._versions.convert(obj, api_version)

    # -- the verbs -----------------------------------------------------------------------------------------------

    def update(self, old: Object, new: Object, managed: Managed, updater: Identifier) -> tuple[Managed, FieldSet]:
        """Ownership after `updater` replaced old by new, but for the fields that came to be its own by that: those
        are the second part of the answer."""
        changes = Changes(self, old, new)
        changed, removed = changes.at(self.api_version)
        managed = self.reconcile(managed)
        mine = managed.get(updater)
        managed = self._taken(managed, changes, updater)
        if mine is not None and removed:
            left = fieldset.difference(mine.fields, removed)
            if left:
                managed[updater] = with_fields(mine, left)
            else:
                del managed[updater]
        return managed, changed

    def apply(
        self, live: Object, config: Object, managed: Managed, applier: Identifier, force: bool
    ) -> tuple[Object, Managed]:
        """The object with the configuration merged in, and the ownership after that. `live` itself if nothing
        changes. Raises Conflicts, TypedError."""
        managed = self.reconcile(managed)
        last = managed.get(applier)
        fields = self.atom.field_set(config) or LEAF
        reset = self.reset_fields.get(self.api_version)
        if reset:
            fields = fieldset.recursive_difference(fields, reset)
        managed[applier] = Owned(fields, self.api_version, last.time if last is not None else None)
        merged: Object = self.atom.merge(live, config)
        if last is not None:
            merged = self._prune(merged, managed, applier, last)
        fields = fieldset.difference(fields, _UNOWNED_FIELDS)  # only now: pruning is not to take the name
        managed[applier] = with_fields(managed[applier], fields)
        if merged == live:
            merged = live
        changes = Changes(self, live, merged)
        if not force:
            self._raise_conflicts(managed, changes, applier)
        managed = self._taken(managed, changes, applier)
        if not fields:
            managed.pop(applier, None)
        return merged, managed

    def field_set(self, config: Object) -> FieldSet:
        """What a manager owns who applies this."""
        return fieldset.difference(self.atom.field_set(config) or LEAF, _UNOWNED_FIELDS)

    # -- ownership -----------------------------------------------------------------------------------------------

    def reconcile(self, managed: Managed) -> Managed:
        """The same in today's schema: without versions that are gone, and with what became atomic owned whole."""
        out: Managed = {}
        for identifier, owned in managed.items():
            atom = self.atom_at(owned.api_version)
            if atom is not None:
                out[identifier] = with_fields(owned, self._reconcile(atom, owned.fields))
        return out

    def _reconcile(self, atom: Map, fields: FieldSet) -> FieldSet:
        known = self._reconciled.get(id(fields))
        if known is not None:  # it is held beside the answer, so its id is its own
            return known[1]
        if len(self._reconciled) > 512:
            self._reconciled.clear()
        kept = atom.reconcile(fields)
        self._reconciled[id(fields)] = fields, kept
        if kept is not fields:
            self._reconciled[id(kept)] = kept, kept
        return kept

    def _taken(self, managed: Managed, changes: Changes, writer: Identifier) -> Managed:
        """Ownership without what the change takes from the others than the writer."""
        out: Managed = {}
        for identifier, owned in managed.items():
            if identifier != writer:
                changed, removed = changes.at(owned.api_version)
                if changed or removed:
                    left = fieldset.difference(fieldset.difference(owned.fields, changed), removed)
                    owned = with_fields(owned, left)
            if owned.fields:
                out[identifier] = owned
        return out

    def _raise_conflicts(self, managed: Managed, changes: Changes, applier: Identifier) -> None:
        conflicts: dict[Identifier, FieldSet] = {}
        for identifier, owned in managed.items():
            if identifier != applier:
                contested = fieldset.intersection(owned.fields, changes.at(owned.api_version)[0])
                if contested:
                    conflicts[identifier] = contested
        if conflicts:
            raise Conflicts(conflicts)

    # -- pruning -------------------------------------------------------------------------------------------------

    def _prune(self, merged: Object, managed: Managed, applier: Identifier, last: Owned) -> Object:
        """`merged` without what the applier applied last time, does not apply now, and nobody else owns."""
        same_version = last.api_version == self.api_version
        if same_version and not fieldset.difference(last.fields, managed[applier].fields):
            return merged
        atom = self.atom_at(last.api_version)
        if atom is None:
            return merged
        converted = self.convert(merged, last.api_version)
        named_last = atom.named(last.fields)
        pruned: Object = atom.remove(converted, named_last) or {}
        pruned = self._add_owned(converted, pruned, managed, last.api_version)
        pruned = self.convert(pruned, last.api_version)
        gone = fieldset.difference(self._named_set(atom, converted), self._named_set(atom, pruned))
        pruned = atom.remove(converted, fieldset.intersection(gone, named_last)) or {}
        return self.convert(pruned, self.api_version)

    def _add_owned(self, merged: Object, pruned: Object, managed: Managed, first: str) -> Object:
        """`pruned` with what of `merged` any manager owns, the version `first` before the others."""
        owned_at: dict[str, FieldSet] = {first: LEAF}
        for owned in managed.values():
            owned_at[owned.api_version] = fieldset.union(owned_at.get(owned.api_version, LEAF), owned.fields)
        for api_version, fields in owned_at.items():
            atom = self.atom_at(api_version)
            if atom is None or (api_version == first and not fields):
                continue
            merged, pruned = self.convert(merged, api_version), self.convert(pruned, api_version)
            kept = fieldset.union(self._named_set(atom, pruned), atom.named(fields))
            pruned = atom.remove(merged, fieldset.difference(self._named_set(atom, merged), kept)) or {}
        return pruned

    def _named_set(self, atom: Map, obj: Object) -> FieldSet:
        return atom.named(atom.field_set(obj) or LEAF)


def compare(atom: Map, old: Object, new: Object) -> tuple[FieldSet, FieldSet]:
    """(added or modified, removed), without metadata that is nobody's."""
    changed: FieldSet = {}
    removed: FieldSet = {}
    atom.compare_items(_ownable(old), _ownable(new), changed, removed)
    return changed, removed


def _ownable(obj: Object) -> Object:
    out = {name: value for name, value in obj.items() if name not in _TYPE_META}
    metadata = obj.get("metadata") or {}
    out["metadata"] = {name: value for name, value in metadata.items() if name not in _UNOWNED}
    return out


def _root(type: Type) -> Map:
    atom = compile_type(type)
    return atom if isinstance(atom, Map) else DEDUCED
