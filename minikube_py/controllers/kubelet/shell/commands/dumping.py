"""hexdump: bytes as numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minikube_py.controllers.kubelet.shell.commands.options import number, parse
from minikube_py.controllers.kubelet.shell.session import Session
from minikube_py.machinery.streams import read_all

WIDTH = 16
"""Bytes a line."""


async def hexdump(session: Session, argv: Sequence[str]) -> int:
    """hexdump [-C] [-v] [-n bytes] [-s skipped] [file ...]"""
    options = parse(argv[1:], "Cv", "ns")
    data = await _data(session, options.operands)
    start = number(options.value("s", "0"))
    data = data[start : start + number(options.value("n", str(len(data))))]
    if "C" in options:
        await session.say(_dumped(data, start, _canonical, "08x", "v" in options))
    else:
        await session.say(_dumped(data, start, _words, "07x", "v" in options))
    return 0


async def _data(session: Session, names: Sequence[str]) -> bytes:
    if not names:
        return await read_all(session.stdin)
    return b"".join([await session.files.read(session.path(name)) for name in names])


def _dumped(data: bytes, start: int, shown: Callable[[bytes], str], offset: str, all_lines: bool) -> str:
    """A line that repeats the one before, and those like it, are a star."""
    lines: list[str] = []
    before = b""
    for at in range(0, len(data), WIDTH):
        row = data[at : at + WIDTH]
        if row != before or all_lines:
            lines.append(f"{start + at:{offset}}{shown(row)}")
        elif lines[-1] != "*":
            lines.append("*")
        before = row
    if data:
        lines.append(f"{start + len(data):{offset}}")
    return "".join(f"{line}\n" for line in lines)


def _canonical(row: bytes) -> str:
    numbers = [f"{byte:02x}" for byte in row] + ["  "] * (WIDTH - len(row))
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
    return f"  {' '.join(numbers[:8])}  {' '.join(numbers[8:])}  |{text}|"


def _words(row: bytes) -> str:
    """Of two bytes each, the lower one first."""
    return "".join(f" {int.from_bytes(row[at : at + 2], 'little'):04x}" for at in range(0, len(row), 2))
