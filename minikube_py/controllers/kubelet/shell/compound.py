"""Commands made of commands: groups, if, case and loops."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from minikube_py.controllers.kubelet.shell.commands.conditions import PATTERNED, conditional
from minikube_py.controllers.kubelet.shell.patterns import matches
from minikube_py.controllers.kubelet.shell.session import Complaint
from minikube_py.controllers.kubelet.shell.state import Break, LoopControl
from minikube_py.controllers.kubelet.shell.syntax import Case, Command, Conditional, For, Group, If, Loop, literal
from minikube_py.machinery.clock import next_turn

if TYPE_CHECKING:
    from minikube_py.controllers.kubelet.shell.interpreter import Interpreter


async def compound(shell: Interpreter, command: Command) -> int:
    """Its exit code."""
    if isinstance(command, Group):
        return await shell.block(command.body)
    if isinstance(command, If):
        return await _if(shell, command)
    if isinstance(command, Case):
        return await _case(shell, command)
    if isinstance(command, Conditional):
        return await _conditional(shell, command)
    assert isinstance(command, For | Loop)
    shell.state.loops += 1
    try:
        return await (_for(shell, command) if isinstance(command, For) else _loop(shell, command))
    finally:
        shell.state.loops -= 1


async def _if(shell: Interpreter, command: If) -> int:
    for condition, body in command.branches:
        if await shell.tested(condition):
            return await shell.block(body)
    shell.state.status = 0
    return await shell.block(command.otherwise)


async def _case(shell: Interpreter, command: Case) -> int:
    expansion = shell.expansion()
    subject = await expansion.text(command.subject)
    for patterns, body in command.branches:
        for pattern in patterns:
            if matches(await expansion.pattern(pattern), subject):
                return await shell.block(body)
    return 0


async def _conditional(shell: Interpreter, command: Conditional) -> int:
    expansion, words = shell.expansion(), list[str]()
    for before, word in pairwise([(), *command.words]):
        sign = literal(before)
        if sign in PATTERNED:
            words.append(await expansion.pattern(word))
        else:
            words.append(await (expansion.regexp(word) if sign == "=~" else expansion.text(word)))
    try:
        return int(not await conditional(shell.session, words))
    except Complaint as complaint:
        await shell.session.complain(f"{shell.session.shell}: {complaint}")
        return complaint.code


async def _loop(shell: Interpreter, command: Loop) -> int:
    status = 0
    while True:
        await next_turn()
        try:
            if await shell.tested(command.condition) == command.until:
                return status
            status = await shell.block(command.body)
        except LoopControl as control:
            if not _stays(control):
                return 0


async def _for(shell: Interpreter, command: For) -> int:
    words = shell.state.arguments if command.words is None else await shell.expansion().fields(command.words)
    status = 0
    for word in list(words):
        await next_turn()
        shell.state.assign(command.name, word)
        try:
            status = await shell.block(command.body)
        except LoopControl as control:
            status = 0
            if not _stays(control):
                break
    return status


def _stays(control: LoopControl) -> bool:
    """Whether the loop that meets it goes on."""
    if control.levels > 1:
        raise type(control)(control.levels - 1)
    return not isinstance(control, Break)
