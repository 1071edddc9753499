"""A tree and data become text (text/template/exec.go)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from minikube_py.controllers.kubelet.gotemplate.errors import TemplateError
from minikube_py.controllers.kubelet.gotemplate.nodes import (
    Action,
    Body,
    Chain,
    Dot,
    If,
    Leave,
    Literal,
    Name,
    Node,
    Operand,
    Pipeline,
    Range,
    Text,
    Variable,
    With,
)
from minikube_py.controllers.kubelet.gotemplate.values import field, is_true, printed

_NOTHING = object()


class _Left(Exception):
    """A loop is left, or else goes on with the next element."""

    def __init__(self, breaks: bool) -> None:
        super().__init__()
        self.breaks = breaks


class Evaluation:
    """One rendering. Variables are those of the blocks around."""

    def __init__(self, data: Any, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions
        self._data = data
        self._variables: list[tuple[str, Any]] = [("$", data)]
        self._written: list[str] = []

    def run(self, body: Body) -> str:
        """Raises TemplateError."""
        self._body(body, self._data)
        return "".join(self._written)

    def _body(self, body: Body, dot: Any) -> None:
        for node in body:
            self._node(node, dot)

    def _node(self, node: Node, dot: Any) -> None:
        if isinstance(node, Text):
            self._written.append(node.text)
        elif isinstance(node, Action):
            value = self._action(node, dot)
            if not node.variable:
                self._written.append(printed(value))
        elif isinstance(node, Leave):
            raise _Left(node.breaks)
        else:
            mark = len(self._variables)
            try:
                self._block(node, dot)
            finally:
                del self._variables[mark:]

    def _block(self, node: If | With | Range, dot: Any) -> None:
        if isinstance(node, Range):
            self._range(node, dot)
            return
        value = self._action(node.action, dot)
        if not is_true(value):
            self._body(node.otherwise, dot)
        else:
            self._body(node.then, value if isinstance(node, With) else dot)

    def _range(self, node: Range, dot: Any) -> None:
        mark = len(self._variables)
        empty = True
        for key, element in _elements(self._pipeline(node.pipeline, dot)):
            empty = False
            del self._variables[mark:]
            pair = (element,) if len(node.variables) == 1 else (key, element)
            self._variables.extend(zip(node.variables, pair, strict=False))
            try:
                self._body(node.then, element)
            except _Left as left:
                if left.breaks:
                    break
        if empty:
            self._body(node.otherwise, dot)

    def _action(self, action: Action, dot: Any) -> Any:
        value = self._pipeline(action.pipeline, dot)
        if action.declares:
            self._variables.append((action.variable, value))
        elif action.variable:
            self._assign(action.variable, value)
        return value

    def _assign(self, name: str, value: Any) -> None:
        for number in range(len(self._variables) - 1, -1, -1):
            if self._variables[number][0] == name:
                self._variables[number] = (name, value)
                return
        raise TemplateError(f"undefined variable {name!r}")

    def _variable(self, name: str) -> Any:
        for known, value in reversed(self._variables):
            if known == name:
                return value
        raise TemplateError(f"undefined variable {name!r}")

    def _pipeline(self, pipeline: Pipeline, dot: Any) -> Any:
        value: Any = _NOTHING
        for command in pipeline.commands:
            value = self._command(command, dot, value)
        return value

    def _command(self, command: tuple[Operand, ...], dot: Any, last: Any) -> Any:
        first, rest = command[0], command[1:]
        if isinstance(first, Name):
            return self._call(first.name, rest, dot, last)
        if rest or last is not _NOTHING:
            raise TemplateError("can't give argument to non-function")
        return self._operand(first, dot)

    def _call(self, name: str, operands: tuple[Operand, ...], dot: Any, last: Any) -> Any:
        """`and` and `or` evaluate no more than they need."""
        function = self._functions.get(name)
        if function is None:
            raise TemplateError(f"function {name!r} not defined")
        if name in ("and", "or"):
            return self._junction(name == "or", operands, dot, last)
        arguments = [self._operand(each, dot) for each in operands]
        if last is not _NOTHING:
            arguments.append(last)
        try:
            return function(*arguments)
        except TemplateError as error:
            raise TemplateError(f"error calling {name}: {error}") from None
        except (TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise TemplateError(f"error calling {name}: {error}") from error

    def _junction(self, stops_at: bool, operands: tuple[Operand, ...], dot: Any, last: Any) -> Any:
        value: Any = _NOTHING
        for each in operands:
            value = self._operand(each, dot)
            if is_true(value) is stops_at:
                return value
        if last is not _NOTHING:
            return last
        if value is _NOTHING:
            raise TemplateError("wrong number of args: want at least 1 got 0")
        return value

    def _operand(self, operand: Operand, dot: Any) -> Any:
        if isinstance(operand, Literal):
            return operand.value
        if isinstance(operand, Name):
            return self._call(operand.name, (), dot, _NOTHING)
        if isinstance(operand, Dot):
            value = dot
        elif isinstance(operand, Variable):
            value = self._variable(operand.name)
        else:
            assert isinstance(operand, Chain)
            value = self._pipeline(operand.pipeline, dot)
        for name in operand.names:
            value = field(value, name)
        return value


def _elements(value: Any) -> Iterable[tuple[Any, Any]]:
    """Keys and elements of what `range` goes over: maps by their sorted keys, numbers from 0."""
    if value is None:
        return ()
    if isinstance(value, dict):
        return [(key, value[key]) for key in sorted(value)]
    if isinstance(value, list | tuple):
        return enumerate(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return [(number, number) for number in range(value)]
    raise TemplateError(f"range can't iterate over {value}")
