"""Programs: found by their names or as scripts among the files, and run."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace

from minikube_py.controllers.kubelet.shell.forking import as_process
from minikube_py.controllers.kubelet.shell.session import Command, Complaint, Session, decoded

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BROKEN_PIPE = 141
"""128 + SIGPIPE."""
DEEPEST = 12
"""Shells in shells."""
_EXECUTABLE = 0o111


@dataclass(frozen=True)
class Script:
    """A file whose first line says who runs it."""

    words: tuple[str, ...]
    """The interpreter, its option, the file."""


async def launch(session: Session, argv: Sequence[str]) -> int:
    """Run a program to its exit code; 127 and 126 if there is none, or none that may be run."""
    try:
        found = await find(session, argv[0])
        if isinstance(found, Script):
            if session.depth > DEEPEST:
                raise Complaint(f"{argv[0]}: Resource temporarily unavailable", 126)
            return await launch(replace(session, depth=session.depth + 1), [*found.words, *argv[1:]])
    except Complaint as complaint:
        await session.complain(f"{session.shell}: {complaint}")
        return complaint.code
    return await as_process(session, argv, lambda own: invoke(found, own, argv))


async def invoke(command: Command, session: Session, argv: Sequence[str]) -> int:
    """Run a command, and tell what it complains of."""
    name = posixpath.basename(argv[0])
    try:
        return await command(session, argv) & 255
    except Complaint as complaint:
        await session.complain(f"{name}: {complaint}")
        return complaint.code
    except BrokenPipeError:
        raise
    except OSError as error:
        await session.complain(f"{name}: {error.filename}: {error.strerror}")
        return 1


async def find(session: Session, name: str) -> Command | Script:
    """Raises Complaint."""
    if "/" in name:
        return await _at(session, name)
    command = session.commands.get(name)
    if command is not None:
        return command
    for directory in session.env.get("PATH", PATH).split(":"):
        path = f"{directory}/{name}"
        if directory and await _is_program(session, path):
            return await _at(session, path)
    raise Complaint(f"{name}: not found", 127)


async def _is_program(session: Session, path: str) -> bool:
    if not await session.files.exists(path):
        return False
    stat = await session.files.stat(path)
    return not stat.is_dir and bool(stat.mode & _EXECUTABLE)


async def _at(session: Session, name: str) -> Command | Script:
    path = session.path(name)
    if path in session.commands:
        return session.commands[path]
    directory, _, base = path.rpartition("/")
    if directory in PATH.split(":") and base in session.commands:
        return session.commands[base]
    if not await session.files.exists(path):
        raise Complaint(f"{name}: not found", 127)
    if not await _is_program(session, path):
        raise Complaint(f"{name}: Permission denied", 126)
    first, _, _ = (await session.files.read(path)).partition(b"\n")
    if not first.startswith(b"#!"):
        return Script(("sh", name))
    words = decoded(first[2:]).split()
    if not words:
        raise Complaint(f"{name}: Exec format error", 126)
    return Script((*words, name))


async def where(session: Session, name: str) -> str | None:
    """The path of a program, as `which` tells it."""
    try:
        found = await find(session, name)
    except Complaint:
        return None
    if "/" in name:
        return name
    if isinstance(found, Script):
        return found.words[-1]
    return f"/bin/{name}"
