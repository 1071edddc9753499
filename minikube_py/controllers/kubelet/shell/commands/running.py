"""Commands that wait, and those that run others: sleep, timeout, env, nohup, xargs, time, busybox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from minikube_py.controllers.kubelet.shell.commands.options import needed, number, parse
from minikube_py.controllers.kubelet.shell.endings import Given
from minikube_py.controllers.kubelet.shell.launch import launch
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, decoded
from minikube_py.controllers.kubelet.steps import begin
from minikube_py.machinery.streams import read_all

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_span = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([smhd]?)").fullmatch
_assignment = re.compile(r"([^=]+)=(.*)", re.DOTALL).fullmatch
_quoted = re.compile(r"'([^']*)'|\"([^\"]*)\"|\\(.)|([^\s'\"\\]+)", re.DOTALL)
_TERMINATED = 143
_TIMED_OUT_BY = {"TERM": 143, "KILL": 137, "INT": 130, "HUP": 129}


async def sleep(session: Session, argv: Sequence[str]) -> int:
    """sleep span ...: seconds, or with a unit of s, m, h, d; "infinity" never ends."""
    needed(argv, 2)
    if any(each in ("infinity", "inf") for each in argv[1:]):
        await asyncio.get_running_loop().create_future()
    await session.sleep(sum(_seconds(each) for each in argv[1:]))
    return 0


def _seconds(text: str) -> float:
    """Raises Complaint."""
    match = _span(text)
    if match is None:
        raise Complaint(f"invalid number '{text}'")
    return float(match[1]) * _UNITS[match[2]]


async def timeout(session: Session, argv: Sequence[str]) -> int:
    """timeout [-s signal] [-k span] span program ...: what is not done by then is ended."""
    options = parse(argv[1:], "fpv", "skt", {"signal": "s", "kill-after": "k", "foreground": "f"}, mixed=False)
    words = [*options.given.get("t", []), *options.operands]
    needed(words, 2)
    seconds = _seconds(words[0])
    if not seconds:
        return await launch(session, words[1:])
    code = _TIMED_OUT_BY.get(options.value("s", "TERM").upper().removeprefix("SIG"), _TERMINATED)
    program, alarm = begin(launch(session, words[1:])), begin(_slept(session, seconds))
    try:
        await asyncio.wait({program, alarm}, return_when=asyncio.FIRST_COMPLETED)
        return program.result() if program.done() else code
    finally:
        program.cancel()
        alarm.cancel()
        await asyncio.gather(program, alarm, return_exceptions=True)


async def _slept(session: Session, seconds: float) -> None:
    await session.sleep(seconds)


async def env(session: Session, argv: Sequence[str]) -> int:
    """env [-i] [-u name] [name=value ...] [program ...]"""
    options = parse(argv[1:], "i", "u", {"ignore-environment": "i", "unset": "u"}, mixed=False)
    words = [each for each in options.operands if each != "-"]
    environment = {} if "i" in options else dict(session.env)
    for name in options.given.get("u", []):
        environment.pop(name, None)
    while words and (match := _assignment(words[0])):
        environment[match[1]] = match[2]
        words.pop(0)
    if words:
        return await launch(replace(session, env=environment, forked=True), words)
    await session.say("".join(f"{name}={value}\n" for name, value in environment.items()))
    return 0


async def passed_on(session: Session, argv: Sequence[str]) -> int:
    """nohup program ..., busybox program ..."""
    needed(argv, 2)
    return await launch(replace(session, forked=True), argv[1:])


async def timed(session: Session, argv: Sequence[str]) -> int:
    """time program ..."""
    start = session.now()
    code = await launch(session, argv[1:]) if len(argv) > 1 else 0
    minutes, seconds = divmod(session.now() - start, 60)
    for name, (part, rest) in {"real": (minutes, seconds), "user": (0, 0), "sys": (0, 0)}.items():
        await session.complain(f"{name}\t{int(part)}m {rest:.2f}s")
    return code


async def xargs(session: Session, argv: Sequence[str]) -> int:
    """xargs [-0rt] [-n count] [-I name] [-d separator] [program ...]: 123 if any of them failed."""
    options = parse(argv[1:], "0rtx", "nIPd", {"null": "0", "no-run-if-empty": "r"}, mixed=False)
    program = options.operands or ["echo"]
    text = decoded(await read_all(session.stdin))
    session = replace(session, stdin=Given())
    words = _divided(text, options.value("d", "\0" if "0" in options else ""), "I" in options)
    if "I" in options:
        sign = options.value("I", "{}")
        runs = [[each.replace(sign, word) for each in program] for word in words]
    elif words:
        size = number(options.value("n", str(len(words)))) or len(words)
        runs = [[*program, *words[start : start + size]] for start in range(0, len(words), size)]
    else:
        runs = [] if "r" in options else [program]
    code = 0
    for run in runs:
        if "t" in options:
            await session.complain(" ".join(run))
        failed = await launch(session, run)
        if failed in (126, 127):
            return failed
        code = 123 if failed else code
    return code


def _divided(text: str, separator: str, by_line: bool) -> list[str]:
    separator = {"\\n": "\n", "\\0": "\0", "\\t": "\t"}.get(separator, separator)
    if separator:
        return text.removesuffix(separator).split(separator) if text else []
    if by_line:
        return [line.strip() for line in text.split("\n") if line.strip()]
    words: list[str] = []
    end = -1
    for match in _quoted.finditer(text):
        part = next((each for each in match.groups() if each is not None), "")
        if match.start() == end:
            words[-1] += part
        else:
            words.append(part)
        end = match.end()
    return words
