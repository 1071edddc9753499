"""RBAC rules as text: one rule a line, so that a role reads as in `kubectl describe`.

    edit gathers edit joins admin                   has the rules of the roles that join "edit"; joins "admin" itself
    system:node-problem-detector
        core | nodes | get                          groups | resources | verbs
        core | configmaps | get | cluster-info      the same, of these names only
        urls | /healthz /livez | get                non-resource URLs | verbs

Where lists are long, a line deeper within continues the one above. "core" is the group without a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from minikube_py.machinery.gvr import Object

_RULE, _CONTINUED = " " * 4, " " * 8


class Policy(NamedTuple):
    """A role to be."""

    name: str
    rules: list[Object]
    gathers: str
    """Its rules are those of the roles that join this name."""
    joins: str


def policies(text: str) -> Iterator[Policy]:
    """The roles of a text, in its order."""
    for block in _blocks(text):
        name, *words = block[0].split()
        said = dict(zip(words[::2], words[1::2], strict=True))
        yield Policy(name, [_rule(line) for line in block[1:]], said.get("gathers", ""), said.get("joins", ""))


def _blocks(text: str) -> Iterator[list[str]]:
    """The lines of each role, the continued ones joined."""
    block: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith(_CONTINUED):
            block[-1] += line
        elif line.startswith(_RULE):
            block.append(line)
        else:
            if block:
                yield block
            block = [line]
    if block:
        yield block


def _rule(line: str) -> Object:
    """Fields in Go's order."""
    first, second, verbs, *names = (column.split() for column in line.split("|"))
    if first == ["urls"]:
        return {"verbs": verbs, "nonResourceURLs": second}
    groups = ["" if group == "core" else group for group in first]
    rule: dict[str, Any] = {"verbs": verbs, "apiGroups": groups, "resources": second}
    if names:
        rule["resourceNames"] = names[0]
    return rule
