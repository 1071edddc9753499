"""Structs and maps under server-side apply: granular, or atomic."""

from __future__ import annotations

from typing import Any

from minikube_py.api.apply.atom import Atom, go_pointer, report
from minikube_py.api.apply.fieldset import LEAF, FieldSet, is_member
from minikube_py.api.apply.pathelement import MEMBER


class Map(Atom):
    """A struct or map whose parts are owned one by one.

    A subclass says what its keys hold; `named_child` is a struct's field.
    """

    __slots__ = ()

    def named_child(self, name: str) -> Atom | None:
        """The declared field of this name."""
        return None

    def other(self) -> Atom | None:
        """What keys hold that are no declared field; None where there may be none."""
        return None

    def child(self, name: str) -> Atom:
        """What this key holds; what is not declared yet stored is told apart by its value alone."""
        raise TypeError(name)

    def whole(self, value: Any) -> FieldSet:
        if not value or not isinstance(value, dict):
            return LEAF
        node: FieldSet = {MEMBER: LEAF}
        child = self.child
        for name, item in value.items():
            node["f:" + name] = child(name).whole(item)
        return node

    def compare(self, old: Any, new: Any, key: str, changed: FieldSet, removed: FieldSet) -> None:
        if not isinstance(old, dict):
            old = {}
        if not isinstance(new, dict):
            new = {}
        if not old and not new:
            changed[key] = LEAF
            return
        below_changed: FieldSet = {}
        below_removed: FieldSet = {}
        self.compare_items(old, new, below_changed, below_removed)
        if below_changed:
            changed[key] = below_changed
        if below_removed:
            removed[key] = below_removed

    def compare_items(self, old: FieldSet, new: FieldSet, changed: FieldSet, removed: FieldSet) -> None:
        """`compare` of the parts of two dicts.

        Python takes True and 1 for equal, so untyped values that change from one to the other keep their owner;
        telling them apart would need a walk where one comparison does.
        """
        child = self.child
        missing = len(old)
        for name, theirs in new.items():
            if name in old:
                missing -= 1
                mine = old[name]
                if mine is not theirs and mine != theirs:
                    child(name).compare(mine, theirs, "f:" + name, changed, removed)
            else:
                changed["f:" + name] = child(name).whole(theirs)
        if missing:
            for name, mine in old.items():
                if name not in new:
                    removed["f:" + name] = child(name).whole(mine)

    def field_set(self, value: Any) -> FieldSet | None:
        if not isinstance(value, dict):
            return None
        node: FieldSet = {}
        for name, item in value.items():
            fields = self.child(name).field_set(item)
            if item is None or item == {} or self.named_child(name) is None:
                fields = {MEMBER: LEAF, **fields} if fields else LEAF
            if fields is not None:
                node["f:" + name] = fields
        return node or None

    def merge(self, old: Any, new: Any) -> Any:
        mine = old if isinstance(old, dict) else {}
        theirs = new if isinstance(new, dict) else {}
        if not mine and not theirs:
            return new
        out = mine
        for name, item in theirs.items():
            if name in mine:
                known = mine[name]
                if known is item or known == item:
                    continue
                item = self.child(name).merge(known, item)
            if out is mine:
                out = dict(mine)
            out[name] = item
        return out

    def remove(self, value: Any, fields: FieldSet) -> Any:
        if not value or not isinstance(value, dict):
            return None
        out: dict[str, Any] = {}
        descended = False
        for name, item in value.items():
            node = fields.get("f:" + name)
            if node is None:
                out[name] = item
            elif not is_member(node):
                descended = True
                out[name] = removed_from(self.child(name), item, node)
        return out if out or descended else None

    def named(self, fields: FieldSet) -> FieldSet:
        out: FieldSet = {}
        for key, node in fields.items():
            if node and key[0] == "f":
                name = key[2:]
                declared = self.named_child(name)
                below = declared or self.other()
                if below is not None:
                    node = below.named(node)
                if declared is not None and MEMBER not in node:
                    node = {MEMBER: LEAF, **node}
            out[key] = node
        return out

    def reconcile(self, fields: FieldSet) -> FieldSet:
        out = fields
        for key, node in fields.items():
            if not node or key == MEMBER:
                continue
            declared = self.named_child(key[2:]) if key[0] == "f" else None
            below = declared or self.other()
            kept = below.reconcile(node) if below is not None else node
            if kept is not node:
                if out is fields:
                    out = dict(fields)
                out[key] = kept
        return out

    def validate(self, value: Any, path: str, errors: list[str]) -> None:
        if value is None:
            return
        if not isinstance(value, dict):
            report(errors, path, f"expected map, got {go_pointer(value)}")
            return
        for name, item in value.items():
            below = self.named_child(name) or self.other()
            if below is None:
                report(errors, f"{path}.{name}", "field not declared in schema")
                return
            below.validate(item, f"{path}.{name}", errors)


class AtomicMap(Atom):
    """A struct or map with one owner; its parts are only validated."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Map) -> None:
        self._parts = parts

    def remove(self, value: Any, fields: FieldSet) -> Any:
        return None

    def named(self, fields: FieldSet) -> FieldSet:
        return self._parts.named(fields)

    def reconcile(self, fields: FieldSet) -> FieldSet:
        return LEAF

    def validate(self, value: Any, path: str, errors: list[str]) -> None:
        self._parts.validate(value, path, errors)


class Deduced(Map):
    """A value of no declared type: maps are granular, lists atomic (upstream's __untyped_deduced_)."""

    __slots__ = ()

    def other(self) -> Atom | None:
        return self

    def child(self, name: str) -> Atom:
        return self

    def compare(self, old: Any, new: Any, key: str, changed: FieldSet, removed: FieldSet) -> None:
        old_is_map = old is None or isinstance(old, dict)
        new_is_map = new is None or isinstance(new, dict)
        if old_is_map and new_is_map:
            Map.compare(self, old, new, key, changed, removed)
            return
        changed[key] = self.whole(new)
        if old and old_is_map:
            removed[key] = {"f:" + name: self.whole(item) for name, item in old.items()}

    def field_set(self, value: Any) -> FieldSet | None:
        return Map.field_set(self, value) if value is None or isinstance(value, dict) else LEAF

    def merge(self, old: Any, new: Any) -> Any:
        return Map.merge(self, old, new) if new is None or isinstance(new, dict) else new

    def remove(self, value: Any, fields: FieldSet) -> Any:
        if isinstance(value, dict):
            return Map.remove(self, value, fields)
        return None if isinstance(value, list) else value

    def named(self, fields: FieldSet) -> FieldSet:
        return fields

    def reconcile(self, fields: FieldSet) -> FieldSet:
        return fields

    def validate(self, value: Any, path: str, errors: list[str]) -> None:
        """Anything goes."""


DEDUCED = Deduced()


def removed_from(atom: Atom, value: Any, fields: FieldSet) -> Any:
    """Part `value` of a container without `fields`: a container that is emptied stays, empty."""
    left = atom.remove(value, fields)
    if left is None and isinstance(value, dict):
        return {}
    if left is None and isinstance(value, list):
        return []
    return left
