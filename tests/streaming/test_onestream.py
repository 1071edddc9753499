"""One stream over WebSocket messages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from minikube_py.api.streaming import onestream
from minikube_py.machinery.clock import next_turn
from tests.streaming.wires import TestWire


async def lines() -> AsyncIterator[bytes]:
    yield b"one\n"
    yield b"two\n"


@pytest.mark.parametrize(
    ("protocol", "sent"),
    [
        pytest.param("", [b"", b"one\n", b"two\n"], id="none"),
        pytest.param("binary.k8s.io", [b"", b"one\n", b"two\n"], id="binary"),
        pytest.param("base64.binary.k8s.io", ["", "b25lCg==", "dHdvCg=="], id="base64"),
    ],
)
async def test_all_of_it(protocol: str, sent: list[bytes | str]) -> None:
    wire = TestWire()
    wire.push(b"left unread")
    await onestream.upgrade(protocol, lines()).run(wire)
    assert wire.sent == sent


async def test_it_ends_with_its_client() -> None:
    closed = False

    async def endless() -> AsyncIterator[bytes]:
        nonlocal closed
        try:
            while True:
                await next_turn()
                yield b"."
        finally:
            closed = True

    wire = TestWire()
    wire.push(None)
    await onestream.upgrade("", endless()).run(wire)
    assert closed
