"""Shells from outside: a program to its end, a terminal's dialogue, and `sh` as a program itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from minikube_py.controllers.kubelet.shell.endings import read_line
from minikube_py.controllers.kubelet.shell.interpreter import Interpreter
from minikube_py.controllers.kubelet.shell.jobs import Jobs
from minikube_py.controllers.kubelet.shell.launch import BROKEN_PIPE, DEEPEST, launch
from minikube_py.controllers.kubelet.shell.parser import Parser
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, decoded
from minikube_py.controllers.kubelet.shell.state import Exit, Failed, LoopControl, Return, State
from minikube_py.controllers.kubelet.shell.syntax import Block, Incomplete, ShellSyntaxError
from minikube_py.controllers.kubelet.shell.variables import options
from minikube_py.controllers.kubelet.steps import begin

_CONTINUED = "> "
_SHELLS_OWN = "cls"
"""Options that `set` does not know: the script follows, a login, a script from stdin."""
INTERRUPTED = 130
"""128 + SIGINT."""
T = TypeVar("T")


async def run(session: Session, argv: Sequence[str]) -> int:
    """A program to its exit code (0 to 255). What it runs in the background ends with it, or when it is
    cancelled."""
    try:
        return await launch(replace(session, env=dict(session.env)), argv)
    except BrokenPipeError:
        return BROKEN_PIPE


async def interactive(session: Session, prompt: str) -> int:
    r"""Commands line by line from stdin, until its end or `exit`; errors end nothing. Before each the prompt is written
    to stdout, in which \w is the directory, \h the host, \u the user, \$ "#" or "$". Where there is one, an interrupt
    ends what runs in the foreground and nothing else."""
    shell = _shell(session, "sh", [])
    foreground = None
    if prompt:
        foreground = _Foreground()
        session.signals.interrupt = foreground.interrupt
    try:
        return await _dialogue(shell, prompt, forgiving=True, foreground=foreground)
    except BrokenPipeError:
        return BROKEN_PIPE
    finally:
        session.signals.interrupt = None
        await shell.jobs.end()


async def sh(session: Session, argv: Sequence[str]) -> int:
    """sh [-eux] [-o pipefail] [-c script [name [argument ...]] | file [argument ...]]"""
    if session.depth > DEEPEST:
        raise Complaint("can't fork: Resource temporarily unavailable", 2)
    shell = _shell(replace(session, shell=argv[0]), argv[0], [])
    try:
        text, words = await _script(shell, argv[1:])
        if words:
            shell.state.name, *shell.state.arguments = words
        if text is None:
            return await _dialogue(shell, "", forgiving=False)
        return await shell.script(text)
    finally:
        await shell.jobs.end()


async def _script(shell: Interpreter, words: Sequence[str]) -> tuple[str | None, list[str]]:
    """What it is to run, None for stdin, and $0 with the arguments. Raises Complaint."""
    from_text, from_stdin, at = False, False, 0
    given: list[str] = []
    while at < len(words) and words[at][:1] in ("-", "+") and words[at] not in ("-", "--"):
        word = words[at]
        from_text = from_text or (word[0] == "-" and not word.startswith("--") and "c" in word)
        from_stdin = from_stdin or (word[0] == "-" and not word.startswith("--") and "s" in word)
        count = 1 + ("o" in word and not word.startswith("--"))
        if not word.startswith("--"):
            given += ["".join(letter for letter in word if letter not in _SHELLS_OWN), *words[at + 1 : at + count]]
        at += count
    rest = words[at + (words[at : at + 1] in (["-"], ["--"])) :]
    try:
        options(shell.state, given)
    except Failed as error:
        raise Complaint(str(error).removeprefix("set: "), 2) from None
    if from_text:
        if not rest:
            raise Complaint("-c requires an argument", 2)
        return rest[0], list(rest[1:])
    if from_stdin or not rest:
        return None, [shell.state.name, *rest]
    try:
        return decoded(await shell.session.files.read(shell.session.path(rest[0]))), list(rest)
    except OSError as error:
        raise Complaint(f"can't open '{rest[0]}': {error.strerror}", 2) from None


def _shell(session: Session, name: str, arguments: list[str]) -> Interpreter:
    session = replace(session, depth=session.depth + 1)
    level = session.env.get("SHLVL", "")
    own = {"PWD": session.cwd, "SHLVL": str(int(level) + 1 if level.isascii() and level.isdigit() else 1)}
    variables = {**session.env, **own}
    state = State(name, session.pid, variables, set(variables), arguments)
    return Interpreter(session, state, Jobs())


class _Interrupted(Exception):
    """By Ctrl-C."""


class _Foreground:
    """What a terminal's Ctrl-C ends in place of the shell itself."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        if self._task is not None:
            self._interrupted = True
            self._task.cancel()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Raises _Interrupted."""
        task = begin(work)
        self._task = task
        self._interrupted = False
        try:
            return await task
        except asyncio.CancelledError:
            own = asyncio.current_task()
            if not self._interrupted or (own is not None and own.cancelling()):
                raise
            raise _Interrupted from None
        finally:
            self._task = None


async def _dialogue(shell: Interpreter, prompt: str, forgiving: bool, foreground: _Foreground | None = None) -> int:
    """Reads a line, and more while they belong to it, and runs it."""
    text = ""
    while True:
        if prompt:
            _measure(shell)
            await shell.session.say(_CONTINUED if text else _shown(shell.session, prompt))
        try:
            line = decoded(await _interruptibly(foreground, read_line(shell.session.stdin)))
            final = not line.endswith("\n")
            text += line
            if final and not text:
                return await shell.finish(shell.state.status)
            blocks = _parsed(text, final)
            if blocks is None:
                continue
            text = ""
            for block in blocks:
                await _interruptibly(foreground, shell.block(block))
        except (Exit, Return) as left:
            return await shell.finish(left.code)
        except LoopControl:
            pass
        except _Interrupted:
            text, shell.state.status = "", INTERRUPTED
        except (Failed, ShellSyntaxError) as error:
            text = ""
            shell.state.status = await shell.tell(error)
            if not forgiving:
                return await shell.finish(shell.state.status)


def _measure(shell: Interpreter) -> None:
    """$COLUMNS and $LINES, as bash keeps them."""
    if shell.session.screen is not None:
        columns, rows = shell.session.screen()
        shell.state.variables.update(COLUMNS=str(columns), LINES=str(rows))


async def _interruptibly(foreground: _Foreground | None, work: Coroutine[Any, Any, T]) -> T:
    """Raises _Interrupted."""
    return await (work if foreground is None else foreground.run(work))


def _parsed(text: str, final: bool) -> list[Block] | None:
    """None while there is more to come. Raises ShellSyntaxError."""
    trailing = len(text[:-1]) - len(text[:-1].rstrip("\\"))
    if not final and trailing % 2:
        return None
    parser = Parser(text, final=final)
    blocks: list[Block] = []
    try:
        while (block := parser.line()) is not None:
            blocks.append(block)
    except Incomplete:
        if final:
            raise
        return None
    return blocks


def _shown(session: Session, prompt: str) -> str:
    home = session.env.get("HOME")
    where = "~" if session.cwd == home and home != "/" else session.cwd
    for sign, meaning in (
        ("\\w", where),
        ("\\h", session.hostname),
        ("\\u", session.user.shown),
        ("\\$", "$" if session.user.uid else "#"),
    ):
        prompt = prompt.replace(sign, meaning)
    return prompt
