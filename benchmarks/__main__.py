"""Runs the benchmarks and prints a table: what was measured, the figure, and the server's peak memory.

python -m benchmarks                      starts a control plane of its own for each
python -m benchmarks --server URL         measures that one (plain HTTP); it must have room for the pods
python -m benchmarks --only lists         those with this in their name
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from benchmarks import requests, starts, workloads
from benchmarks.target import Target, launch, stop


class Benchmark(NamedTuple):
    """One row; `measure` makes all it needs on a server that has none of it yet."""

    name: str
    title: str
    measure: Callable[[Target], Coroutine[Any, Any, str]]
    nodes: int = 20

    @property
    def namespace(self) -> str:
        return f"benchmark-{self.name}"


STARTS = (
    ("start", "process start to ready", starts.process_start),
    ("in-process", "cluster in process", starts.in_process),
)
BENCHMARKS = (
    Benchmark("creates", "ConfigMap creates", requests.creates),
    Benchmark("gets", "ConfigMap gets", requests.gets),
    Benchmark("lists", "lists of 1,000 pods", requests.lists),
    Benchmark("tables", "lists of 1,000 pods as Table", requests.tables),
    Benchmark("watch-fan-out", "watch fan-out, 100 watchers", requests.fan_out),
    Benchmark("deployment-500", "500-replica Deployment ready", workloads.deployment_500),
    Benchmark("deployment-1000", "1,000-replica Deployment ready", workloads.deployment_1000),
    Benchmark("pods-10000", "10,000 pods on 500 nodes ready", workloads.pods_10000, nodes=500),
)


def run(benchmark: Benchmark, target: Target) -> None:
    value = asyncio.run(benchmark.measure(target))
    report(benchmark.title, value, target.peak())


def run_alone(benchmark: Benchmark) -> None:
    process, url = launch("--nodes", str(benchmark.nodes))
    try:
        run(benchmark, Target(url, benchmark.namespace, process.pid))
    finally:
        stop(process)


def report(title: str, value: str, peak: float | None = None) -> None:
    memory = "" if peak is None else f"{peak:,.0f} MB"
    print(f"{title:32} {value:>16} {memory:>10}".rstrip(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", help="URL of a running API server (plain HTTP)")
    parser.add_argument("--only", default="", help="run what has this in its name")
    options = parser.parse_args()
    if not options.server:
        for name, title, start in STARTS:
            if options.only in name:
                report(title, start())
    for benchmark in BENCHMARKS:
        if options.only not in benchmark.name:
            continue
        if options.server:
            run(benchmark, Target(options.server, benchmark.namespace))
        else:
            run_alone(benchmark)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
