"""A step's difference as people read it."""

from __future__ import annotations

import difflib
import json
from typing import Any

from tests.fidelity.replay import Outcome

LINES = 80


def difference(outcome: Outcome) -> str:
    """A unified diff: - the real server, + this one."""
    diff = difflib.unified_diff(_lines(outcome.expected), _lines(outcome.actual), lineterm="", n=2)
    shown = list(diff)[2 : 2 + LINES]
    return "\n".join([f"--- {outcome.scenario}/{outcome.step}: {outcome.request}", *shown])


def _lines(answer: dict[str, Any]) -> list[str]:
    return json.dumps(answer, indent=1, sort_keys=True, ensure_ascii=False).splitlines()
