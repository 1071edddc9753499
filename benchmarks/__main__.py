"""Runs the benchmarks and prints a table.

python -m benchmarks                      starts a control plane of its own
python -m benchmarks --server URL         measures that one (plain HTTP)
python -m benchmarks --only lists
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from benchmarks.wire import Connection, spread

CONNECTIONS = 16
NAMESPACE = "benchmark"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

CONTAINER = {"name": "c", "image": "registry.k8s.io/pause:3.10", "resources": {"requests": {"cpu": "1m"}}}


def body(kind: str, api_version: str, metadata: dict[str, object], **rest: object) -> bytes:
    return json.dumps({"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}).encode()


async def expect(
    connection: Connection, status: int, method: str, path: str, data: bytes = b"", **headers: str
) -> bytes:
    got, answer = await connection.request(method, path, data, **headers)
    if got != status:
        raise SystemExit(f"{method} {path}: {got} {answer[:300]!r}")
    return answer


class Target:
    """The server under test."""

    def __init__(self, url: str, pid: int | None) -> None:
        self.url, self.pid = url, pid

    def rss(self) -> float | None:
        """Resident megabytes of the server, where it is ours."""
        if self.pid is None:
            return None
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return None


async def rate(target: Target, count: int, piece: Callable[[int, Connection], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await spread(target.url, CONNECTIONS, (partial(piece, number) for number in range(count)))
    return count / (time.perf_counter() - begun)


async def creates(target: Target) -> str:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"

    async def create(number: int, connection: Connection) -> None:
        data = body("ConfigMap", "v1", {"name": f"c-{number}"}, data={"key": "value", "other": "x" * 100})
        await expect(connection, 201, "POST", path, data)

    return f"{await rate(target, 5000, create):,.0f}/s"


async def gets(target: Target) -> str:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"

    async def get(number: int, connection: Connection) -> None:
        await expect(connection, 200, "GET", f"{path}/c-{number % 5000}")

    return f"{await rate(target, 15000, get):,.0f}/s"


async def make_pods(target: Target) -> None:
    path = "/api/v1/namespaces/benchmark-pods/pods"

    async def create(number: int, connection: Connection) -> None:
        spec = {"containers": [CONTAINER], "schedulerName": "nobody"}
        await expect(connection, 201, "POST", path, body("Pod", "v1", {"name": f"p-{number}"}, spec=spec))

    await rate(target, 1000, create)


async def lists(target: Target, accept: str = "application/json") -> str:
    async def one(number: int, connection: Connection) -> None:
        await expect(connection, 200, "GET", "/api/v1/namespaces/benchmark-pods/pods", Accept=accept)

    return f"{await rate(target, 200, one):,.0f}/s"


async def watch_fanout(target: Target, watchers: int = 100, writes: int = 200) -> str:
    """Events delivered per second: so many watchers of one namespace, so many writes."""
    path = "/api/v1/namespaces/benchmark-watch/configmaps"
    writer = await Connection(target.url).open()
    listed = json.loads(await expect(writer, 200, "GET", path))
    version = listed["metadata"]["resourceVersion"]
    watching = []
    for _ in range(watchers):
        connection = await Connection(target.url).open()
        connection.send("GET", f"{path}?watch=1&resourceVersion={version}")
        await connection.reader.readuntil(b"\r\n\r\n")
        watching.append(connection)

    async def drain(connection: Connection) -> None:
        seen = 0
        while seen < writes:
            seen += (await connection.reader.read(2**20)).count(b'{"type":"')

    drains = [asyncio.create_task(drain(connection)) for connection in watching]
    begun = time.perf_counter()
    for number in range(writes):
        await expect(writer, 201, "POST", path, body("ConfigMap", "v1", {"name": f"w-{number}"}))
    await asyncio.gather(*drains)
    took = time.perf_counter() - begun
    for connection in watching:
        connection.writer.close()
    return f"{watchers * writes / took:,.0f} events/s"


async def deployment(target: Target, replicas: int = 500) -> str:
    """Seconds from the create to all replicas ready."""
    path = "/apis/apps/v1/namespaces/benchmark/deployments"
    labels = {"app": "big"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [CONTAINER]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    connection = await Connection(target.url).open()
    watcher = await Connection(target.url).open()
    version = json.loads(await expect(connection, 200, "GET", path))["metadata"]["resourceVersion"]
    watcher.send("GET", f"{path}?watch=1&resourceVersion={version}")
    await watcher.reader.readuntil(b"\r\n\r\n")
    begun = time.perf_counter()
    await expect(connection, 201, "POST", path, body("Deployment", "apps/v1", {"name": "big"}, spec=spec))
    wanted = f'"readyReplicas":{replicas}'.encode()
    seen = b""
    while wanted not in seen:
        seen = seen[-100:] + await watcher.reader.read(2**20)
    took = time.perf_counter() - begun
    watcher.writer.close()
    return f"{took:.2f} s"


def start(runs: int = 10) -> str:
    """Median seconds from process start to the ready file, all modules being compiled, as pip leaves them."""
    process, _ = launch()
    stop(process)
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        process, _ = launch()
        times.append(time.perf_counter() - begun)
        stop(process)
    return f"{statistics.median(times):.2f} s"


def in_process(runs: int = 10) -> str:
    """Median milliseconds to start and settle a cluster in a process that has everything imported."""
    from minikube_py.cluster import Cluster

    async def once() -> float:
        begun = time.perf_counter()
        async with Cluster(port=None):
            return time.perf_counter() - begun

    times = [asyncio.run(once()) for _ in range(runs + 1)][1:]
    return f"{statistics.median(times) * 1000:.0f} ms"


def launch(*arguments: str) -> tuple[subprocess.Popen[bytes], str]:
    """A control plane in a process of its own, and its URL once it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        command = [sys.executable, "-m", "minikube_py.cli", "serve", "--port", "0", "--ready-file", str(ready)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL, env=environment)
        while not ready.exists():
            if process.poll() is not None:
                raise SystemExit("the control plane did not start")
            time.sleep(0.002)
        return process, ready.read_text().splitlines()[0]


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    process.wait()


async def run(target: Target, only: str) -> None:
    connection = await Connection(target.url).open()
    for name in (NAMESPACE, "benchmark-pods", "benchmark-watch"):
        await connection.request("POST", "/api/v1/namespaces", body("Namespace", "v1", {"name": name}))
        # Pods are refused until the namespace has its account.
        while (await connection.request("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default"))[0] != 200:
            await asyncio.sleep(0.01)
    await make_pods(target)
    for title, measure in (
        ("ConfigMap creates", creates),
        ("ConfigMap gets", gets),
        ("lists of 1,000 pods", lists),
        ("lists of 1,000 pods as Table", partial(lists, accept=TABLE)),
        ("watch fan-out, 100 watchers", watch_fanout),
        ("500-replica Deployment ready", deployment),
    ):
        if only in title:
            report(title, await measure(target))
    if (rss := target.rss()) is not None:
        report("memory (resident)", f"{rss:.0f} MB")


def report(title: str, value: str) -> None:
    print(f"{title:32} {value:>16}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", help="URL of a running API server (plain HTTP)")
    parser.add_argument("--only", default="", help="run what has this in its name")
    options = parser.parse_args()
    if options.server:
        asyncio.run(run(Target(options.server, None), options.only))
        return
    if options.only in "process start to ready":
        report("process start to ready", start())
    if options.only in "cluster in process":
        report("cluster in process", in_process())
    process, url = launch("--nodes", "20")
    try:
        asyncio.run(run(Target(url, process.pid), options.only))
    finally:
        stop(process)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONHASHSEED", "0")
    main()
