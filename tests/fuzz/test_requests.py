"""Recorded conversations with requests gone wrong among them: no failure within, no hang, the store unharmed."""

from __future__ import annotations

import asyncio
import os
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from minikube_py.api.reply import Reply
from tests.fidelity.normalise import dig
from tests.fidelity.recordings import FAMILIES, Recording, load
from tests.fidelity.replay import Step, substitute
from tests.fuzz.mutation import Mutator
from tests.fuzz.world import World, world

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
"""Conversations of each family."""
VARIABLES = {"ns": "ns-fuzz", "ns2": "ns2-fuzz", "uniq": "fuzz", "token": "admintoken", "mib": "a" * 2**20}


async def converse(recording: Recording, random: Random) -> None:
    """Each step as it is, and most of them gone wrong before."""
    mutator = Mutator(random)
    async with world() as each:
        for name in ("ns-fuzz", "ns2-fuzz"):
            body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
            await each.ask("POST", "/api/v1/namespaces", {}, {"Content-Type": "application/json"}, body)
        variables = dict(VARIABLES)
        for step in recording.steps:
            done = Step(substitute({key: value for key, value in step.items() if key != "id"}, variables))
            if random.random() < 0.7:
                await ask_wrong(each, done, mutator, random)
            reply = await ask(each, done.method, done.path, {}, _given(done), done.body)
            _save(variables, done, reply)
        await each.check()


async def ask_wrong(each: World, step: Step, mutator: Mutator, random: Random) -> None:
    method, path, headers, body = step.method, step.path, _given(step), step.tree.get("body")
    query: dict[str, str] = {}
    if body is not None and random.random() < 0.8:
        body = mutator.body(body)
    if random.random() < 0.15:
        path = mutator.path(path.partition("?")[0])
    if random.random() < 0.4:
        query = mutator.query(query)
    if random.random() < 0.2:
        headers = mutator.headers(headers)
    if random.random() < 0.05:
        method = mutator.method()
    await ask(each, method, path, query, headers, body)


async def ask(each: World, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: Any) -> Reply:
    path, _, text = path.partition("?")
    note(f"{method} {path} {query} {headers} {body!r:.2000}")
    return await each.ask(method, path, dict(parse_qsl(text, keep_blank_values=True)) | query, headers, body)


def _save(variables: dict[str, str], step: Step, reply: Reply) -> None:
    """What later steps speak of."""
    if step.tree.get("save") and reply.content_type == "application/json" and reply.body:
        tree = orjson.loads(reply.body)
        variables.update({name: str(dig(tree, path)) for name, path in step.tree["save"].items()})


def _given(step: Step) -> dict[str, str]:
    return {name: value for name, value in step.headers.items() if value is not None}


@pytest.mark.parametrize("family", FAMILIES)
def test_conversations(family: str) -> None:
    recordings = load(family)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize="FUZZ_EXAMPLES" not in os.environ,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(recording=st.sampled_from(recordings), seed=st.integers(0, 2**32))
    def run(recording: Recording, seed: int) -> None:
        asyncio.run(converse(recording, Random(seed)))

    run()
