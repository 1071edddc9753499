"""Lists under server-side apply: atomic, sets of scalars, and maps keyed by fields of their items."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from minikube_py.api.apply.atom import Atom, TypedError, go_pointer, report
from minikube_py.api.apply.fieldset import LEAF, FieldSet, is_member
from minikube_py.api.apply.maps import removed_from
from minikube_py.api.apply.pathelement import MEMBER, key_element, text, value_element

_cached_value = lru_cache(maxsize=4096, typed=True)(value_element)


_NAMELESS = "?:"
"""Stands for the path element of an item that has none."""


@lru_cache(maxsize=16384, typed=True)
def _cached_key(name: str, value: Any) -> str:
    return key_element([(name, value)])


class AtomicList(Atom):
    """A list with one owner; its items are only validated."""

    __slots__ = ("_elem",)

    def __init__(self, elem: Atom) -> None:
        self._elem = elem

    def remove(self, value: Any, fields: FieldSet) -> Any:
        return None

    def reconcile(self, fields: FieldSet) -> FieldSet:
        return LEAF

    def validate(self, value: Any, path: str, errors: list[str]) -> None:
        if value is None:
            return
        if not isinstance(value, list):
            report(errors, path, f"expected list, got {go_pointer(value)}")
            return
        for index, item in enumerate(value):
            self._elem.validate(item, f"{path}[{index}]", errors)


class AssociativeList(Atom):
    """A list whose items are owned one by one; a subclass says how an item is named."""

    __slots__ = ("_elem",)

    def __init__(self, elem: Atom) -> None:
        self._elem = elem

    def element(self, item: Any) -> str:
        """The path element of an item. Raises TypedError."""
        raise TypeError(item)

    def elements(self, value: Any) -> list[str]:
        """The path elements of a list's items. Raises TypedError."""
        if not isinstance(value, list):
            return []
        try:
            return [self.element(item) for item in value]
        except TypedError:
            pass
        for index, item in enumerate(value):
            try:
                self.element(item)
            except TypedError as error:
                raise TypedError(f"element {index}: {error}") from None
        return []

    def loose_elements(self, value: Any) -> list[str]:
        """The same, but for items that cannot be told apart: half-pruned objects may have lost keys."""
        try:
            return self.elements(value)
        except TypedError:
            return [self._loose_element(item) for item in value]

    def _loose_element(self, item: Any) -> str:
        try:
            return self.element(item)
        except TypedError:
            return _NAMELESS

    def whole(self, value: Any) -> FieldSet:
        if not value or not isinstance(value, list):
            return LEAF
        node: FieldSet = {MEMBER: LEAF}
        for key, item in zip(self.elements(value), value, strict=True):
            node[key] = LEAF if key in node else self._elem.whole(item)
        return node

    def compare(self, old: Any, new: Any, key: str, changed: FieldSet, removed: FieldSet) -> None:
        mine = old if isinstance(old, list) else []
        theirs = new if isinstance(new, list) else []
        if not mine and not theirs:
            changed[key] = LEAF
            return
        below_changed: FieldSet = {}
        below_removed: FieldSet = {}
        self._compare_items(self._grouped(mine), self._grouped(theirs), below_changed, below_removed)
        if below_changed:
            changed[key] = below_changed
        if below_removed:
            removed[key] = below_removed

    def _grouped(self, items: list[Any]) -> dict[str, list[Any]]:
        groups: dict[str, list[Any]] = {}
        for key, item in zip(self.elements(items), items, strict=True):
            if key in groups:
                groups[key].append(item)
            else:
                groups[key] = [item]
        return groups

    def _compare_items(
        self, old: dict[str, list[Any]], new: dict[str, list[Any]], changed: FieldSet, removed: FieldSet
    ) -> None:
        """Duplicates are owned together, as a leaf."""
        elem = self._elem
        for key, theirs in new.items():
            mine = old.get(key)
            if mine == theirs:
                continue
            if len(theirs) > 1:
                changed[key] = LEAF
                if mine and len(mine) == 1:
                    removed[key] = elem.whole(mine[0])
            elif mine and len(mine) == 1:
                elem.compare(mine[0], theirs[0], key, changed, removed)
            else:
                changed[key] = elem.whole(theirs[0])
                if mine:
                    removed[key] = LEAF
        for key, mine in old.items():
            if key not in new:
                removed[key] = elem.whole(mine[0]) if len(mine) == 1 else LEAF

    def field_set(self, value: Any) -> FieldSet | None:
        node: FieldSet = {}
        for key, item in zip(self.loose_elements(value), value or (), strict=False):
            if key in node:
                node[key] = LEAF
                continue
            fields = self._elem.field_set(item)
            node[key] = {MEMBER: LEAF, **fields} if fields else LEAF
        return node or None

    def merge(self, old: Any, new: Any) -> Any:
        mine = old if isinstance(old, list) else []
        theirs = new if isinstance(new, list) else []
        if not mine and not theirs:
            return new
        if not theirs:
            return mine
        return _Merge(self, self._elem, mine, theirs).items() if mine else theirs

    def remove(self, value: Any, fields: FieldSet) -> Any:
        if not value or not isinstance(value, list):
            return None
        out: list[Any] = []
        descended = False
        for key, item in zip(self.loose_elements(value), value, strict=True):
            node = fields.get(key)
            if node is None:
                out.append(item)
            elif not is_member(node):
                descended = True
                out.append(removed_from(self._elem, item, node))
        return out if out or descended else None

    def named(self, fields: FieldSet) -> FieldSet:
        return {key: self._elem.named(node) if node and key[0] == "k" else node for key, node in fields.items()}

    def reconcile(self, fields: FieldSet) -> FieldSet:
        out = fields
        for key, node in fields.items():
            kept = self._elem.reconcile(node) if node else node
            if kept is not node:
                if out is fields:
                    out = dict(fields)
                out[key] = kept
        return out

    def validate(self, value: Any, path: str, errors: list[str]) -> None:
        if value is None:
            return
        if not isinstance(value, list):
            report(errors, path, f"expected list, got {go_pointer(value)}")
            return
        seen = set()
        for index, item in enumerate(value):
            try:
                key = self.element(item)
            except TypedError as error:
                report(errors, path, f"element {index}: {error}")
                return
            if key in seen:
                report(errors, path, f"duplicate entries for key {text(key)}")
            seen.add(key)
            self._elem.validate(item, path + text(key), errors)


