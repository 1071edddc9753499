"""How long it takes to start."""

from __future__ import annotations

import asyncio
import statistics
import time

from benchmarks.target import launch, stop

RUNS = 10


def process_start() -> str:
    """Median seconds from process start to the ready file."""
    process, _ = launch()
    stop(process)
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        process, _ = launch()
        times.append(time.perf_counter() - begun)
        stop(process)
    return f"{statistics.median(times):.2f} s"


def in_process() -> str:
    """Median milliseconds to start and settle a cluster in a process that has everything imported."""
    from minikube_py.cluster import Cluster

    async def once() -> float:
        begun = time.perf_counter()
        async with Cluster(port=None):
            return time.perf_counter() - begun

    times = [asyncio.run(once()) for _ in range(RUNS + 1)][1:]
    return f"{statistics.median(times) * 1000:.0f} ms"
