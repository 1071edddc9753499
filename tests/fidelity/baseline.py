"""baseline.json: the steps that are not yet identical, by scenario: {"kind-reviews": {"rules-bob": "different"}}.

A ratchet: what is not in it is identical and must stay so; what has the same status must keep that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.fidelity.replay import Outcome, Verdict

FILE = Path(__file__).parent / "baseline.json"
_ORDER = list(Verdict)

Baseline = dict[str, dict[str, str]]


def load() -> Baseline:
    return json.loads(FILE.read_text()) if FILE.exists() else {}


def save(outcomes: Iterable[Outcome]) -> None:
    tree: Baseline = {}
    for outcome in outcomes:
        if outcome.verdict is not Verdict.IDENTICAL:
            tree.setdefault(outcome.scenario, {})[outcome.step] = outcome.verdict.value
    FILE.write_text(json.dumps(tree, indent=1, sort_keys=True) + "\n")


def worse(outcomes: Iterable[Outcome], baseline: Baseline) -> list[Outcome]:
    """The steps that went better when the baseline was made."""
    return [
        outcome
        for outcome in outcomes
        if _ORDER.index(outcome.verdict)
        > _ORDER.index(Verdict(baseline.get(outcome.scenario, {}).get(outcome.step, "identical")))
    ]
