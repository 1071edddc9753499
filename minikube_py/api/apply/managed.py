"""managedFields: the entries of an object's metadata, and the sets they stand for.

Upstream: apimachinery pkg/util/managedfields/internal/managedfields.go, pathelement.go, capmanagers.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.fieldset import FieldSet
from minikube_py.api.apply.pathelement import InvalidPathElement
from minikube_py.machinery.gotext import json_text, quote
from minikube_py.machinery.gvr import Object

MAX_UPDATE_MANAGERS = 10
"""Beyond these, the oldest entries of updates are merged into one."""

ANCIENT = "ancient-changes"
"""The manager of such a merged entry."""


class InvalidManagedFields(ValueError):
    """Entries that do not decode; the text is upstream's."""


class Identifier(NamedTuple):
    """Whose entry it is. An applier has one entry whatever the version it applied, so `api_version` is "" there."""

    manager: str
    operation: str
    api_version: str
    subresource: str

    def sort_key(self) -> str:
        """Upstream's identifiers are strings of JSON, and sorted as such."""
        parts = {"manager": self.manager, "operation": self.operation, "apiVersion": self.api_version}
        return json_text({name: value for name, value in (*parts.items(), ("subresource", self.subresource)) if value})

    def __str__(self) -> str:
        """As conflicts name it: '"kubectl-edit" with subresource "status" using v1'."""
        name = quote(self.manager)
        if self.subresource:
            name = f"{name} with subresource {quote(self.subresource)}"
        return f"{name} using {self.api_version}" if self.operation == "Update" else name


class Owned(NamedTuple):
    """What a manager owns: `fields` as of `api_version`, since `time` (RFC 3339, or None)."""

    fields: FieldSet
    api_version: str
    time: str | None
    entry: Object | None = None
    """The entry that says just this, if there is one already."""


Managed = dict[Identifier, Owned]


def read(entries: list[Object] | None) -> Managed:
    """The entries of a stored object, which are valid and canonical."""
    managed: Managed = {}
    for entry in entries or ():
        operation, version = entry["operation"], entry["apiVersion"]
        identifier = Identifier(
            entry.get("manager", ""),
            operation,
            version if operation == "Update" else "",
            entry.get("subresource", ""),
        )
        managed[identifier] = Owned(entry.get("fieldsV1") or {}, version, entry.get("time"), entry)
    return managed


def decode(entries: list[Object]) -> Managed:
    """The entries that a client sent. Raises InvalidManagedFields."""
    managed: Managed = {}
    for index, entry in enumerate(entries):
        operation, version = entry.get("operation", ""), entry.get("apiVersion", "")
        if operation not in ("Apply", "Update"):
            raise InvalidManagedFields("operation must be `Apply` or `Update`")
        if not version:
            raise InvalidManagedFields("apiVersion must not be empty")
        fields_type = entry.get("fieldsType", "")
        if not fields_type:
            raise InvalidManagedFields(f"missing fieldsType in managed fields entry {index}")
        if fields_type != "FieldsV1":
            raise InvalidManagedFields(f"invalid fieldsType {quote(fields_type)} in managed fields entry {index}")
        try:
            fields = fieldset.parse(entry.get("fieldsV1"))
        except InvalidPathElement as error:
            raise InvalidManagedFields(f"error decoding set: {error}") from None
        identifier = Identifier(
            entry.get("manager", ""), operation, version if operation == "Update" else "", entry.get("subresource", "")
        )
        managed[identifier] = Owned(fields, version, entry.get("time"))
    return managed


def is_reset(entries: list[Object] | None) -> bool:
    """Whether a client asks to forget all managers: an empty list, or one empty entry."""
    return entries is not None and (not entries or (len(entries) == 1 and not any(entries[0].values())))


def encode(managed: Managed) -> list[Object]:
    """The entries, sorted: appliers first, then by time, manager, version and subresource."""
    entries = [owned.entry or _entry(identifier, owned) for identifier, owned in managed.items()]
    if len(entries) > 1:
        entries.sort(key=_entry_order)
    return entries


_MOST_SETS, _MOST_ENTRIES = 1024, 16
_made: dict[bytes, tuple[FieldSet, dict[tuple[Identifier, str, str | None], Object]]] = {}
"""The sets made lately by what they say, in order or as a write found them, and the entries with them: the pods of a
workload have the same ones, and they are most of a pod."""


