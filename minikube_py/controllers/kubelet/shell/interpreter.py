"""Runs what the parser has read."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Coroutine, Sequence
from dataclasses import replace

from minikube_py.controllers.kubelet.shell.builtins import BUILTINS
from minikube_py.controllers.kubelet.shell.compound import compound
from minikube_py.controllers.kubelet.shell.endings import Gathered, Given
from minikube_py.controllers.kubelet.shell.expansion import Expansion
from minikube_py.controllers.kubelet.shell.jobs import Jobs
from minikube_py.controllers.kubelet.shell.launch import BROKEN_PIPE, launch
from minikube_py.controllers.kubelet.shell.parser import Parser
from minikube_py.controllers.kubelet.shell.redirections import reader, redirected
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, Signals, decoded
from minikube_py.controllers.kubelet.shell.state import Exit, Failed, LoopControl, Return, State
from minikube_py.controllers.kubelet.shell.syntax import (
    AndOr,
    Block,
    Command,
    Conditional,
    Function,
    Pipeline,
    Redirected,
    Redirection,
    ShellSyntaxError,
    Simple,
    Subshell,
    Text,
    Word,
    literal,
)
from minikube_py.controllers.kubelet.shell.variables import DECLARING
from minikube_py.controllers.kubelet.steps import begin
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.streams import Pipe, Reader, Writer, read_all

_DEEPEST = 45
"""Compound commands, functions and subshells within each other."""
_DEEP = 8
"""From here on others get their turns between calls, for what calls itself twice takes long."""


class Interpreter:
    """A shell, or a subshell of one. Exit, Return and LoopControl leave what they say by being raised."""

    def __init__(self, session: Session, state: State, jobs: Jobs, depth: int = 0) -> None:
        self.session = session
        self.state = state
        self.jobs = jobs
        self.pids: list[int] = []
        """Of its own jobs."""
        self._depth = depth
        self._tested = 0
        """How many conditions it is in, where failing does no harm (set -e)."""
        self._substituted = 0
        """The code of the last $(...) of a command."""

    async def script(self, text: str) -> int:
        """A whole life: the commands, then the trap on EXIT."""
        return await self.finish(await self.until_exit(self.lines(text)))

    async def lines(self, text: str) -> None:
        """Raises ShellSyntaxError where it is met."""
        parser = Parser(text)
        while (block := parser.line()) is not None:
            await self.block(block)

    async def until_exit(self, work: Coroutine[None, None, object]) -> int:
        """The code with which it ends; errors are told."""
        try:
            await work
            return self.state.status
        except (Exit, Return) as left:
            return left.code
        except LoopControl:
            return 0
        except (Failed, ShellSyntaxError) as error:
            return await self.tell(error)

    async def tell(self, error: Failed | ShellSyntaxError) -> int:
        prefix = "syntax error: " if isinstance(error, ShellSyntaxError) else ""
        await self.session.complain(f"{self.session.shell}: {prefix}{error}")
        return error.code if isinstance(error, Failed) else 2

    async def finish(self, code: int) -> int:
        trap = self.state.traps.pop("EXIT", None)
        if not trap:
            return code
        self.state.status = code
        return await self.until_exit(self._trap(trap, code))

    async def _trap(self, text: str, status: int) -> None:
        """Its commands do not change $?, unless they exit."""
        await self.lines(text)
        self.state.status = status

    async def output(self, body: Block) -> str:
        """What commands write, without newlines at the end."""
        only = body[0].first.commands[0] if len(body) == 1 else None
        if isinstance(only, Simple) and not (only.words or only.assignments) and len(only.redirections) == 1:
            data = await self._contents(only.redirections[0])
        else:
            gathered = Gathered()
            self._substituted = self.state.status = await self._subshell(body, stdout=gathered)
            data = bytes(gathered.data)
        return decoded(data.replace(b"\0", b"")).rstrip("\n")

    async def _contents(self, redirection: Redirection) -> bytes:
        """$(< file)"""
        if redirection.operator != "<":
            return b""
        try:
            return await read_all(await reader(self.session, await self.expansion().text(redirection.target)))
        except Complaint as complaint:
            raise Failed(str(complaint), 1) from None

    # Lists

    async def tested(self, block: Block) -> bool:
        """Whether it succeeds, where failing does no harm."""
        self._tested += 1
        try:
            return await self.block(block) == 0
        finally:
            self._tested -= 1

    async def block(self, block: Block) -> int:
        status = 0
        for item in block:
            status = await self._and_or(item)
            for name in self.session.signals.take():
                await self._trap(self.state.traps.get(name, ""), status)
        return status

    async def _and_or(self, item: AndOr) -> int:
        if item.background:
            status = self._start(item._replace(background=False))
            await next_turn()  # in which it becomes what it runs
            return status
        status = await self._pipeline(item.first, tested=bool(item.rest))
        for index, (operator, pipeline) in enumerate(item.rest):
            if (status == 0) == (operator == "&&"):
                status = await self._pipeline(pipeline, tested=index + 1 < len(item.rest))
        return status

    def _start(self, item: AndOr) -> int:
        processes, own = self.session.processes, self.session.pid
        parent = processes.get(own)
        process = processes.start(parent.argv if parent is not None else [self.state.name], own, self.session.now())
        shell = self._copy(stdin=Given())
        shell.session = replace(shell.session, pid=process.pid, forked=True)
        self.jobs.start(process, shell._job(item), processes.end)
        self.state.background = process.pid
        self.pids.append(process.pid)
        self.state.status = 0
        return 0

    async def _job(self, item: AndOr) -> int:
        try:
            with self.session.forks.taken():
                return await self.finish(await self.until_exit(self._and_or(item)))
        except BrokenPipeError:
            return BROKEN_PIPE
        except Complaint as complaint:
            await self.session.complain(f"{self.session.shell}: {complaint}")
            return complaint.code

    async def _pipeline(self, pipeline: Pipeline, tested: bool) -> int:
        tested = tested or pipeline.negated
        self._tested += tested
        try:
            if len(pipeline.commands) == 1:
                status = await self._command(pipeline.commands[0])
            else:
                status = await self._stages(pipeline.commands)
        except Complaint as complaint:
            raise Failed(str(complaint), complaint.code) from None
        finally:
            self._tested -= tested
        self.state.status = status = int(not status) if pipeline.negated else status
        own = len(pipeline.commands) > 1 or isinstance(pipeline.commands[0], Simple | Subshell | Conditional)
        if status and own and "e" in self.state.options and not tested and not self._tested:
            raise Exit(status)
        return status

    async def _stages(self, commands: Sequence[Command]) -> int:
        """All at once, each reading what the one before it writes."""
        tasks: list[asyncio.Task[int]] = []
        incoming: Pipe | None = None
        with self.session.forks.taken(len(commands)):
            async with asyncio.TaskGroup() as group:
                for index, command in enumerate(commands):
                    outgoing = Pipe() if index + 1 < len(commands) else None
                    shell = self._copy(incoming, outgoing)
                    shell.session.forked = False
                    tasks.append(begin(shell._stage(command, incoming, outgoing), group.create_task))
                    incoming = outgoing
        statuses = [task.result() for task in tasks]
        if "pipefail" in self.state.options:
            return next((status for status in reversed(statuses) if status), 0)
        return statuses[-1]

    async def _stage(self, command: Command, incoming: Pipe | None, outgoing: Pipe | None) -> int:
        try:
            return await self.finish(await self.until_exit(self._pipeline(Pipeline((command,)), tested=False)))
        except BrokenPipeError:
            return BROKEN_PIPE
        finally:
            if incoming is not None:
                incoming.abandon()
            if outgoing is not None:
                outgoing.close()

    def _copy(self, stdin: Reader | None = None, stdout: Writer | None = None) -> Interpreter:
        """A subshell."""
        session = replace(
            self.session,
            signals=Signals(),
            stdin=stdin or self.session.stdin,
            stdout=stdout or self.session.stdout,
        )
        shell = Interpreter(session, self.state.copied(), self.jobs, self._depth)
        shell._tested = self._tested
        return shell

    async def _subshell(self, body: Block, stdout: Writer | None = None) -> int:
        self._deeper()
        try:
            if self._depth > _DEEP:
                await next_turn()
            shell = self._copy(stdout=stdout)
            return await shell.finish(await shell.until_exit(shell.block(body)))
        finally:
            self._depth -= 1

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._depth -= 1
            raise Failed("too many levels of nesting")

    # Commands

    async def _command(self, command: Command) -> int:
        if isinstance(command, Simple):
            return await self._simple(command)
        if isinstance(command, Function):
            self.state.functions[command.name] = command.body
            return 0
        if isinstance(command, Subshell):
            return await self._subshell(command.body)
        self._deeper()
        try:
            if isinstance(command, Redirected):
                return await self._redirected(command)
            return await compound(self, command)
        finally:
            self._depth -= 1

    async def _redirected(self, command: Redirected) -> int:
        before = self.session
        try:
            self.session = await redirected(before, command.redirections, self.expansion())
            return await self._command(command.command)
        except Complaint as complaint:
            await before.complain(f"{before.shell}: {complaint}")
            return 1
        finally:
            self.session = replace(before, cwd=self.session.cwd)

    # Simple commands

    def expansion(self) -> Expansion:
        return Expansion(self.state, self.session, self.output)

    async def _simple(self, command: Simple) -> int:
        self._substituted = 0
        expansion = self.expansion()
        words = await self._words(command.words, expansion)
        try:
            session = await redirected(self.session, command.redirections, expansion)
        except Complaint as complaint:
            await self.session.complain(f"{self.session.shell}: {complaint}")
            return 1
        assigned: dict[str, str] = {}
        for name, value in command.assignments:
            assigned[name] = await expansion.text(value)
            if not words:
                self.state.assign(name, assigned[name])
        if "x" in self.state.options:
            shown = [f"{name}={shlex.quote(value)}" for name, value in assigned.items()]
            await self.session.complain(" ".join(["+", *shown, *map(shlex.quote, words)]))
        if not words:
            return self._substituted
        if words == ["exec"]:
            self.session = session
            return 0
        return await self.call(words, session, assigned)

    async def _words(self, words: Sequence[Word], expansion: Expansion) -> list[str]:
        """Values that export and the like assign are not split."""
        if len(words) < 2 or literal(words[0]) not in DECLARING:
            return await expansion.fields(words)
        found: list[str] = []
        for word in words:
            if isinstance(word[0], Text) and not word[0].quoted and "=" in word[0].value:
                found.append(await expansion.text(word))
            else:
                found += await expansion.fields([word])
        return found

    async def call(
        self, words: Sequence[str], session: Session, assigned: dict[str, str], functions: bool = True
    ) -> int:
        """A function, a command of the shell, or a program."""
        function = self.state.functions.get(words[0]) if functions else None
        if function is None and words[0] not in BUILTINS:
            environment = {**self.state.environment(), **assigned}
            return await launch(replace(session, env=environment, signals=Signals()), words)
        variables = {name: self.state.variables.get(name) for name in assigned}
        before, self.session = self.session, session
        try:
            for name, value in assigned.items():
                self.state.assign(name, value)
            if function is not None:
                return await self._function(function, words[1:])
            return await self._builtin(words)
        finally:
            self.state.restore(variables)
            self.session = replace(before, cwd=self.session.cwd)

    async def _builtin(self, words: Sequence[str]) -> int:
        try:
            return await BUILTINS[words[0]](self, words) & 255
        except Complaint as complaint:
            await self.session.complain(f"{self.session.shell}: {words[0]}: {complaint}")
            return complaint.code

    async def _function(self, body: Command, arguments: Sequence[str]) -> int:
        state = self.state
        before, loops = state.arguments, state.loops
        state.arguments, state.loops = list(arguments), 0
        state.locals.append({})
        self._deeper()
        try:
            if self._depth > _DEEP:
                await next_turn()
            return await self._command(body)
        except Return as returned:
            return returned.code
        finally:
            self._depth -= 1
            state.restore(state.locals.pop())
            state.arguments, state.loops = before, loops
