"""Sets of field paths, kept in the shape they have on the wire: trees of nested dicts (FieldsV1).

    {"f:spec": {"f:replicas": {}, "f:template": {".": {}, "f:metadata": {}}}}

holds .spec.replicas, .spec.template and .spec.template.metadata, but not .spec. A node that is empty is a member and
has nothing below it; a node with children is a member only if it also has ".". At the root, {} is the empty set.
Nodes are never changed once made, results share unchanged parts, and an operation that changes nothing returns the
very object it was given: callers tell by `is`.

Upstream: sigs.k8s.io/structured-merge-diff fieldpath/set.go, serialize.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minikube_py.api.apply.pathelement import MEMBER, InvalidPathElement, canonical, order, text

FieldSet = dict[str, Any]
"""A set, or a node of one: read-only."""

LEAF: FieldSet = {}
"""The node of a member without children. At the root: the empty set."""

Path = tuple[str, ...]


def is_member(node: FieldSet) -> bool:
    """Whether a node (not a root) belongs to its set itself."""
    return not node or MEMBER in node


def union(a: FieldSet, b: FieldSet) -> FieldSet:
    """What is in either."""
    if a is b or not b:
        return a
    return _union_children(a, b) if a else b


def _union_children(a: FieldSet, b: FieldSet) -> FieldSet:
    out: FieldSet | None = None
    for key, theirs in b.items():
        mine = a.get(key)
        joined = theirs if mine is None else _union_node(mine, theirs)
        if joined is not mine:
            if out is None:
                out = dict(a)
            out[key] = joined
    return a if out is None else out


def _union_node(a: FieldSet, b: FieldSet) -> FieldSet:
    if a is b:
        return a
    if not b:
        return a if is_member(a) else {MEMBER: LEAF, **a}
    if not a:
        return b if MEMBER in b else {MEMBER: LEAF, **b}
    return _union_children(a, b)


def difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """What is in `a` and not in `b`. A path in `b` takes itself away, not what is below it."""
    if not a or not b:
        return a
    if a is b:
        return LEAF
    return _difference_children(a, b) or LEAF


def _difference_children(a: FieldSet, b: FieldSet) -> FieldSet:
    """Of nodes that both have children: what is left, {} for nothing. "." is handled like any other member."""
    out: FieldSet | None = None
    for key in a.keys() & b.keys() if len(b) > 8 else b:
        mine = a.get(key)
        if mine is None:
            continue
        left = _difference_node(mine, b[key])
        if left is mine:
            continue
        if out is None:
            out = dict(a)
        if left is None:
            del out[key]
        else:
            out[key] = left
    if out is None:
        return a
    # a lone "." is spelt as a leaf by the caller
    return out


def _difference_node(a: FieldSet, b: FieldSet) -> FieldSet | None:
    """What is left of node `a`; None for nothing."""
    if not a:
        return None if is_member(b) else a
    if not b:
        return {key: node for key, node in a.items() if key != MEMBER} if MEMBER in a else a
    left = _difference_children(a, b)
    if not left:
        return None
    return LEAF if len(left) == 1 and MEMBER in left else left


def recursive_difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """What is in `a` and neither in `b` nor below a member of `b`."""
    if not a or not b:
        return a
    out: FieldSet | None = None
    for key, theirs in b.items():
        mine = a.get(key)
        if mine is None or key == MEMBER:
            continue
        left = None if is_member(theirs) else recursive_difference(mine, theirs) if mine else mine
        if left is mine:
            continue
        if out is None:
            out = dict(a)
        if not left:  # a node that had children and has none left, not a member
            del out[key]
        else:
            out[key] = LEAF if len(left) == 1 and MEMBER in left else left
    return a if out is None else out


def intersection(a: FieldSet, b: FieldSet) -> FieldSet:
    """What is in both."""
    if a is b:
        return a
    if not a or not b:
        return LEAF
    out: FieldSet = {}
    for key, theirs in b.items():
        mine = a.get(key)
        if mine is not None:
            shared = _intersection_node(mine, theirs)
            if shared is not None:
                out[key] = shared
    return out


def _intersection_node(a: FieldSet, b: FieldSet) -> FieldSet | None:
    if a is b:
        return a
    if not a or not b:
        return LEAF if is_member(a) and is_member(b) else None
    shared = intersection(a, b)
    if not shared:
        return None
    return LEAF if len(shared) == 1 and MEMBER in shared else shared


def has(fields: FieldSet, path: Path) -> bool:
    node: FieldSet | None = fields
    for element in path:
        node = node.get(element) if node else None
        if node is None:
            return False
    return bool(path) and node is not None and is_member(node)


def of(*paths: Path) -> FieldSet:
    """The set of these paths."""
    fields: FieldSet = LEAF
    for path in paths:
        node = LEAF
        for element in reversed(path):
            node = {element: node}
        fields = union(fields, node)
    return fields


def paths(fields: FieldSet, above: Path = ()) -> Iterator[Path]:
    """Every member; those of a node before those below it, in the order of path elements."""
    elements = sorted((key for key in fields if key != MEMBER), key=order)
    for element in elements:
        if is_member(fields[element]):
            yield (*above, element)
    for element in elements:
        if fields[element]:
            yield from paths(fields[element], (*above, element))


def path_text(path: Path) -> str:
    """A path in messages: '.spec.containers[name="web"].image'."""
    return "".join(map(text, path))


def parse(tree: Any) -> FieldSet:
    """The set that a fieldsV1 from a client spells. Raises InvalidPathElement."""
    if tree is None:
        return LEAF
    return _parse_children(tree)[0] or LEAF


def _parse_children(tree: Any) -> tuple[FieldSet | None, bool]:
    """The children of a node (None if it has none), and whether the node is a member."""
    if not isinstance(tree, dict):
        raise InvalidPathElement("expected a map of path elements")
    children: FieldSet = {}
    member = False
    for key, below in tree.items():
        if key == MEMBER:
            member = True
            continue
        element = canonical(key)
        if element is None:
            continue
        grandchildren, child_is_member = _parse_children(below)
        node = {MEMBER: LEAF, **grandchildren} if grandchildren and child_is_member else grandchildren or LEAF
        known = children.get(element)
        children[element] = node if known is None else _union_node(known, node)
    return (children, member) if children else (None, True)


def ordered(fields: FieldSet) -> FieldSet:
    """The same set with its keys in upstream's order, "." first; `fields` itself if they are."""
    keys = list(fields)
    wanted = sorted(keys)
    if wanted and wanted[-1][0] not in "f.":  # the keys of list items: by what they say, not as text
        wanted.sort(key=order)
    same = keys == wanted
    out: FieldSet = {}
    for key in wanted:
        node = fields[key]
        if node:
            sorted_node = ordered(node)
            if sorted_node is not node:
                same = False
                node = sorted_node
        out[key] = node
    return fields if same else out
