"""Who has something to do, of what a program runs."""

from __future__ import annotations

import asyncio

from minikube_py.controllers.kubelet.steps import Beside, begin, watch
from minikube_py.machinery.clock import next_turn


async def test_tasks_are_seen_until_they_have_ended() -> None:
    beside, gate = Beside(), asyncio.get_running_loop().create_future()

    async def works() -> str:
        await next_turn()
        return str(await gate)

    async def program() -> str:
        watch(beside)
        return await begin(works())

    running = asyncio.ensure_future(program())
    seen = []
    for _ in range(4):
        await next_turn()
        seen.append([each.busy for each in beside])
    assert seen == [[True], [True], [False], [False]]
    gate.set_result("done")
    assert [each.busy for each in beside] == [True]
    assert (await running, beside) == ("done", set())


async def test_what_is_cancelled_before_it_begins_leaves_nothing() -> None:
    beside = Beside()

    async def works() -> None:
        raise AssertionError

    async def program() -> None:
        watch(beside)
        task = begin(works())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.ensure_future(program())
    assert beside == set()


async def test_nobody_watches_unless_somebody_does() -> None:
    async def works() -> int:
        return 3

    assert await begin(works()) == 3
