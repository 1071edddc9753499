"""The server under test: one of its own process, or any that is named."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from benchmarks.wire import Connection, spread

CONNECTIONS = 16


class Target:
    """A server by its URL, and a namespace to work in; `pid` is its process's, where that is ours to measure."""

    def __init__(self, url: str, namespace: str, pid: int | None = None) -> None:
        self.url, self.namespace, self.pid = url, namespace, pid

    def path(self, resource: str, prefix: str = "/api/v1") -> str:
        return f"{prefix}/namespaces/{self.namespace}/{resource}"

    async def open(self) -> Connection:
        return await Connection(self.url).open()

    async def make_namespace(self) -> None:
        """Create it, and wait for its service account, without which pods are refused."""
        connection = await self.open()
        await expect(connection, 201, "POST", "/api/v1/namespaces", body("Namespace", "v1", {"name": self.namespace}))
        while (await connection.request("GET", self.path("serviceaccounts/default")))[0] != 200:
            await asyncio.sleep(0.01)
        await connection.close()

    async def rate(self, count: int, piece: Callable[[int, Connection], Awaitable[object]]) -> float:
        """Pieces of work done per second, over all connections."""
        begun = time.perf_counter()
        await spread(self.url, CONNECTIONS, (partial(piece, number) for number in range(count)))
        return count / (time.perf_counter() - begun)

    def peak(self) -> float | None:
        """The most megabytes of memory that the server had resident, where it is ours."""
        if self.pid is None:
            return None
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return None


def body(kind: str, api_version: str, metadata: dict[str, object], **rest: object) -> bytes:
    return json.dumps({"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}).encode()


async def expect(
    connection: Connection, status: int, method: str, path: str, data: bytes = b"", **headers: str
) -> bytes:
    """The answer's body. Raises SystemExit if it has another status."""
    got, answer = await connection.request(method, path, data, **headers)
    if got != status:
        raise SystemExit(f"{method} {path}: {got} {answer[:300]!r}")
    return answer


async def watch(target: Target, path: str) -> Connection:
    """A connection on which events of what happens from now on come."""
    connection = await target.open()
    version = json.loads(await expect(connection, 200, "GET", path))["metadata"]["resourceVersion"]
    connection.send("GET", f"{path}?watch=1&resourceVersion={version}")
    await connection.reader.readuntil(b"\r\n\r\n")
    return connection


def launch(*arguments: str) -> tuple[subprocess.Popen[bytes], str]:
    """A control plane in a process of its own, and its URL once it is ready. Raises SystemExit."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        command = [sys.executable, "-m", "minikube_py.cli", "serve", "--port", "0", "--ready-file", str(ready)]
        # All modules are to be compiled, as pip leaves them.
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
