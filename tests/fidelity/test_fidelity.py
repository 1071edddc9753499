"""The steps that answered as kube-apiserver 1.36.2 does keep answering so."""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Iterator
from functools import cache

import pytest

from tests.fidelity import baseline, known, recordings
from tests.fidelity.difference import difference
from tests.fidelity.recordings import Recording
from tests.fidelity.replay import Outcome, Replayer

NAMES = [name for family in recordings.FAMILIES for name in recordings.names(family)]


@cache
def recorded(family: str) -> dict[str, Recording]:
    return {recording.name: recording for recording in recordings.load(family)}


class Bench:
    """A replayer on a loop that only runs while a scenario is replayed."""

    def __init__(self, runner: asyncio.Runner, replayer: Replayer) -> None:
        self._runner, self._replayer = runner, replayer

    def replay(self, name: str) -> list[Outcome]:
        return self._runner.run(self._replayer.replay(recorded(name.partition("-")[0])[name]))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with asyncio.Runner() as runner:
        replayer = runner.run(Replayer().__aenter__())
        yield Bench(runner, replayer)
        runner.run(replayer.__aexit__(None, None, None))


@pytest.mark.parametrize("name", NAMES)
def test_no_step_answers_worse_than_it_did(bench: Bench, name: str) -> None:
    worse = baseline.worse(bench.replay(name), baseline.load())
    if worse:
        pytest.fail("\n".join(map(difference, worse)), pytrace=False)


def test_the_baseline_speaks_of_recorded_steps() -> None:
    steps = {(name, step["id"]) for name in NAMES for step in recorded(name.partition("-")[0])[name].steps}
    assert {(name, step) for name, each in baseline.load().items() for step in each} <= steps


@pytest.mark.parametrize("reason", [pytest.param(each, id=each.patterns[0]) for each in known.DIFFERENCES])
def test_reasons_explain_recorded_steps(reason: known.Difference) -> None:
    steps = [f"{name}/{step['id']}" for name in NAMES for step in recorded(name.partition("-")[0])[name].steps]
    assert [pattern for pattern in reason.patterns if not fnmatch.filter(steps, pattern)] == []
