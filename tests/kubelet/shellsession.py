"""A shell on a small file system, with a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import NamedTuple, TypeVar

from minikube_py.controllers.kubelet.cri.atomicwriter import Content, Entries
from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.filesystem import Files
from minikube_py.controllers.kubelet.cri.mounts import Devices
from minikube_py.controllers.kubelet.shell import COMMANDS, Session, interactive, run
from minikube_py.machinery.clock import VirtualClock, next_turn
from minikube_py.machinery.streams import Pipe, Reader, read_all

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z
T = TypeVar("T")


class Done(NamedTuple):
    out: str
    err: str
    code: int


class Machine:
    """/etc/hostname, /tmp with a.txt (x, y, z) and b.txt (1), a ConfigMap at /config, /dev."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.root = Directory(
            self.clock.now, {"etc/hostname": b"web\n", "tmp/a.txt": b"x\ny\nz\n", "tmp/b.txt": b"1\n"}
        )
        mounts = {"/dev": Devices(self.clock.now), "/config": Content(self._config, self.clock.now)}
        self.files = Files(self.root, mounts)
        self.config: Entries = {"color": (b"red", 0o644), "run.sh": (b"echo ran $1\n", 0o755)}
        self.out = Pipe(limit=1 << 30)
        self.err = Pipe(limit=1 << 30)

    async def _config(self) -> Entries:
        return self.config

    def session(self, stdin: Reader) -> Session:
        return Session(
            env={"HOME": "/root", "PATH": "/usr/bin:/bin"},
            cwd="/",
            files=self.files,
            stdin=stdin,
            stdout=self.out,
            stderr=self.err,
            hostname="web",
            now=self.clock.now,
            sleep=self.clock.sleep,
            commands=COMMANDS,
        )

    async def run(self, argv: Sequence[str], stdin: bytes = b"") -> Done:
        """To its end, time passing as it is slept."""
        return await self._told(run(self.session(await given(stdin)), argv))

    async def sh(self, script: str, stdin: bytes = b"") -> Done:
        return await self.run(["sh", "-c", script], stdin)

    async def type(self, text: str, prompt: str = "") -> Done:
        return await self._told(interactive(self.session(await given(text.encode())), prompt))

    async def _told(self, work: Awaitable[int]) -> Done:
        code = await self.passing(work)
        self.out.close()
        self.err.close()
        return Done((await read_all(self.out)).decode(), (await read_all(self.err)).decode(), code)

    async def passing(self, work: Awaitable[T]) -> T:
        """What it gives, the clock going on whenever nothing else does."""
        task = asyncio.ensure_future(work)
        while not task.done():
            await turns()
            if not task.done() and (deadline := self.clock.next_deadline()) is not None:
                self.clock.advance_to(deadline)
        return await task


async def turns(count: int = 30) -> None:
    for _ in range(count):
        await next_turn()


async def given(data: bytes) -> Pipe:
    pipe = Pipe(limit=len(data) + 1)
    await pipe.write(data)
    pipe.close()
    return pipe
