"""An HTTP request as commands in containers make it: step by step, so that each can have its time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from minikube_py.controllers.kubelet.steps import begin

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

    from minikube_py.controllers.kubelet.cri.clusterdns import Record

T = TypeVar("T")
Step = Callable[[Coroutine[Any, Any, Any]], Awaitable[Any]]
"""Awaits a part of the work."""


class Place(Protocol):
    """Where commands into the network are run: a container, as far as they need one."""

    async def resolve(self, host: str) -> str: ...

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]: ...

    async def ask_udp(self, host: str, port: int, data: bytes) -> bytes: ...

    async def receives_udp(self, host: str, port: int) -> bool: ...

    def look_up(self, name: str, kind: str) -> list[Record]: ...

    def http(self) -> ClientSession: ...


class Timed(Protocol):
    """Whose time passes."""

    def sleep(self, seconds: float, /) -> Awaitable[None]: ...


class Unresolved(OSError):
    """The host has no address."""


@dataclass
class Transfer:
    """One request; what has come of it so far."""

    method: str
    url: str
    """With a scheme."""
    headers: Mapping[str, str] = field(default_factory=dict)
    data: str | None = None
    follow: bool = True
    """Redirects."""
    address: str = ""
    """The host's, once it is resolved."""
    response: ClientResponse | None = None
    body: bytearray = field(default_factory=bytearray)

    @property
    def host(self) -> str:
        from yarl import URL

        return URL(self.url).host or ""

    @property
    def port(self) -> int:
        from yarl import URL

        return URL(self.url).port or 80

    async def resolve(self, place: Place) -> None:
        """Raises Unresolved."""
        try:
            self.address = await place.resolve(self.host)
        except OSError as error:
            raise Unresolved(error.errno, error.strerror) from None

    async def run(self, place: Place, step: Step) -> None:
        """Once the host is resolved. Raises OSError, aiohttp.ClientError."""
        from aiohttp import ClientTimeout

        async with place.http() as http:
            asking = http.request(
                self.method,
                self.url,
                headers=dict(self.headers),
                data=self.data,
                allow_redirects=self.follow,
                skip_auto_headers=("Accept-Encoding", "Content-Type"),
                timeout=ClientTimeout(total=None),
            )
            self.response = await step(_awaited(asking))
            while chunk := await step(self.response.content.readany()):
                self.body += chunk


async def _awaited(work: Awaitable[T]) -> T:
    return await work


async def within(session: Timed, seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
    """In so much of the session's time, or of a container's; None is for ever. Raises TimeoutError."""
    if seconds is None:
        return await work
    task, alarm = begin(work), begin(_awaited(session.sleep(seconds)))
    try:
        await asyncio.wait({task, alarm}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()
        alarm.cancel()
        await asyncio.gather(task, alarm, return_exceptions=True)


def with_scheme(url: str) -> str:
    return url if "://" in url else f"http://{url}"


def header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()
