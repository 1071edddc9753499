"""What a shell remembers: variables, arguments, options, functions, traps."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from minikube_py.controllers.kubelet.shell.syntax import Command

LONGEST = 16 * 1024 * 1024
"""Characters of a variable."""


class Failed(Exception):
    """An error that ends a shell, unless someone types its lines."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


class Exit(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code & 255


class Return(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code & 255


class LoopControl(Exception):
    """break and continue, through so many loops."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Break(LoopControl):
    pass


class Continue(LoopControl):
    pass


@dataclass
class State:
    name: str
    """$0"""
    pid: int
    variables: dict[str, str]
    exported: set[str]
    arguments: list[str] = field(default_factory=list)
    options: set[str] = field(default_factory=set)
    """Letters of `set` ("e", "u", "x") and "pipefail"."""
    functions: dict[str, Command] = field(default_factory=dict)
    traps: dict[str, str] = field(default_factory=dict)
    """Signal's name, or "EXIT" -> commands."""
    read_only: set[str] = field(default_factory=set)
    locals: list[dict[str, str | None]] = field(default_factory=list)
    """Of each function that runs: what its local variables were before."""
    status: int = 0
    """$?"""
    background: int | None = None
    """$!"""
    loops: int = 0

    def copied(self) -> State:
        """For a subshell."""
        other = copy.copy(self)
        other.variables = dict(self.variables)
        other.exported = set(self.exported)
        other.arguments = list(self.arguments)
        other.options = set(self.options)
        other.functions = dict(self.functions)
        other.read_only = set(self.read_only)
        other.locals = [dict(each) for each in self.locals]
        other.traps = {}
        return other

    def assign(self, name: str, value: str) -> None:
        """Raises Failed."""
        if name in self.read_only:
            raise Failed(f"{name}: is read only")
        if len(value) > LONGEST:
            raise Failed("out of memory")
        self.variables[name] = value
        if "a" in self.options:
            self.exported.add(name)

    def unset(self, name: str) -> None:
        if name in self.read_only:
            raise Failed(f"{name}: is read only")
        self.variables.pop(name, None)
        self.exported.discard(name)

    def restore(self, before: dict[str, str | None]) -> None:
        """Variables as they were; None for those that were not."""
        for name, value in before.items():
            if value is None:
                self.variables.pop(name, None)
            else:
                self.variables[name] = value

    def environment(self) -> dict[str, str]:
        """What programs see."""
        return {name: value for name, value in self.variables.items() if name in self.exported}

    def parameter(self, name: str) -> str | None:
        """The value of $name, but for $@ and $*; None if it is not set."""
        if name in self.variables:
            return self.variables[name]
        if name.isdecimal():
            index = int(name)
            if not index:
                return self.name
            return self.arguments[index - 1] if index <= len(self.arguments) else None
        if name == "?":
            return str(self.status)
        if name == "#":
            return str(len(self.arguments))
        if name == "$":
            return str(self.pid)
        if name == "!":
            return None if self.background is None else str(self.background)
        if name == "-":
            return "".join(sorted(each for each in self.options if len(each) == 1))
        return None
