"""Control planes that end with the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.versions.asking import Ask, control_plane


@pytest.fixture
async def start() -> AsyncIterator[Callable[[int], Awaitable[Ask]]]:
    """Start Kubernetes 1.`minor`."""
    async with AsyncExitStack() as stack:

        async def begin(minor: int) -> Ask:
            return await stack.enter_async_context(control_plane(f"1.{minor}"))

        yield begin
