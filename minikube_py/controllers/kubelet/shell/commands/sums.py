"""Checksums of files: md5sum, sha1sum, sha256sum, sha512sum."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from minikube_py.controllers.kubelet.shell.commands.options import parse
from minikube_py.controllers.kubelet.shell.commands.reading import Inputs
from minikube_py.controllers.kubelet.shell.session import Command, Complaint, Session, decoded


def _summing(algorithm: str) -> Command:
    async def command(session: Session, argv: Sequence[str]) -> int:
        """[-c [-s]] [file ...]"""
        options = parse(argv[1:], "cbst")
        inputs = Inputs(session, argv[0], options.operands)
        if "c" in options:
            return await _check(session, inputs, algorithm, silent="s" in options)
        async for name, data in inputs.whole():
            await session.say(f"{_sum(algorithm, data)}  {name}\n")
        return inputs.code

    return command


def _sum(algorithm: str, data: bytes) -> str:
    return hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()


async def _check(session: Session, inputs: Inputs, algorithm: str, silent: bool) -> int:
    """Against lists of sums, as written by the same command. Raises Complaint."""
    checked, wrong = 0, 0
    async for _, data in inputs.whole():
        for line in decoded(data).splitlines():
            told, _, name = line.partition("  ")
            path = session.path(name)
            right = await session.files.exists(path) and _sum(algorithm, await session.files.read(path)) == told
            checked, wrong = checked + 1, wrong + (not right)
            if not silent or not right:
                await session.say(f"{name}: {'OK' if right else 'FAILED'}\n")
    if not checked:
        raise Complaint("no checksum lines found")
    if wrong:
        raise Complaint(f"WARNING: {wrong} of {checked} computed checksums did NOT match")
    return inputs.code


md5sum = _summing("md5")
sha1sum = _summing("sha1")
sha256sum = _summing("sha256")
sha512sum = _summing("sha512")
