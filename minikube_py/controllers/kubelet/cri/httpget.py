"""HTTP requests of kubelets: of probes and of hooks (pkg/probe/http/request.go)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.machinery.gvr import Object

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from multidict import CIMultiDict

_LAST_PORT = 65535


class RequestFailed(Exception):
    """There was no answer; why, in Go's words."""


class HttpGet:
    """An httpGet of a container whose pod has that address; `agent` is who asks. Raises RequestFailed for one that
    cannot be made."""

    def __init__(self, asked: Object, container: Object, address: str, agent: str) -> None:
        self.scheme: str = (asked.get("scheme") or "HTTP").lower()
        host = asked.get("host") or address
        self.host = f"{f'[{host}]' if ':' in host else host}:{container_port(container, asked['port'])}"
        path: str = asked.get("path") or ""
        self._path = path if not path or path.startswith(("/", "?")) else f"/{path}"
        self._given = [(each["name"], each.get("value", "")) for each in asked.get("httpHeaders") or ()]
        self._agent = agent

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self._path}"

    async def status(self, http: ClientSession, without: Sequence[str] = ()) -> int:
        """Of the answer. Nobody in the simulated network speaks TLS, so a request is in plain HTTP in any case, and
        `without` some headers. Raises RequestFailed."""
        from aiohttp import ClientError

        url, (headers, left_out) = f"http://{self.host}{self._path}", self._headers(without)
        try:
            response = await http.get(url, headers=headers, skip_auto_headers=left_out, allow_redirects=False)
            response.release()
        except (ClientError, OSError, ValueError) as error:
            cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
            raise RequestFailed(f'Get "{self.url}": {getattr(cause, "strerror", None) or cause}') from None
        return response.status

    def _headers(self, without: Sequence[str]) -> tuple[CIMultiDict[str], list[str]]:
        """Those to be sent, and those that are not to be sent by themselves either."""
        from multidict import CIMultiDict

        headers = CIMultiDict(self._given)
        for name in without:
            headers.popall(name, None)
        headers.setdefault("User-Agent", self._agent)
        headers.setdefault("Accept", "*/*")
        if headers["Accept"]:
            return headers, []
        del headers["Accept"]
        return headers, ["Accept"]


def container_port(container: Object, port: int | str) -> int:
    """A port by its number or by its name (pkg/probe/util.go ResolveContainerPort). Raises RequestFailed."""
    number = port
    if isinstance(port, str):
        named = (each["containerPort"] for each in container.get("ports") or () if each.get("name") == port)
        number = next(named, int(port) if port.isdecimal() else "")
    if isinstance(number, str):
        raise RequestFailed(f'strconv.Atoi: parsing "{port}": invalid syntax')
    if not 0 < number <= _LAST_PORT:
        raise RequestFailed(f"invalid port number: {number}")
    return number
