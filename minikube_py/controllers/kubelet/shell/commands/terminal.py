"""Commands about the terminal: stty, tty."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.controllers.kubelet.shell.session import Complaint, Session


async def stty(session: Session, argv: Sequence[str]) -> int:
    """stty [size|setting ...]: settings are taken and change nothing."""
    if session.screen is None:
        raise Complaint("standard input: Not a tty")
    columns, rows = session.screen()
    if len(argv) == 1 or argv[1] == "-a":
        await session.say(f"speed 38400 baud; rows {rows}; columns {columns};\n")
    elif argv[1] == "size":
        await session.say(f"{rows} {columns}\n")
    return 0


async def tty(session: Session, argv: Sequence[str]) -> int:
    """tty [-s]"""
    if "-s" not in argv[1:]:
        await session.say("not a tty\n" if session.screen is None else "/dev/pts/0\n")
    return int(session.screen is None)
