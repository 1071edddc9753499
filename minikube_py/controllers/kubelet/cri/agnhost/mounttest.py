"""agnhost mounttest: looks at a mount, in this order, whatever the order of its flags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.cri.agnhost.filemode import written
from minikube_py.controllers.kubelet.cri.agnhost.flags import Flags, parse

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.cri.container import Container
    from minikube_py.controllers.kubelet.shell.session import Session

_NEW = ("new_file_0644", "new_file_0666", "new_file_0660", "new_file_0777")
_PATHS = ("fs_type", *_NEW, "file_mode", "file_perm", "file_owner", "file_content", "file_content_in_loop")
FLAGS = {**dict.fromkeys(_PATHS, ""), "retry_time": 180, "break_on_expected_content": True}
CONTENT = "mount-tester new file\n"
EXT4 = 0xEF53
"""By which statfs tells that file system."""
PAUSE = 2.0
"""Seconds between two looks at a file."""


async def run(container: Container, session: Session, argv: Sequence[str]) -> int:
    flags, _ = parse(argv[2:], FLAGS)
    look = _Look(session, flags)
    well = [await look.at(flag, flags[flag]) for flag in _PATHS if flags[flag]]
    return 0 if all(well) else 1


class _Look:
    def __init__(self, session: Session, flags: Flags) -> None:
        self._session = session
        self._files = session.files
        self._flags = flags

    async def at(self, flag: str, path: str) -> bool:
        """Whether that went well; what was seen is told."""
        if flag == "file_content_in_loop":
            return await self._again_and_again(path)
        doing = "writing new file" if flag in _NEW else self._failing(flag)
        try:
            if flag in _NEW:
                await self._write(path, int(flag[-4:], 8))
                doing = self._failing("file_content")
            told = await self._told(flag, path)
        except OSError as error:
            quoted = f"({_quoted(path)})" if flag.startswith("f") and flag != "file_content" else f" {_quoted(path)}"
            await self._session.say(f"error {doing}{quoted}: {_go_error(flag, path, error)}\n")
            return False
        await self._session.say(told)
        return True

    @staticmethod
    def _failing(flag: str) -> str:
        if flag == "file_content":
            return "reading file content for"
        return {"fs_type": "from statfs", "file_owner": "from stat"}.get(flag, "from Stat")

    async def _told(self, flag: str, path: str) -> str:
        """Raises OSError."""
        name = _quoted(path)
        if flag == "fs_type":
            return f"mount type of {name}: {'tmpfs' if await self._files.in_memory(path) else EXT4}\n"
        if flag in ("file_mode", "file_perm"):
            return f"{flag[5:]}{'s' * (flag == 'file_perm')} of file {name}: {await self._mode(flag, path)}\n"
        if flag == "file_owner":
            stat = await self._files.stat(path)
            return f"owner UID of {name}: {stat.uid}\nowner GID of {name}: {stat.gid}\n"
        return f"content of file {name}: {await self._read(path)}\n"

    async def _mode(self, flag: str, path: str) -> str:
        stat = await self._files.stat(path)
        return written(stat._replace(is_dir=False, mode=stat.mode & 0o777) if flag == "file_perm" else stat)

    async def _read(self, path: str) -> str:
        return (await self._files.read(path)).decode("utf-8", "surrogateescape")

    async def _write(self, path: str, mode: int) -> None:
        there = await self._files.exists(path)
        await self._files.write(path, CONTENT.encode())
        if not there:
            await self._files.change(path, mode)

    async def _again_and_again(self, path: str) -> bool:
        """Until it has what is expected, or the time is over."""
        session, began, well = self._session, self._session.now(), True
        while session.now() - began < self._flags["retry_time"]:
            try:
                content = await self._read(path)
            except OSError as error:
                well = False
                await session.say(f"Error reading file {path}: {_go_error('', path, error)}, retrying\n")
            else:
                well = True
                await session.say(f"content of file {_quoted(path)}: {content}\n")
                if self._flags["break_on_expected_content"]:
                    if content == CONTENT:
                        break
                    await session.say(f"Unexpected content. Expected: {CONTENT}. Retrying\n")
            await session.sleep(PAUSE)
        return well


def _go_error(flag: str, path: str, error: OSError) -> str:
    why = (error.strerror or "").lower()
    if flag in ("fs_type", "file_owner"):
        return why
    return f"{'stat' if flag in ('file_mode', 'file_perm') else 'open'} {path}: {why}"


def _quoted(path: str) -> str:
    return f'"{path}"'
