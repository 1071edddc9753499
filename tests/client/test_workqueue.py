"""The work queue's states, its order, its back-off and what it remembers of why."""

from __future__ import annotations

import asyncio

import pytest

from minikube_py.client.workqueue import MAX_TRIGGERS, WorkQueue
from minikube_py.machinery.clock import VirtualClock


def seconds() -> float:
    return 0.0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def queue(clock: VirtualClock) -> WorkQueue[str]:
    return WorkQueue(clock, seconds)


def at(revision: int) -> dict[str, object]:
    return {"metadata": {"resourceVersion": str(revision)}}


async def take(queue: WorkQueue[str]) -> str:
    item = await queue.get()
    assert item is not None
    return item.key


async def test_keys_come_in_order_of_arrival_and_once(queue: WorkQueue[str]) -> None:
    for key in "abab":
        queue.add(key)
    assert [await take(queue), await take(queue)] == ["a", "b"]
    assert len(queue) == 0


async def test_a_key_added_while_processed_comes_again_after_done(queue: WorkQueue[str]) -> None:
    queue.add("a")
    await take(queue)
    queue.add("a")
    assert len(queue) == 0 and not queue.idle
    queue.done("a")
    assert await take(queue) == "a"
    queue.done("a")
    assert queue.idle


async def test_triggers_are_gathered_and_bounded(queue: WorkQueue[str]) -> None:
    for revision in range(1, 40):
        queue.add("a", trigger=at(revision))
    item = await queue.get()
    assert item is not None and item.triggers == tuple(range(1, MAX_TRIGGERS + 1))


async def test_of_several_delays_the_earliest_counts(queue: WorkQueue[str], clock: VirtualClock) -> None:
    queue.add_after("a", 10)
    queue.add_after("a", 5)
    queue.add_after("a", 20)
    start = clock.now()
    clock.advance_to(start + 4.9)
    assert queue.idle
    clock.advance_to(start + 5)
    item = await queue.get()
    assert item is not None and item.reason == "after 5s"
    queue.done("a")
    clock.advance_to(start + 100)
    assert queue.idle


async def test_back_off_doubles_until_forgotten(queue: WorkQueue[str], clock: VirtualClock) -> None:
    waits = []
    for _ in range(4):
        queue.add_rate_limited("a")
        due = queue.next_retry()
        assert due is not None
        waits.append(round(due - clock.now(), 6))
        clock.advance_to(due)
        await take(queue)
        queue.done("a")
    assert waits == [0.005, 0.01, 0.02, 0.04]
    assert queue.num_requeues("a") == 4
    queue.forget("a")
    assert queue.num_requeues("a") == 0


async def test_back_off_is_bounded(clock: VirtualClock) -> None:
    queue: WorkQueue[str] = WorkQueue(clock, seconds, max_delay=1.0)
    for _ in range(100):
        queue.add_rate_limited("a")
        clock.advance_to(queue.next_retry() or 0)
    queue.add_rate_limited("b")
    queue.add_rate_limited("a")
    clock.advance_to(clock.now() + 1.0)
    assert set(queue.queued()) == {"a", "b"}


async def test_shut_down_drains_and_wakes_getters(queue: WorkQueue[str], clock: VirtualClock) -> None:
    waiting = asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    queue.add_after("later", 1)
    queue.shut_down()
    assert await waiting is None
    queue.add("a")
    assert await queue.get() is None
    assert clock.next_deadline() is None


async def test_a_cancelled_getter_passes_its_wake_up_on(queue: WorkQueue[str]) -> None:
    first, second = asyncio.ensure_future(queue.get()), asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    queue.add("a")
    first.cancel()
    item = await second
    assert item is not None and item.key == "a"
    assert first.cancelled()
