"""Where a command's streams go: > file, 2>&1, < file, here-documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minikube_py.controllers.kubelet.shell.endings import Appended, Dropped, Given
from minikube_py.controllers.kubelet.shell.expansion import Expansion
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, encoded
from minikube_py.controllers.kubelet.shell.syntax import Redirection
from minikube_py.machinery.streams import Reader, Writer

_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2, "/dev/fd/0": 0, "/dev/fd/1": 1, "/dev/fd/2": 2}


async def redirected(session: Session, redirections: Sequence[Redirection], expansion: Expansion) -> Session:
    """The session with its streams changed, in the order written. Raises Complaint."""
    for each in redirections:
        session = await _redirected(session, each, expansion)
    return session


async def _redirected(session: Session, each: Redirection, expansion: Expansion) -> Session:
    if each.document is not None:
        return _reading(session, Given(encoded(await expansion.text(each.document.body))), each.descriptor)
    target = await expansion.text(each.target)
    if each.operator == "<<<":
        return _reading(session, Given(encoded(target + "\n")), each.descriptor)
    if each.operator in ("<&", ">&") and (target.isdecimal() or target == "-"):
        return _duplicated(session, each.descriptor, target)
    if each.operator in ("<", "<&", "<>"):
        return _reading(session, await reader(session, target), each.descriptor)
    opened = await writer(session, target, append=each.operator in (">>", "&>>"))
    if each.operator in ("&>", "&>>", ">&"):
        return replace(session, stdout=opened, stderr=opened)
    return _writing(session, opened, each.descriptor)


def _reading(session: Session, opened: Reader, descriptor: int) -> Session:
    if descriptor != 0:
        raise Complaint(f"{descriptor}: Bad file descriptor")
    return replace(session, stdin=opened)


def _writing(session: Session, opened: Writer, descriptor: int) -> Session:
    if descriptor == 1:
        return replace(session, stdout=opened)
    if descriptor == 2:
        return replace(session, stderr=opened)
    raise Complaint(f"{descriptor}: Bad file descriptor")


def _duplicated(session: Session, descriptor: int, target: str) -> Session:
    if target == "-":
        return _reading(session, Given(), 0) if descriptor == 0 else _writing(session, Dropped(), descriptor)
    if descriptor == 0 and target == "0":
        return session
    if target not in ("1", "2"):
        raise Complaint(f"{target}: Bad file descriptor")
    return _writing(session, session.stdout if target == "1" else session.stderr, descriptor)


async def reader(session: Session, name: str) -> Reader:
    """What `< name` reads. Raises Complaint, in ash's words."""
    if _STREAMS.get(name) == 0:
        return session.stdin
    if name == "/dev/null":
        return Given()
    try:
        return Given(await session.files.read(session.path(name)))
    except FileNotFoundError:
        raise Complaint(f"can't open {name}: no such file") from None
    except OSError as error:
        raise Complaint(f"can't open {name}: {error.strerror}") from None


async def writer(session: Session, name: str, append: bool) -> Writer:
    """What `> name` writes: the file is made, or emptied. Raises Complaint."""
    stream = _STREAMS.get(name)
    if stream:
        return session.stdout if stream == 1 else session.stderr
    if name == "/dev/null":
        return Dropped()
    path = session.path(name)
    try:
        await session.files.write(path, b"", append)
    except FileNotFoundError:
        raise Complaint(f"can't create {name}: nonexistent directory") from None
    except OSError as error:
        raise Complaint(f"can't create {name}: {error.strerror}") from None
    return Appended(session.files, path)
