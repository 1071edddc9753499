"""wget as busybox has it."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.kubelet.cri.transfer import Place, Transfer, Unresolved, header, with_scheme, within
from minikube_py.controllers.kubelet.shell.commands.options import Options, parse
from minikube_py.controllers.kubelet.shell.session import Complaint, Session

PATIENCE = 900.0
"""Seconds without anything coming after which it gives up, where nothing else is said."""
_LONG = {
    **{"spider": "s", "timeout": "T", "header": "h", "post-data": "d", "quiet": "q", "output-document": "O"},
    **{"server-response": "S", "tries": "t", "no-check-certificate": "n", "user-agent": "U"},
}
_BAR = "*" * 32


async def wget(place: Place, session: Session, argv: Sequence[str]) -> int:
    """wget [-qS] [--spider] [-O file] [-T seconds] [--header header] [--post-data data] [-U agent] url"""
    options = parse(argv[1:], "qSsnc", "OTthdUP", _LONG)
    if not options.operands:
        raise Complaint("missing URL")
    transfer = _transfer(options)
    target = options.value("O", transfer.url.rstrip("/").rpartition("/")[2] or "index.html")
    if "O" not in options and transfer.url.count("/") < 3 + transfer.url.endswith("/"):
        target = "index.html"
    patience = _seconds(options)
    await _run(place, session, transfer, patience, "q" in options)
    response = transfer.response
    assert response is not None
    if "S" in options:
        lines = [f"  HTTP/1.1 {response.status} {response.reason}"]
        await session.complain("\n".join(lines + [f"  {name}: {value}" for name, value in response.headers.items()]))
    if response.status >= 400:
        raise Complaint(f"server returned error: HTTP/1.1 {response.status} {response.reason}")
    if "s" in options:
        if "q" not in options:
            await session.complain("remote file exists")
        return 0
    if "O" not in options and await session.files.exists(session.path(target)):
        raise Complaint(f"can't open '{target}': File exists")
    await _save(session, target, bytes(transfer.body), "q" in options)
    return 0


def _transfer(options: Options) -> Transfer:
    headers = {"User-Agent": options.value("U", "Wget"), **dict(map(header, options.given.get("h", ())))}
    data = options.value("d", "") if "d" in options else None
    if data is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = "HEAD" if "s" in options else "GET" if data is None else "POST"
    return Transfer(method, with_scheme(options.operands[0]), headers, data)


def _seconds(options: Options) -> float:
    """Raises Complaint."""
    text = options.value("T", str(PATIENCE))
    try:
        return max(0.0, float(text)) or PATIENCE
    except ValueError:
        raise Complaint(f"invalid number '{text}'") from None


async def _run(place: Place, session: Session, transfer: Transfer, patience: float, quiet: bool) -> None:
    """Raises Complaint."""
    from aiohttp import ClientError

    try:
        await within(session, patience, transfer.resolve(place))
        if not quiet:
            await session.complain(f"Connecting to {transfer.host} ({transfer.address}:{transfer.port})")
        await transfer.run(place, lambda work: within(session, patience, work))
    except TimeoutError:
        raise Complaint("download timed out") from None
    except Unresolved:
        raise Complaint(f"bad address '{transfer.host}'") from None
    except (ClientError, OSError) as error:
        cause = error.__cause__ or error
        if isinstance(cause, ConnectionRefusedError):
            raise Complaint(f"can't connect to remote host ({transfer.address}): Connection refused") from None
        raise Complaint(getattr(cause, "strerror", None) or "error getting response") from None


async def _save(session: Session, target: str, body: bytes, quiet: bool) -> None:
    if not quiet:
        await session.complain("writing to stdout" if target == "-" else f"saving to '{target}'")
    if target == "-":
        await session.stdout.write(body)
    else:
        await session.files.write(session.path(target), body)
    if not quiet:
        await session.complain(f"{target[:20]:<20} 100% |{_BAR}| {len(body):>5}  0:00:00 ETA")
        await session.complain("written to stdout" if target == "-" else f"'{target}' saved")