def _entry(identifier: Identifier, owned: Owned) -> Object:
    """The entry; equal ones are one and the same object, and at least have the same set."""
    text = _text(owned.fields)
    known = _made.get(text)
    if known is None:
        fields = fieldset.ordered(owned.fields)
        if len(_made) >= _MOST_SETS:
            _made.clear()
        known = _made.setdefault(_text(fields), (fields, {}))
        _made[text] = known
    fields, entries = known
    key = (identifier, owned.api_version, owned.time)
    entry = entries.get(key)
    if entry is None:
        if len(entries) >= _MOST_ENTRIES:
            entries.clear()
        entry = entries[key] = _new_entry(identifier, owned, fields)
    return entry


def _text(fields: FieldSet) -> bytes:
    """As many bytes as there are: orjson's come with room for 4 KB."""
    try:
        return bytes(memoryview(orjson.dumps(fields)))
    except TypeError:
        raise RecursionError("fields nested too deeply") from None


def _new_entry(identifier: Identifier, owned: Owned, fields: FieldSet) -> Object:
    entry: Object = {}
    if identifier.manager:
        entry["manager"] = identifier.manager
    entry["operation"] = identifier.operation
    entry["apiVersion"] = owned.api_version
    if owned.time is not None:
        entry["time"] = owned.time
    entry["fieldsType"] = "FieldsV1"
    entry["fieldsV1"] = fields
    if identifier.subresource:
        entry["subresource"] = identifier.subresource
    return entry


def _entry_order(entry: Object) -> tuple[str, ...]:
    get = entry.get
    # times are whole seconds in UTC, so their texts sort as they do; no time is before all
    return entry["operation"], get("time") or "", get("manager", ""), entry["apiVersion"], get("subresource", "")


def with_fields(owned: Owned, fields: FieldSet) -> Owned:
    """The same manager with other fields; `owned` itself if they are the same."""
    return owned if fields is owned.fields else Owned(fields, owned.api_version, owned.time)


def at_time(owned: Owned, time: str) -> Owned:
    """The same manager with the same fields, since another time."""
    entry = None if owned.entry is None else {**owned.entry, "time": time}
    return Owned(owned.fields, owned.api_version, time, entry)


def cap_updates(managed: Managed) -> Managed:
    """At most MAX_UPDATE_MANAGERS entries of updates, as far as their versions allow: the oldest of a version are
    merged into one, whose time is that of the youngest of them."""
    updaters = [identifier for identifier in managed if identifier.operation == "Update"]
    excess = len(updaters) - MAX_UPDATE_MANAGERS
    if excess <= 0:
        return managed
    updaters.sort(key=lambda identifier: (managed[identifier].time or "", identifier.sort_key()))
    out = dict(managed)
    first_of: dict[str, Identifier] = {}
    for identifier in updaters:
        if excess <= 0:
            break
        owned = managed[identifier]
        version = owned.api_version
        if version not in first_of:
            first_of[version] = identifier
            continue
        bucket = Identifier(ANCIENT, "Update", version, "")
        if bucket not in out:
            out[bucket] = out.pop(first_of[version])
        out[bucket] = Owned(fieldset.union(out[bucket].fields, owned.fields), version, owned.time)
        if identifier != bucket:
            del out[identifier]
        excess -= 1
    return out


def with_entries(obj: Object, entries: list[Object]) -> Object:
    """The object with these managedFields, or with none; `obj` itself if it has just them."""
    metadata: Mapping[str, Any] = obj.get("metadata") or {}
    if not entries:
        if "managedFields" not in metadata:
            return obj
        return {**obj, "metadata": {key: value for key, value in metadata.items() if key != "managedFields"}}
    if metadata.get("managedFields") is entries:
        return obj
    return {**obj, "metadata": {**metadata, "managedFields": entries}}


def ignoring_times(new: Object, old: Object) -> Object:
    """`new` with the managedFields of `old`, if nothing but times in them differs between the two.

    Upstream: apiserver pkg/endpoints/handlers/fieldmanager/equality.go; runs on updates and patches after admission.
    """
    mine, theirs = old["metadata"].get("managedFields"), new["metadata"].get("managedFields")
    if not mine or not theirs or mine is theirs or len(mine) != len(theirs):
        return new
    if any(_timeless(a) != _timeless(b) for a, b in zip(mine, theirs, strict=True)):
        return new
    restored = with_entries(new, mine)
    return restored if restored == old else new


def _timeless(entry: Object) -> Object:
    return {key: value for key, value in entry.items() if key != "time"}
