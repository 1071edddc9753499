"""sed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from minikube_py.controllers.kubelet.shell.commands.options import Options, needed, parse
from minikube_py.controllers.kubelet.shell.commands.reading import Inputs, lines
from minikube_py.controllers.kubelet.shell.endings import Given
from minikube_py.controllers.kubelet.shell.sedscript import LAST, Address, Instruction, parse_script
from minikube_py.controllers.kubelet.shell.session import Complaint, Session, decoded, encoded

_Write = Callable[[bytes], Awaitable[None]]
_LONG = {"quiet": "n", "silent": "n", "regexp-extended": "E", "in-place": "i", "expression": "e", "file": "f"}


async def sed(session: Session, argv: Sequence[str]) -> int:
    """sed [-nEri] [-e script] [-f file] script [file ...], with the commands s p d q = a i c y, without { }."""
    options = _options(argv[1:])
    operands = list(options.operands)
    scripts = list(options.given.get("e", ()))
    for name in options.given.get("f", ()):
        scripts.append(decoded(await session.files.read(session.path(name))))
    if not scripts:
        needed(operands, 1)
        scripts.append(operands.pop(0))
    instructions = parse_script("\n".join(scripts), "E" in options or "r" in options)
    if "i" not in options:
        inputs = Inputs(session, argv[0], operands)
        found = (line async for _, reader in inputs async for line in lines(reader))
        await _run(instructions, "n" in options, found, session.stdout.write)
        return inputs.code
    needed(operands, 1)
    inputs = Inputs(session, argv[0], operands)
    async for name, data in inputs.whole():
        edited = bytearray()

        async def keep(piece: bytes, edited: bytearray = edited) -> None:
            edited.extend(piece)

        await _run(instructions, "n" in options, lines(Given(data)), keep)
        await session.files.write(session.path(name), bytes(edited))
    return inputs.code


def _options(words: Sequence[str]) -> Options:
    return parse(words, "nEris", "ef", _LONG)


def is_known(words: Sequence[str]) -> bool:
    """Whether it can do all that is asked of it."""
    try:
        options = _options(words)
        for script in options.given.get("e", options.operands[:1]):
            parse_script(script, "E" in options or "r" in options)
    except Complaint:
        return False
    return True


async def _run(instructions: Sequence[Instruction], quiet: bool, found: AsyncIterator[bytes], write: _Write) -> None:
    looks_ahead = any(LAST in (each.first, each.last) for each in instructions)
    stream = _Stream(instructions, quiet, write)
    held: bytes | None = None
    async for line in found:
        if not looks_ahead:
            if await stream.take(line, False):
                return
            continue
        if held is not None and await stream.take(held, False):
            return
        held = line
    if held is not None:
        await stream.take(held, True)


class _Stream:
    """Lines one after the other, and which ranges they are in."""

    def __init__(self, instructions: Sequence[Instruction], quiet: bool, write: _Write) -> None:
        self._instructions = instructions
        self._quiet = quiet
        self._write = write
        self._number = 0
        self._within: set[int] = set()
        """Instructions whose range has begun."""

    async def take(self, line: bytes, is_last: bool) -> bool:
        """Whether it is not to go on."""
        self._number += 1
        text, end = decoded(line.removesuffix(b"\n")), "\n" if line.endswith(b"\n") else ""
        after: list[str] = []
        kept, quits = True, False
        for index, each in enumerate(self._instructions):
            if self._selects(index, each, text, is_last) == each.negated:
                continue
            if each.name == "a":
                after.append(f"{each.text}\n")
            elif each.name in "dcq":
                kept, quits = each.name == "q", each.name == "q"
                if each.name == "c" and index not in self._within:
                    await self._say(f"{each.text}\n")
                break
            else:
                text = await self._changed(each, text)
        if kept and not self._quiet:
            await self._say(f"{text}{end}")
        await self._say("".join(after))
        return quits

    async def _changed(self, instruction: Instruction, text: str) -> str:
        name = instruction.name
        if name == "s":
            new, found = _substituted(instruction, text)
            if found and instruction.shown:
                await self._say(f"{new}\n")
            return new
        if name == "y":
            half = len(instruction.text) // 2
            return text.translate(str.maketrans(instruction.text[:half], instruction.text[half:]))
        await self._say({"p": f"{text}\n", "=": f"{self._number}\n", "i": f"{instruction.text}\n"}[name])
        return text

    async def _say(self, text: str) -> None:
        if text:
            await self._write(encoded(text))

    def _selects(self, index: int, instruction: Instruction, text: str, is_last: bool) -> bool:
        first, last = instruction.first, instruction.last
        if first is None:
            return True
        if index in self._within:
            assert last is not None
            if self._is_at(last, text, is_last):
                self._within.discard(index)
            return True
        if not self._is_at(first, text, is_last):
            return False
        if last is not None and not (last == LAST and is_last) and not (isinstance(last, int) and last <= self._number):
            self._within.add(index)
        return True

    def _is_at(self, address: Address, text: str, is_last: bool) -> bool:
        if isinstance(address, int):
            return self._number == address
        return is_last if isinstance(address, str) else address.search(text) is not None


def _substituted(instruction: Instruction, text: str) -> tuple[str, bool]:
    """The new text, and whether anything was found."""
    assert instruction.pattern is not None
    count = done = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal count, done
        count += 1
        if count < instruction.nth or (done and not instruction.every):
            return match[0]
        done += 1
        return match.expand(instruction.text)

    new = instruction.pattern.sub(replaced, text)
    return new, bool(done)
