"""Commands about symbolic links: ln, readlink, realpath."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Sequence

from minikube_py.controllers.kubelet.cri.filesystem import Files
from minikube_py.controllers.kubelet.shell.commands.options import needed, parse
from minikube_py.controllers.kubelet.shell.session import Complaint, Session

_LN_LONG = {"symbolic": "s", "force": "f", "no-dereference": "n", "verbose": "v"}


async def ln(session: Session, argv: Sequence[str]) -> int:
    """ln -s [-fnv] target ... link: all files have one name, and so there are symbolic links only."""
    options = parse(argv[1:], "sfnvT", long=_LN_LONG)
    needed(options.operands, 1)
    *targets, last = options.operands if len(options.operands) > 1 else [*options.operands, "."]
    path = session.path(last)
    whole = await session.files.exists(path) and await _is_directory(session, path, "n" in options or "T" in options)
    if len(targets) > 1 and not whole:
        raise Complaint(f"target '{last}' is not a directory")
    code = 0
    for target in targets:
        link = f"{last.rstrip('/')}/{posixpath.basename(target.rstrip('/'))}" if whole else last
        try:
            if "s" not in options:
                raise PermissionError(1, "Operation not permitted", link)
            if "f" in options:
                await make_room(session.files, session.path(link))
            await session.files.symlink(session.path(link), target)
        except OSError as error:
            await session.complain(f"ln: {link}: {error.strerror}")
            code = 1
    return code


async def _is_directory(session: Session, path: str, itself: bool) -> bool:
    stat = await session.files.lstat(path) if itself else await session.files.stat(path)
    return stat.is_dir


async def make_room(files: Files, path: str, links_only: bool = False) -> None:
    """A file or a link that has the path goes."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        stat = await files.lstat(path)
        if stat.target is not None or not (stat.is_dir or links_only):
            await files.remove(path)


async def readlink(session: Session, argv: Sequence[str]) -> int:
    """readlink [-f] path ...: where a link leads; with -f, the path without links."""
    options = parse(argv[1:], "femnqsv", long={"canonicalize": "f"})
    needed(options.operands, 1)
    if any(letter in options for letter in "fem"):
        return await _tell_real(session, options.operands)
    code, end = 0, "" if "n" in options else "\n"
    for name in options.operands:
        try:
            target = (await session.files.lstat(session.path(name))).target
        except (FileNotFoundError, NotADirectoryError):
            target = None
        if target is None:
            code = 1
        else:
            await session.say(f"{target}{end}")
    return code


async def realpath(session: Session, argv: Sequence[str]) -> int:
    """realpath path ..."""
    options = parse(argv[1:], "emqs")
    needed(options.operands, 1)
    return await _tell_real(session, options.operands)


async def _tell_real(session: Session, names: Sequence[str]) -> int:
    """The last name need not be there."""
    code = 0
    for name in names:
        path = await session.files.real(session.path(name))
        if await session.files.is_dir(posixpath.dirname(path)):
            await session.say(f"{path}\n")
        else:
            await session.complain(f"realpath: {name}: No such file or directory")
            code = 1
    return code
