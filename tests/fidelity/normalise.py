"""Placeholders for what differs from run to run, and the parts of an answer that are compared."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Mapping
from typing import Any

VOLATILE = {
    "resourceVersion": "<rv>",
    "uid": "<uid>",
    "continue": "<continue>",
    "hash": "<hash>",
    "storageVersionHash": "<hash>",
    "token": "<token>",
    "nodePort": "<nodePort>",
    "healthCheckNodePort": "<nodePort>",
    "serverAddress": "<address>",
}
"""Fields whose values say nothing, by key, wherever they are set."""
_PATTERNS = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uid>"),
    (re.compile(r"Key: /rec/"), "Key: /registry/"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (
        re.compile(
            r"(current: |ResourceVersion in record \(|too old resource version: \d+ \(|"
            r'resourceVersion\\*"?: ?\\*")[1-9]\d*'
        ),
        r"\1<rv>",
    ),
    (re.compile(r"\n@@ -\d.*", re.S), "\n<diff>"),
    (re.compile(r"\bkube-api-access-[a-z0-9]{5}\b"), "kube-api-access-<rand>"),
    (re.compile(r"\b10\.(0|96)\.\d+\.\d+\b"), "<ip>"),
)
_AGE = re.compile(r"^(<invalid>|\d+[smhdy](\d+[smhd])?)$")
_CELL_PORT = re.compile(r":3[0-2]\d{3}/")

Names = Mapping[str, str]
"""Placeholders of the run's own names: {"ns-3fa2c1": "<ns>"}; longer ones first where one holds another."""


def text(value: str, names: Names) -> str:
    for name, placeholder in names.items():
        value = value.replace(name, placeholder)
    for pattern, placeholder in _PATTERNS:
        value = pattern.sub(placeholder, value)
    return value


def tree(value: Any, names: Names) -> Any:
    """A body with placeholders; a new tree."""
    if isinstance(value, dict):
        return _mapping(value, names)
    if isinstance(value, list):
        return [tree(each, names) for each in value]
    return text(value, names) if isinstance(value, str) else value


def _mapping(value: dict[str, Any], names: Names) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, each in value.items():
        if key == "cells" and isinstance(each, list):
            out[key] = [_cell(cell, names) for cell in each]
        elif key in VOLATILE and each not in ("", "0", 0, None) and not isinstance(each, (dict, list)):
            out[key] = VOLATILE[key]
        else:
            out[text(key, names)] = tree(each, names)
    prefix, name = out.get("generateName"), out.get("name")
    if prefix and isinstance(name, str) and name.startswith(prefix):
        out["name"] = prefix + "<rand>"
    return out


def _cell(cell: Any, names: Names) -> Any:
    if not isinstance(cell, str):
        return tree(cell, names)
    return "<age>" if _AGE.match(cell) else _CELL_PORT.sub(":<nodePort>/", text(cell, names))


def compared(answer: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    """What of a normalised answer is compared. Changes the answer."""
    body = answer["body"]
    for path in step.get("ignore") or []:
        drop(body, path.split("."))
    _sort_managed(body)
    for path in step.get("unordered") or []:
        items = dig(body, path)
        if isinstance(items, list):
            items.sort(key=_sorted_text)
        elif isinstance(items, str):
            owner, _, key = path.rpartition(".")
            (dig(body, owner) if owner else body)[key] = sorted(re.findall(r"[^\s,\[\]]+", items))
    return answer


def dig(value: Any, path: str | list[str]) -> Any:
    """What is at a dotted path; None if there is nothing."""
    for part in path.split(".") if isinstance(path, str) else path:
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return value


def drop(value: Any, path: list[str]) -> None:
    """Remove what is at a path whose parts may be patterns ("*" is any index too)."""
    head, rest = path[0], path[1:]
    if isinstance(value, dict):
        for key in [key for key in value if fnmatch.fnmatchcase(key, head)]:
            if rest:
                drop(value[key], rest)
            else:
                del value[key]
    elif isinstance(value, list) and rest:
        for index, item in enumerate(value):
            if head in ("*", str(index)):
                drop(item, rest)


def _sort_managed(value: Any) -> None:
    """The server orders managedFields by their times, to the second: that differs from run to run."""
    if isinstance(value, dict):
        if isinstance(value.get("managedFields"), list):
            value["managedFields"].sort(key=_sorted_text)
        for each in value.values():
            _sort_managed(each)
    elif isinstance(value, list):
        for each in value:
            _sort_managed(each)


def _sorted_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
