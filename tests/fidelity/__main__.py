"""Measures fidelity.

python -m tests.fidelity                    replays everything, writes REPORT.md and baseline.json
python -m tests.fidelity --diff 'kind-pod*'  shows how these scenarios differ, writes nothing
python -m tests.fidelity --accept           writes them even where a step has become worse
python -m tests.fidelity --pack DIR         makes data/ anew of a directory with scenarios/ and recorded/
"""

from __future__ import annotations

import argparse
import asyncio
import fnmatch
import logging
import sys
from pathlib import Path

from tests.fidelity import baseline, recordings, report
from tests.fidelity.difference import difference
from tests.fidelity.replay import Outcome, Replayer, Verdict

SHOWN = 5
"""So many of the steps that have become worse are shown in full."""


async def _replay(pattern: str) -> list[Outcome]:
    outcomes: list[Outcome] = []
    async with Replayer() as replayer:
        for family in recordings.FAMILIES:
            for recording in recordings.load(family):
                if fnmatch.fnmatch(recording.name, pattern):
                    outcomes += await replayer.replay(recording)
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--diff", metavar="PATTERN")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--pack", metavar="DIR", type=Path)
    options = parser.parse_args()
    logging.disable()
    if options.pack:
        recordings.pack(options.pack)
    outcomes = asyncio.run(_replay(options.diff or "*"))
    if options.diff:
        for outcome in outcomes:
            if outcome.verdict is not Verdict.IDENTICAL:
                print(difference(outcome))
        return 0
    worse = baseline.worse(outcomes, baseline.load())
    if worse and baseline.FILE.exists() and not options.accept:
        for outcome in worse[:SHOWN]:
            print(difference(outcome))
        names = " ".join(f"{outcome.scenario}/{outcome.step}" for outcome in worse)
        print(f"{len(worse)} steps have become worse, so nothing is written (--accept takes them): {names}")
        return 1
    baseline.save(outcomes)
    report.write(outcomes)
    print(report.total(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