class _Merge:
    """Merging two lists: items only one side has stay near their neighbours, shared ones take the new order.

        old [a b c], new [c x a]  ->  [b c x a]

    An old item that is in the new list too and is not the next shared one is passed over; it comes in its new place.
    Duplicates among the old items are kept, unless the new list has the item: then it replaces them all.
    """

    def __init__(self, owner: AssociativeList, elem: Atom, old: list[Any], new: list[Any]) -> None:
        self._elem = elem
        self._old = list(zip(owner.elements(old), old, strict=True))
        self._new = list(zip(owner.elements(new), new, strict=True))
        self._known: dict[str, Any] = {}
        for key, item in self._old:
            self._known[key] = None if key in self._known else item
        self._wanted = {key for key, _ in self._new}

    def items(self) -> list[Any]:
        out: list[Any] = []
        shared = [key for key, _ in self._new if key in self._known]
        done: set[str] = set()
        old_count, new_count = len(self._old), len(self._new)
        i = j = at = 0  # `at`: how many shared keys are placed
        while i < old_count or j < new_count:
            if i < old_count:
                key, item = self._old[i]
                if key not in self._wanted:
                    out.append(item)
                    i += 1
                    continue
                is_next = j < new_count and key == self._new[j][0]
                if not is_next and j < new_count and at < len(shared) and shared[at] != key:
                    i += 1
                    continue
                if is_next or key in done:
                    i += 1
            if j < new_count:
                key, item = self._new[j]
                out.append(self._elem.merge(self._known[key], item) if key in self._known else item)
                done.add(key)
                j += 1
                at += key in self._known
        return out


class SetList(AssociativeList):
    """A list of type set: each scalar is owned by itself."""

    __slots__ = ()

    def element(self, item: Any) -> str:
        if isinstance(item, str):
            return _cached_value(item)
        if isinstance(item, dict):
            raise TypedError("associative list without keys has an element that's a map type")
        if isinstance(item, list):
            raise TypedError("not supported: associative list with lists as elements")
        if item is None:
            raise TypedError("associative list without keys has an element that's an explicit null")
        return value_element(item)


class MapList(AssociativeList):
    """A list of type map: items are told apart by the values of some of their fields."""

    __slots__ = ("_defaults", "_keys", "_names", "_single")

    def __init__(self, elem: Atom, names: tuple[str, ...], defaults: dict[str, Any]) -> None:
        """`defaults`: what a key counts as where an item leaves it out."""
        super().__init__(elem)
        self._names = names
        self._keys = tuple(sorted(names))
        self._defaults = defaults
        self._single = names[0] if len(names) == 1 else ""

    def element(self, item: Any) -> str:
        if isinstance(item, dict):
            if self._single:
                value = item.get(self._single)
                if isinstance(value, str):
                    return _cached_key(self._single, value)
            return self._element_of(item)
        if item is None:
            raise TypedError("associative list with keys may not have a null element")
        raise TypedError("associative list with keys may not have non-map elements")

    def _element_of(self, item: dict[str, Any]) -> str:
        found = []
        for name in self._keys:
            if name in item:
                found.append((name, item[name]))
            elif name in self._defaults:
                found.append((name, self._defaults[name]))
        if not found:
            keys = " ".join(f'"{name}"' for name in self._names)
            raise TypedError(
                f"associative list with keys has an element that omits all key fields [{keys}]"
                " (and doesn't have default values for any key fields)"
            )
        return key_element(found)
