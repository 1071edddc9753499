"""curl: its options as far as people try a Service with them, its exit codes and messages."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.transfer import Place, Transfer, Unresolved, header, with_scheme, within
from minikube_py.controllers.kubelet.shell.commands.options import Options, parse
from minikube_py.controllers.kubelet.shell.session import Complaint, Session

if TYPE_CHECKING:
    from aiohttp import ClientResponse

VERSION = "8.14.1"
UNRESOLVED, REFUSED, FAILED, TIMED_OUT, EMPTY, RESET = 6, 7, 22, 28, 52, 56
"""Exit codes."""
_LONG = {
    **{"silent": "s", "show-error": "S", "fail": "f", "include": "i", "head": "I", "location": "L", "insecure": "k"},
    **{"verbose": "v", "request": "X", "header": "H", "data": "d", "data-raw": "d", "output": "o", "write-out": "w"},
    **{"max-time": "m", "connect-timeout": "c", "user-agent": "A", "user": "u", "no-progress-meter": "N"},
    **{"globoff": "g", "disable": "q", "interface": "@", "http1.1": "0", "ipv4": "4"},
}
_FORM = "application/x-www-form-urlencoded"
_variable = re.compile(r"%\{(\w+)\}|\\([nrt])")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


async def curl(place: Place, session: Session, argv: Sequence[str]) -> int:
    """curl [-sSfiILkvgq] [-X method] [-H header] [-d data] [-o file] [-w format] [-m seconds]
    [--connect-timeout seconds] [--interface address] [-A agent] [-u user:password] url"""
    options = parse(argv[1:], "sSfiILkvNgq04", "XHdomcwAu@", _LONG)
    if not options.operands:
        raise Complaint("no URL specified!", 2)
    longest, connecting = _seconds(options, "m", "max-time"), _seconds(options, "c", "connect-timeout")
    transfer = _transfer(options)
    begun = session.now()
    try:
        code = await within(session, longest, _run(place, session, transfer, connecting))
    except TimeoutError:
        code, limits = TIMED_OUT, [longest, None if transfer.address else connecting]
        await _complain(session, options, code, _timed_out(transfer, min(each for each in limits if each is not None)))
    except _Failed as failed:
        code = failed.code
        await _complain(session, options, code, str(failed))
    if not code:
        code = await _show(session, transfer, options)
    if "w" in options:
        await session.say(_written_out(options.value("w", ""), transfer, session.now() - begun))
    return code


class _Failed(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def _seconds(options: Options, letter: str, name: str) -> float | None:
    """None for no limit. Raises Complaint."""
    text = options.value(letter, "0")
    try:
        return max(0.0, float(text)) or None
    except ValueError:
        raise Complaint(f"option --{name}: expected a proper numerical parameter", 2) from None


def _transfer(options: Options) -> Transfer:
    data = "&".join(options.given["d"]) if "d" in options else None
    headers = {"User-Agent": options.value("A", f"curl/{VERSION}"), "Accept": "*/*"}
    if data is not None:
        headers["Content-Type"] = _FORM
    if "u" in options:
        headers["Authorization"] = f"Basic {base64.b64encode(options.value('u', '').encode()).decode()}"
    names = {name.lower(): name for name in headers}
    for name, value in map(header, options.given.get("H", ())):
        headers.pop(names.get(name.lower(), ""), None)
        headers[name] = value
    method = options.value("X", "HEAD" if "I" in options else "POST" if data is not None else "GET")
    return Transfer(method, with_scheme(options.operands[0]), headers, data, follow="L" in options)


async def _run(place: Place, session: Session, transfer: Transfer, connecting: float | None) -> int:
    """Raises _Failed, TimeoutError."""
    from aiohttp import ClientError, ServerDisconnectedError

    begun = session.now()
    try:
        await within(session, connecting, transfer.resolve(place))
        await transfer.run(place, lambda work: work)
    except Unresolved:
        raise _Failed(UNRESOLVED, f"Could not resolve host: {transfer.host}") from None
    except ServerDisconnectedError:
        raise _Failed(EMPTY, "Empty reply from server") from None
    except (ClientError, OSError) as error:
        if isinstance(error, TimeoutError):
            raise
        if not isinstance(error.__cause__ or error, OSError):
            raise _Failed(EMPTY, str(error)) from None
        if isinstance(error.__cause__ or error, ConnectionResetError):
            raise _Failed(RESET, "Recv failure: Connection reset by peer") from None
        spent = round((session.now() - begun) * 1000)
        where = f"{transfer.host} port {transfer.port} after {spent} ms"
        raise _Failed(REFUSED, f"Failed to connect to {where}: Couldn't connect to server") from None
    return 0


def _timed_out(transfer: Transfer, seconds: float) -> str:
    spent = round(seconds * 1000)
    if not transfer.address:
        return f"Resolving timed out after {spent} milliseconds"
    whole = transfer.response.content_length if transfer.response is not None else None
    out_of = "" if whole is None else f" out of {whole}"
    return f"Operation timed out after {spent} milliseconds with {len(transfer.body)}{out_of} bytes received"


async def _complain(session: Session, options: Options, code: int, why: str) -> None:
    if "s" not in options or "S" in options:
        await session.complain(f"curl: ({code}) {why}")


async def _show(session: Session, transfer: Transfer, options: Options) -> int:
    response = transfer.response
    assert response is not None
    if "v" in options:
        await session.complain(_dialogue(transfer, response))
    if response.status >= 400 and "f" in options:
        await _complain(session, options, FAILED, f"The requested URL returned error: {response.status}")
        return FAILED
    head = _head(response).encode() + b"\r\n" if "i" in options or "I" in options else b""
    target = options.value("o", "-")
    if target == "-":
        await session.stdout.write(head + bytes(transfer.body))
    else:
        await session.files.write(session.path(target), head + bytes(transfer.body))
    return 0


def _head(response: ClientResponse) -> str:
    lines = [f"HTTP/1.1 {response.status} {response.reason}"]
    return "".join(f"{line}\r\n" for line in lines + [f"{name}: {value}" for name, value in response.headers.items()])


def _dialogue(transfer: Transfer, response: ClientResponse) -> str:
    """What -v tells of it."""
    asked = response.request_info
    sent = [f"{transfer.method} {asked.url.raw_path_qs} HTTP/1.1"]
    sent += [f"{name}: {value}" for name, value in asked.headers.items() if name != "Connection"]
    return "\n".join(
        [
            f"*   Trying {transfer.address}:{transfer.port}...",
            f"* Connected to {transfer.host} ({transfer.address}) port {transfer.port}",
            *(f"> {line}" for line in [*sent, ""]),
            *(f"< {line}" for line in [*_head(response).split("\r\n")[:-1], ""]),
            f"* Connection #0 to host {transfer.host} left intact",
        ]
    )


def _written_out(template: str, transfer: Transfer, spent: float) -> str:
    response = transfer.response
    status = response.status if response is not None else 0
    known: Mapping[str, str] = {
        "http_code": f"{status:03}",
        "response_code": f"{status:03}",
        "size_download": str(len(transfer.body)),
        "time_total": f"{spent:.6f}",
        "content_type": response.headers.get("Content-Type", "") if response is not None else "",
        "url_effective": str(response.url) if response is not None else transfer.url,
        "remote_ip": transfer.address,
        "remote_port": str(transfer.port),
    }
    return _variable.sub(lambda match: known.get(match[1], "") if match[1] else _ESCAPES[match[2]], template)
