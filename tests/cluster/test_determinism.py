"""The same seed and the same calls give the same history, whatever else is different."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minikube_py.cluster import Cluster
from tests.cluster.workloads import digest, end_state, history, live, objects

ROOT = Path(__file__).parents[2]


async def lived(seed: int, lag: int = 0) -> Cluster:
    async with Cluster(port=None, seed=seed, lag=lag, clock="virtual", check_mutations=True) as cluster:
        await live(cluster)
        cluster.store.verify()
    return cluster


@pytest.mark.parametrize("lag", [0, 4])
async def test_the_same_seed_gives_the_same_history(lag: int) -> None:
    one, other = await lived(7, lag), await lived(7, lag)
    assert history(one) == history(other)
    assert objects(one) == objects(other)


async def test_another_seed_gives_other_names() -> None:
    one, other = await lived(7), await lived(8)
    assert objects(one).keys() != objects(other).keys()


async def test_listening_and_being_watched_changes_nothing() -> None:
    one = await lived(7)
    async with Cluster(port=0, seed=7, clock="virtual") as other:
        await live(other)
    assert history(one) == history(other)
    assert objects(one) == objects(other)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
async def test_it_does_not_hang_on_the_order_of_sets(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.cluster.workloads", "7", "3"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=50)
    assert done.stdout.strip() == digest(await lived(7, 3)), done.stderr


@pytest.mark.parametrize("lag", [1, 3, 10])
async def test_stale_informers_come_to_the_same_end(lag: int) -> None:
    fresh, lagging = await lived(7), await lived(7, lag)
    assert await end_state(lagging) == await end_state(fresh)


async def test_the_end_is_what_was_asked_for() -> None:
    pods, statuses, sets = await end_state(await lived(7))
    assert len(pods) == 7
    assert all("app:2" in pod and "Running" in pod for pod in pods)
    ((name, _, status, _),) = statuses
    assert (name, status["readyReplicas"], status["updatedReplicas"]) == ("web", 7, 7)
    assert len(sets) == 2
