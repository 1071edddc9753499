"""Commands that change files: mkdir, mktemp, rm, rmdir, touch, cp, mv, chmod, truncate."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from minikube_py.controllers.kubelet.shell.commands.linking import make_room
from minikube_py.controllers.kubelet.shell.commands.options import needed, parse
from minikube_py.controllers.kubelet.shell.session import Complaint, Session

_symbolic = re.compile(r"([ugoa]*)([-+=])([rwxX]*)").fullmatch
_WHO = {"u": 0o700, "g": 0o070, "o": 0o007, "a": 0o777}
_WHAT = {"r": 0o444, "w": 0o222, "x": 0o111, "X": 0o111}


async def mkdir(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "pv", "m", {"parents": "p", "mode": "m"})
    needed(options.operands, 1)
    code = 0
    for name in options.operands:
        try:
            await session.files.mkdir(session.path(name), parents="p" in options)
            if "m" in options:
                await session.files.change(session.path(name), mode=_mode(options.value("m", ""), 0o755))
        except OSError as error:
            await session.complain(f"mkdir: can't create directory '{name}': {error.strerror}")
            code = 1
    return code


async def rm(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "rRfiv", long={"recursive": "r", "force": "f"})
    if "f" not in options:
        needed(options.operands, 1)
    recursive = "r" in options or "R" in options
    code = 0
    for name in options.operands:
        path = session.path(name)
        try:
            if not recursive and (await session.files.lstat(path)).is_dir:
                raise Complaint(f"'{name}' is a directory")
            await session.files.remove(path, recursive)
        except (FileNotFoundError, NotADirectoryError) as error:
            if "f" not in options:
                await session.complain(f"rm: can't remove '{name}': {error.strerror}")
                code = 1
        except (OSError, Complaint) as error:
            reason = f"can't remove '{name}': {error.strerror}" if isinstance(error, OSError) else str(error)
            await session.complain(f"rm: {reason}")
            code = 1
    return code


async def rmdir(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "p")
    needed(options.operands, 1)
    code = 0
    for name in options.operands:
        try:
            if not (await session.files.lstat(session.path(name))).is_dir:
                raise NotADirectoryError(20, "Not a directory", name)
            await session.files.remove(session.path(name))
        except OSError as error:
            await session.complain(f"rmdir: '{name}': {error.strerror}")
            code = 1
    return code


async def touch(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "camf", long={"no-create": "c"})
    needed(options.operands, 1)
    code = 0
    for name in options.operands:
        path = session.path(name)
        try:
            if await session.files.exists(path):
                await session.files.change(path, mtime=session.now())
            elif "c" not in options:
                await session.files.write(path, b"")
        except OSError as error:
            await session.complain(f"touch: {name}: {error.strerror}")
            code = 1
    return code


async def cp(session: Session, argv: Sequence[str]) -> int:
    """cp [-rRapdLP] source ... target: links are copied as links with others, and where that is asked for"""
    options = parse(argv[1:], "rRafpdLPv", long={"recursive": "r", "archive": "a"})
    recursive = any(letter in options for letter in "rRa")
    keep = "a" in options or "p" in options
    through = "L" in options or not any(letter in options for letter in "rRadP")
    code = 0
    for name, target in await _targets(session, options.operands):
        try:
            if not recursive and await session.files.is_dir(session.path(name)):
                raise Complaint(f"omitting directory '{name}'")
            await _copy(session, session.path(name), target, keep, through)
        except Complaint as complaint:
            await session.complain(f"cp: {complaint}")
            code = 1
        except OSError as error:
            missing = error.filename == session.path(name)
            where = f"stat '{name}'" if missing else f"create '{error.filename}'"
            await session.complain(f"cp: can't {where}: {error.strerror}")
            code = 1
    return code


async def mv(session: Session, argv: Sequence[str]) -> int:
    options = parse(argv[1:], "finv", long={"force": "f"})
    code = 0
    for name, target in await _targets(session, options.operands):
        path = session.path(name)
        try:
            if target == path or target.startswith(f"{path}/"):
                raise Complaint(f"can't rename '{name}': Invalid argument")
            if "n" in options and await session.files.exists(target):
                continue
            await session.files.lstat(path)
            await make_room(session.files, target, links_only=True)
            await _copy(session, path, target, keep=True, through=False)
            await session.files.remove(path, recursive=True)
        except Complaint as complaint:
            await session.complain(f"mv: {complaint}")
            code = 1
        except OSError as error:
            await session.complain(f"mv: can't rename '{name}': {error.strerror}")
            code = 1
    return code


async def _targets(session: Session, operands: Sequence[str]) -> list[tuple[str, str]]:
    """Each source with the path it goes to. Raises Complaint."""
    needed(operands, 2)
    *sources, last = operands
    target = session.path(last)
    if await session.files.is_dir(target):
        return [(name, session.path(f"{target}/{posixpath.basename(session.path(name))}")) for name in sources]
    if len(sources) > 1:
        raise Complaint(f"target '{last}' is not a directory")
    return [(sources[0], target)]


async def _copy(session: Session, path: str, target: str, keep: bool, through: bool) -> None:
    """`through` links, or they themselves."""
    files = session.files
    stat = await (files.stat(path) if through else files.lstat(path))
    if stat.target is not None:
        await make_room(files, target)
        await files.symlink(target, stat.target)
        return
    if stat.is_dir:
        if target == path or target.startswith(f"{path}/"):
            raise Complaint(f"recursion detected, omitting directory '{path}'")
        await files.mkdir(target, parents=True)
        for name in await files.listdir(path):
            await _copy(session, f"{path}/{name}", f"{target}/{name}", keep, through)
    elif target == path:
        raise Complaint(f"'{path}' and '{target}' are the same file")
    else:
        await files.write(target, await files.read(path))
    if not target.startswith("/dev/"):
        await files.change(target, stat.mode, stat.mtime if keep else None)


async def chmod(session: Session, argv: Sequence[str]) -> int:
    """chmod [-R] mode file ...; modes are octal or symbolic"""
    words = list(argv[1:])
    recursive = bool(words) and words[0] in ("-R", "--recursive", "-Rf")
    words = words[1:] if recursive else words
    needed(words, 2)
    for name in words[1:]:
        await _change_mode(session, session.path(name), words[0], recursive)
    return 0


async def _change_mode(session: Session, path: str, mode: str, recursive: bool) -> None:
    stat = await session.files.stat(path)
    await session.files.change(path, mode=_mode(mode, stat.mode))
    if recursive and stat.is_dir:
        for name in await session.files.listdir(path):
            if (await session.files.lstat(f"{path}/{name}")).target is not None:
                continue
            await _change_mode(session, f"{path}/{name}", mode, recursive)


def _mode(text: str, mode: int) -> int:
    """Raises Complaint."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    for clause in text.split(","):
        match = _symbolic(clause)
        if match is None:
            raise Complaint(f"invalid mode '{text}'")
        who = 0
        for letter in match[1] or "a":
            who |= _WHO[letter]
        bits = 0
        for letter in match[3]:
            bits |= _WHAT[letter] & who
        mode = mode & ~bits if match[2] == "-" else mode | bits if match[2] == "+" else mode & ~who | bits
    return mode


async def truncate(session: Session, argv: Sequence[str]) -> int:
    """truncate -s size file ..."""
    options = parse(argv[1:], "c", "s")
    size = options.value("s", "")
    if not (size.isascii() and size.isdigit()):
        raise Complaint(f"invalid number '{size}'")
    for name in options.operands:
        path = session.path(name)
        data = await session.files.read(path) if await session.files.exists(path) else b""
        await session.files.write(path, data[: int(size)].ljust(int(size), b"\0"))
    return 0
