"""From the pieces of a template to its tree (text/template/parse/parse.go)."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TypeVar

from minikube_py.controllers.kubelet.gotemplate.errors import TemplateError
from minikube_py.controllers.kubelet.gotemplate.lexer import Piece, Token, pieces
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

T = TypeVar("T")

_CONSTANTS = {"true": True, "false": False, "nil": None}


def parse(source: str) -> Body:
    """Raises TemplateError."""
    parser = _Parser(list(pieces(source)))
    body, ended = parser.body()
    if ended:
        raise TemplateError(f"unexpected {{{{{ended}}}}}")
    return body


class _Parser:
    def __init__(self, found: list[Piece]) -> None:
        self._pieces = found
        self._next = 0

    def body(self) -> tuple[Body, str]:
        """Up to the "end" or "else" that is not its own, or with "" to the end of all. After "else", its own tokens
        are still to be read."""
        nodes: list[Node] = []
        while self._next < len(self._pieces):
            piece = self._pieces[self._next]
            self._next += 1
            if piece.tokens is None:
                if piece.text:
                    nodes.append(Text(piece.text))
                continue
            word = piece.tokens[0].text if piece.tokens[0].kind == "name" else ""
            if word in ("end", "else"):
                return tuple(nodes), word
            nodes.append(self._node(word, _Tokens(piece.tokens)))
        return tuple(nodes), ""

    def _node(self, word: str, tokens: _Tokens) -> Node:
        if word in ("break", "continue"):
            return Leave(word == "break")
        if word in ("define", "template", "block"):
            raise TemplateError(f"{{{{{word}}}}} is not supported")
        if word not in ("if", "with", "range"):
            return tokens.finished(tokens.action())
        tokens.take()
        if word == "range":
            variables, pipeline = tokens.finished(tokens.ranged())
            then, otherwise = self._branches(word)
            return Range(pipeline, variables, then, otherwise)
        action = tokens.finished(tokens.action())
        then, otherwise = self._branches(word)
        return If(action, then, otherwise) if word == "if" else With(action, then, otherwise)

    def _branches(self, word: str) -> tuple[Body, Body]:
        then, ended = self.body()
        if not ended:
            raise TemplateError("unexpected EOF")
        if ended == "end":
            return then, ()
        tokens = self._pieces[self._next - 1].tokens or ()
        if len(tokens) > 2:  # else if, else with
            if tokens[1].text != word:
                raise TemplateError(f"unexpected {tokens[1].text} in else")
            return then, (self._node(word, _Tokens(tokens[1:])),)
        otherwise, ended = self.body()
        if ended != "end":
            raise TemplateError("unexpected EOF" if not ended else "expected end; found {{else}}")
        return then, otherwise


class _Tokens:
    """Of one action."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._next = 0

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def finished(self, found: T) -> T:
        """What was read, if nothing is left to be read. Raises TemplateError."""
        if self._peek().kind != "end":
            raise TemplateError(f"unexpected {self._peek().text!r} in command")
        return found

    def action(self) -> Action:
        variable, mark = self._peek(), self._peek(1)
        if variable.kind == "variable" and mark.text in (":=", "="):
            self._next += 2
            return Action(self.pipeline(), variable.text, mark.text == ":=")
        return Action(self.pipeline())

    def ranged(self) -> tuple[tuple[str, ...], Pipeline]:
        variables: list[str] = []
        begun = self._next
        while self._peek().kind == "variable":
            variables.append(self.take().text)
            if self._peek().text != ",":
                break
            self.take()
        if variables and self._peek().text in (":=", "="):
            self.take()
            return tuple(variables), self.pipeline()
        self._next = begun
        return (), self.pipeline()

    def pipeline(self) -> Pipeline:
        commands = [self._command()]
        while self._peek().text == "|" and self._peek().kind == "mark":
            self.take()
            commands.append(self._command())
        return Pipeline(tuple(commands))

    def _command(self) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while (token := self._peek()).kind != "end" and not (token.kind == "mark" and token.text in "|)"):
            operands.append(self._operand())
        if not operands:
            raise TemplateError("missing value for command")
        return tuple(operands)

    def _operand(self) -> Operand:
        token = self.take()
        if token.kind == "field":
            return Dot((token.text[1:], *self._fields()))
        if token.kind == "variable":
            return Variable(token.text, self._fields())
        if token.kind == "name":
            return Literal(_CONSTANTS[token.text]) if token.text in _CONSTANTS else Name(token.text)
        if token.kind == "mark" and token.text == ".":
            return Dot()
        if token.kind == "mark" and token.text == "(":
            pipeline = self.pipeline()
            if self.take().text != ")":
                raise TemplateError("unclosed left paren")
            return Chain(pipeline, self._fields())
        read = _LITERALS.get(token.kind)
        if read is None:
            raise TemplateError(f"unexpected {token.text!r} in operand")
        return Literal(read(token.text))

    def _fields(self) -> tuple[str, ...]:
        names: list[str] = []
        while self._peek().kind == "field" and not self._peek().spaced:
            names.append(self.take().text[1:])
        return tuple(names)


def _string(text: str) -> str:
    if text.startswith("`"):
        return text[1:-1]
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        raise TemplateError(f"malformed string {text}") from None


def _number(text: str) -> int | float:
    try:
        return int(text, 0)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise TemplateError(f"bad number syntax: {text!r}") from None


_LITERALS: dict[str, Callable[[str], object]] = {
    "string": _string,
    "number": _number,
    "char": lambda text: ord(_string(text)),
}
