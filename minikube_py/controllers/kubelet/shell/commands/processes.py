"""Commands about processes: ps, kill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from minikube_py.controllers.kubelet.cri.processes import Running
from minikube_py.controllers.kubelet.shell.commands.options import needed
from minikube_py.controllers.kubelet.shell.session import Complaint, Session
from minikube_py.controllers.kubelet.shell.signals import signal_and_pids

_COLUMNS: Mapping[str, tuple[str, int, Callable[[Session, Running], str]]] = {
    "pid": ("PID", -5, lambda session, process: str(process.pid)),
    "ppid": ("PPID", -5, lambda session, process: str(process.parent)),
    "user": ("USER", 8, lambda session, process: session.user.shown),
    "ruser": ("RUSER", 8, lambda session, process: session.user.shown),
    "uid": ("UID", -5, lambda session, process: str(session.user.uid)),
    "time": ("TIME", -5, lambda session, process: "0:00"),
    "etime": ("ELAPSED", -7, lambda session, process: _elapsed(session.now() - process.started)),
    "tty": ("TT", 8, lambda session, process: "136,0" if process.terminal else "?"),
    "stat": ("STAT", 4, lambda session, process: _state(session, process)),
    "comm": ("COMMAND", 16, lambda session, process: process.argv[0].rpartition("/")[2]),
    "args": ("COMMAND", 0, lambda session, process: " ".join(process.argv)),
}
"""By the names that -o knows: title, width (less than 0 is to the right), what is in it."""
_ALIASES = {"cmd": "args", "command": "args", "tt": "tty", "ucmd": "comm", "s": "stat", "state": "stat"}


async def ps(session: Session, argv: Sequence[str]) -> int:
    """ps [-o column,...]: as busybox shows it; ps aux and ps -ef: as procps does."""
    words, chosen = list(argv[1:]), ""
    for at, word in enumerate(words):
        if word.startswith("-o"):
            chosen = word[2:] or "".join(words[at + 1 : at + 2])
            words = words[:at]
            break
    letters = "".join(word.lstrip("-") for word in words)
    if unknown := [letter for letter in letters if letter not in "aAuxefdlwTjH"]:
        raise Complaint(f"unrecognized option: {unknown[0]}")
    if chosen:
        return await _columns(session, [_ALIASES.get(each.strip(), each.strip()) for each in chosen.split(",")])
    if "u" in letters:
        return await _by_user(session)
    if "f" in letters:
        return await _full(session)
    await session.say("PID   USER     TIME  COMMAND\n")
    for each in session.processes:
        await session.say(f"{each.pid:>5} {session.user.shown:<8} {'0:00':>5} {' '.join(each.argv)}\n")
    return 0


async def _columns(session: Session, names: Sequence[str]) -> int:
    if unknown := [name for name in names if name not in _COLUMNS]:
        raise Complaint(f"bad -o argument '{unknown[0]}', supported arguments: {','.join(_COLUMNS)}")
    chosen = [_COLUMNS[name] for name in names]
    rows = [[title for title, _, _ in chosen]]
    rows += [[tell(session, process) for _, _, tell in chosen] for process in session.processes]
    for row in rows:
        cells = (
            f"{cell:>{-width}}" if width < 0 and row is not rows[0] else f"{cell:<{abs(width)}}"
            for cell, (_, width, _) in zip(row, chosen, strict=True)
        )
        await session.say(" ".join(cells).rstrip() + "\n")
    return 0


async def _by_user(session: Session) -> int:
    await session.say("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n")
    for each in session.processes:
        tty, start = "pts/0" if each.terminal else "?", f"{datetime.fromtimestamp(each.started, UTC):%H:%M}"
        sizes = f"{session.user.shown:<8} {each.pid:>7}  0.0  0.0   4400  1600"
        await session.say(f"{sizes} {tty:<8} {_state(session, each):<4} {start:<6}   0:00 {' '.join(each.argv)}\n")
    return 0


async def _full(session: Session) -> int:
    await session.say("UID          PID    PPID  C STIME TTY          TIME CMD\n")
    for each in session.processes:
        tty, start = "pts/0" if each.terminal else "?", f"{datetime.fromtimestamp(each.started, UTC):%H:%M}"
        command = " ".join(each.argv)
        await session.say(
            f"{session.user.shown:<8} {each.pid:>7} {each.parent:>7}  0 {start} {tty:<8} 00:00:00 {command}\n"
        )
    return 0


def _state(session: Session, process: Running) -> str:
    """Who asks runs, all others wait."""
    leader = "s" if process.parent == 0 else ""
    return ("R" if process.pid == session.pid else "S") + leader + ("+" if process.terminal else "")


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


async def kill(session: Session, argv: Sequence[str]) -> int:
    """kill [-signal] pid ...: as a program, and not as the shell's own."""
    (name, number), pids = signal_and_pids(argv[1:])
    needed(pids, 1)
    code = 0
    for word in pids:
        process = session.processes.get(int(word)) if word.isascii() and word.isdigit() else None
        if process is None:
            await session.complain(f"kill: can't kill pid {word}: No such process")
            code = 1
        elif number:
            process.send(name, number)
    return code
