"""The difference between two trees, as messages show it: apimachinery's util/diff."""

from __future__ import annotations

import difflib
import json
from typing import Any


def diff(old: Any, new: Any) -> str:
    """A unified diff of the trees' indented JSON, keys sorted, so that only what differs is shown."""
    lines = difflib.unified_diff(_lines(old), _lines(new), lineterm="")
    return "".join(f"{line}\n" for line in list(lines)[2:])


def _lines(tree: Any) -> list[str]:
    return json.dumps(tree, indent=1, ensure_ascii=False, sort_keys=True).split("\n")
