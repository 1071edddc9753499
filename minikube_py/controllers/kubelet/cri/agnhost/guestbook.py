"""agnhost guestbook: a primary that is written to, replicas that it tells, and a page that asks either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from minikube_py.controllers.kubelet.cri.agnhost.flags import parse
from minikube_py.controllers.kubelet.cri.agnhost.golog import log
from minikube_py.controllers.kubelet.cri.agnhost.http import error, fetched, routed, text

if TYPE_CHECKING:
    from aiohttp import web

    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

FLAGS = {"http-port": "80", "backend-port": "6379", "replicaof": ""}
PATIENCE, PAUSE = 15.0, 1.0
"""Seconds in which a replica wants to have found its primary, and between two tries."""


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    book = _Guestbook(container, session, flags["backend-port"])
    routes = {"/register": book.register, "/get": book.get, "/set": book.set, "/guestbook": book.page}
    await container.serve_http(int(flags["http-port"]), routed(routes))
    if flags["replicaof"] and not await book.enrol(flags["replicaof"]):
        await log(session, "Timed out while registering to primary.")
        return 1
    await container.forever()
    return 0


class _Guestbook:
    def __init__(self, container: Container, session: Session, port: str) -> None:
        self._container = container
        self._session = session
        self._port = port
        """At which they talk with each other."""
        self._store: dict[str, Any] = {}
        self._replicas: list[str] = []

    async def enrol(self, primary: str) -> bool:
        """As a replica, with what the primary has already. False if it is not to be had."""
        began = self._session.now()
        while self._session.now() - began < PATIENCE:
            request = f"register?host={self._container.address}"
            await log(self._session, f"Registering to primary: {primary}:{self._port}/{request}")
            try:
                self._store = orjson.loads(await self._ask(primary, request))["data"]
            except OSError as failure:
                why = f"encountered error while registering to primary: {failure}. Retrying in 1s."
                await log(self._session, why)
                await self._session.sleep(PAUSE)
            else:
                await log(self._session, f"Registered to node: {primary}")
                return True
        return False

    async def register(self, request: web.BaseRequest) -> web.Response:
        host = request.query.get("host", "")
        await log(self._session, f"GET /register?host={host}")
        self._replicas.append(host)
        await log(self._session, f"Node '{host}' registered.")
        return text(_json({"data": self._store}))

    async def get(self, request: web.BaseRequest) -> web.Response:
        key = request.query.get("key", "")
        await log(self._session, f"GET /get?key={key}")
        return text(_json({"data": self._store.get(key, "") if key else self._store}))

    async def set(self, request: web.BaseRequest) -> web.Response:
        key, value = request.query.get("key", ""), request.query.get("value", "")
        await log(self._session, f"GET /set?key={key}&value={value}")
        if not key:
            return error("cannot set with empty key.", 400)
        self._store[key] = value
        for replica in self._replicas:
            try:
                await self._ask(replica, f"set?key={quote(key)}&value={quote(value)}")
            except OSError as failure:
                return error(f"encountered error while propagating to replica '{replica}': {failure}", 417)
        return text(_json({"message": "Updated"}))

    async def page(self, request: web.BaseRequest) -> web.Response:
        """Passes it on: what is to be set to the primary, what is asked for to a replica."""
        command, key, value = (request.query.get(name, "") for name in ("cmd", "key", "value"))
        command = command.lower()
        await log(self._session, f"GET /guestbook?cmd={command}&key={key}&value={value}")
        if command not in ("get", "set"):
            return error(f"unsupported cmd: '{command}'", 400)
        if command == "set" and not key:
            return error("cannot set with empty key.", 400)
        host = "agnhost-replica" if command == "get" else "agnhost-primary"
        try:
            return text(await self._ask(host, f"{command}?key={quote(key)}&value={quote(value)}"))
        except OSError as failure:
            return error(f"encountered error: {failure}", 417)

    async def _ask(self, host: str, request: str) -> str:
        return await fetched(self._container, self._session, f"http://{host}:{self._port}/{request}")


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
