"""dd and mktemp."""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence

from minikube_py.controllers.kubelet.cri.filesystem import refusal
from minikube_py.controllers.kubelet.shell.commands.options import parse
from minikube_py.controllers.kubelet.shell.session import Complaint, Session
from minikube_py.machinery.random import Random
from minikube_py.machinery.streams import read_all

LARGEST = 256 * 1024 * 1024
"""Bytes that a file may get by dd: more than that is no space left."""
_UNITS = {"": 1, "c": 1, "w": 2, "b": 512, "k": 1024, "K": 1024, "M": 1024**2, "G": 1024**3}
_UNITS |= {"kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_OPERANDS = frozenset({"if", "of", "bs", "ibs", "obs", "count", "skip", "seek", "conv", "status", "iflag", "oflag"})
_amount = re.compile(r"(\d{1,12})([a-zA-Z]*)").fullmatch
_PLACES = re.compile(r"X{6,}$").search


async def dd(session: Session, argv: Sequence[str]) -> int:
    """dd [if=file] [of=file] [bs=bytes] [count=blocks] [skip=blocks] [seek=blocks] [conv=notrunc] [status=none]"""
    said = dict(word.partition("=")[::2] for word in argv[1:])
    if unknown := said.keys() - _OPERANDS:
        raise Complaint(f"unrecognized operand '{min(unknown)}'")
    size = _number(said.get("bs") or said.get("ibs") or "512")
    begun = session.now()
    data = await _input(session, said, size)
    await _output(session, said, size, data)
    if said.get("status") != "none":
        await session.complain(_told(len(data), size, session.now() - begun))
    return 0


def _number(text: str) -> int:
    """Raises Complaint."""
    found = _amount(text)
    if found is None or found[2] not in _UNITS:
        raise Complaint(f"invalid number '{text}'")
    return int(found[1]) * _UNITS[found[2]]


async def _input(session: Session, said: dict[str, str], size: int) -> bytes:
    """Raises Complaint, OSError."""
    skipped = _number(said.get("skip", "0")) * size
    wanted = _number(said["count"]) * size if "count" in said else None
    if "if" not in said:
        return _part(await read_all(session.stdin), skipped, wanted)
    path = session.path(said["if"])
    try:
        data = await session.files.read(path)
        if not data or not path.startswith("/dev/"):
            return _part(data, skipped, wanted)
        whole = bytearray(data)
        while len(whole) < (LARGEST + 1 if wanted is None else min(skipped + wanted, LARGEST + 1)):
            whole += await session.files.read(path)
    except OSError as error:
        raise Complaint(f"can't open '{said['if']}': {error.strerror}") from None
    return _part(bytes(whole), skipped, wanted)


def _part(data: bytes, skipped: int, wanted: int | None) -> bytes:
    return data[skipped:] if wanted is None else data[skipped : skipped + wanted]


async def _output(session: Session, said: dict[str, str], size: int, data: bytes) -> None:
    """Raises Complaint, OSError."""
    if "of" not in said:
        await session.stdout.write(data)
        return
    path, before = session.path(said["of"]), b""
    if len(data) > LARGEST:
        raise refusal(errno.ENOSPC, path)
    at = _number(said.get("seek", "0")) * size
    kept = "notrunc" in said.get("conv", "").split(",")
    try:
        if (at or kept) and await session.files.exists(path):
            before = await session.files.read(path)
        rest = before[at + len(data) :] if kept else b""
        await session.files.write(path, before[:at].ljust(at, b"\0") + data + rest)
    except OSError as error:
        raise Complaint(f"can't open '{said['of']}': {error.strerror}") from None


def _told(length: int, size: int, spent: float) -> str:
    blocks = f"{length // size if size else 0}+{1 if size and length % size else 0}"
    rate = f"{length / spent / 1024**2:.1f}MB/s" if spent else "0.0B/s"
    return f"{blocks} records in\n{blocks} records out\n{length} bytes copied, {spent:.6f} seconds, {rate}"


async def mktemp(session: Session, argv: Sequence[str]) -> int:
    """mktemp [-d] [-u] [-q] [-t] [-p directory] [template]: the last X's of which, six or more, become a name."""
    options = parse(argv[1:], "duqt", "p", {"directory": "d", "tmpdir": "p"})
    template = options.operands[0] if options.operands else "tmp.XXXXXX"
    places = _PLACES(template)
    if places is None:
        raise Complaint(f"Invalid argument: {template}")
    if not options.operands or "p" in options or "t" in options:
        template = f"{options.value('p', session.env.get('TMPDIR', '/tmp'))}/{template}"
    path = await _unused(session, template[: -len(places[0])], len(places[0]))
    if "d" in options:
        await session.files.mkdir(session.path(path))
    elif "u" not in options:
        await session.files.write(session.path(path), b"")
    if "u" not in options:
        await session.files.change(session.path(path), 0o700 if "d" in options else 0o600)
    await session.say(f"{path}\n")
    return 0


async def _unused(session: Session, prefix: str, length: int) -> str:
    seed = 0
    while True:
        path = f"{prefix}{Random(seed).suffix(length)}"
        if not await session.files.exists(session.path(path)):
            return path
        seed += 1
