"""The grammar of a shell, as POSIX has it: text to Block."""

from __future__ import annotations

import re

from minikube_py.controllers.kubelet.shell.syntax import (
    AndOr,
    Assignment,
    Block,
    Case,
    Command,
    Conditional,
    Document,
    For,
    Function,
    Group,
    If,
    Incomplete,
    Loop,
    Part,
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
from minikube_py.controllers.kubelet.shell.words import WordScanner

RESERVED = frozenset(
    (
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "while",
        "until",
        "for",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "{",
        "}",
        "!",
        "[[",
    )
)

_blanks = re.compile(r"(?:[ \t]|\\\n)*(?:#[^\n]*)?").match
_reserved = re.compile(r"(?:[a-z]+|[{}!]|\[\[)(?=[\s;&|<>()]|\Z)").match
_redirection = re.compile(r"([0-9]?)(<<-|<<<|<<|<&|>&|>>|>\||<>|<|>)|(&>>?)").match
_assignment = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=").match
_function = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*\([ \t]*\)").match
_identifier = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_within_conditional = re.compile(r"&&|\|\||[()<>]").match
_token = re.compile(r"&&|\|\||;;|[;&|()]").match


class Parser(WordScanner):
    """Reads a script line by line, so that what stands before an error is run before it is met."""

    def __init__(self, text: str, depth: int = 0, final: bool = True) -> None:
        super().__init__(text, depth, final)
        self._documents: list[Document] = []
        """Here-documents whose bodies follow this line."""

    def line(self) -> Block | None:
        """Commands up to the end of a line; None at the end of the text. Raises ShellSyntaxError."""
        self._newlines()
        if not self.peek():
            return None
        items = [self._and_or()]
        while self._separator() and not self._at_newline():
            items.append(self._and_or())
        if not self._at_newline():
            raise self._unexpected()
        self._newline()
        return tuple(items)

    def program(self) -> Block:
        whole: list[AndOr] = []
        while (block := self.line()) is not None:
            whole += block
        return tuple(whole)

    def enclosed(self) -> Block:
        self.deeper()
        self._newlines()
        body = () if self.peek() == ")" else self._block(")")
        self._expect(")")
        self.depth -= 1
        return body

    # Lists

    def _block(self, *ends: str) -> Block:
        """Commands up to one of the ends, one at least."""
        self._newlines()
        items = [self._and_or()]
        while True:
            separated = self._separator()
            if self._at_newline() and self.peek():
                self._newlines()
                separated = True
            if self._next() in ends:
                return tuple(items)
            if not separated or not self.peek():
                raise self._unexpected(ends[0] if len(ends) == 1 else None)
            items.append(self._and_or())

    def _separator(self) -> bool:
        """One of ; & behind a command. A "&" is the command's own already."""
        self._blanks()
        if self._behind_ampersand:
            self._behind_ampersand = False
            return True
        if self.peek() == ";" and self.peek(2) != ";;":
            self.at += 1
            self._blanks()
            return True
        return False

    _behind_ampersand = False

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while (operator := self._ahead()) in ("&&", "||"):
            self.at += 2
            self._newlines()
            rest.append((operator, self._pipeline()))
        background = operator == "&"
        if background:
            self.at += 1
        self._behind_ampersand = background
        return AndOr(first, tuple(rest), background)

    def _pipeline(self) -> Pipeline:
        self._blanks()
        negated = False
        while self._next() == "!":
            self.at += 1
            self._blanks()
            negated = not negated
        commands = [self._command()]
        while self._ahead() == "|":
            self.at += 1
            self._newlines()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    # Commands

    def _command(self) -> Command:
        self._blanks()
        reserved = self._next()
        self.deeper()
        command = self._compound(reserved)
        if command is None:
            command = self._function() if _function(self.text, self.at) else self._simple()
        else:
            redirections = []
            while (redirection := self._redirection()) is not None:
                redirections.append(redirection)
            if redirections:
                command = Redirected(command, tuple(redirections))
        self.depth -= 1
        return command

    def _compound(self, first: str) -> Command | None:
        if first == "(":
            self.at += 1
            body = self._block(")")
            self._expect(")")
            return Subshell(body)
        if first not in RESERVED:
            return None
        if first == "{":
            self.at += 1
            body = self._block("}")
            self._expect("}")
            return Group(body)
        if first in ("while", "until"):
            self.at += 5
            condition = self._block("do")
            return Loop(condition, self._do(), first == "until")
        if first == "if":
            return self._if()
        if first == "for":
            return self._for()
        if first == "case":
            return self._case()
        if first == "[[":
            return self._conditional()
        raise self._unexpected()

    def _do(self) -> Block:
        self._expect("do")
        body = self._block("done")
        self._expect("done")
        return body

    def _if(self) -> If:
        branches: list[tuple[Block, Block]] = []
        otherwise: Block = ()
        word = "if"
        while word in ("if", "elif"):
            self.at += len(word)
            condition = self._block("then")
            self._expect("then")
            branches.append((condition, self._block("fi", "else", "elif")))
            word = self._next()
        if word == "else":
            self.at += 4
            otherwise = self._block("fi")
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _for(self) -> For:
        self.at += 3
        self._blanks()
        name = literal(self.word() or ()) or ""
        if not _identifier(name):
            raise self._unexpected() if not name else ShellSyntaxError("bad for loop variable")
        self._newlines()
        words: list[Word] | None = None
        if self._next() == "in":
            self.at += 2
            words = []
            self._blanks()
            while (word := self.word()) is not None:
                words.append(word)
                self._blanks()
            if self.peek() not in (";", "\n", ""):
                raise self._unexpected()
        if self.peek() == ";":
            self.at += 1
        self._newlines()
        return For(name, None if words is None else tuple(words), self._do())

    def _case(self) -> Case:
        self.at += 4
        self._blanks()
        subject = self.word()
        if subject is None:
            raise self._unexpected("word")
        self._newlines()
        self._expect("in")
        branches: list[tuple[tuple[Word, ...], Block]] = []
        self._newlines()
        while self._next() != "esac":
            patterns = self._patterns()
            self._newlines()
            body = () if self._next() in (";;", "esac") else self._block(";;", "esac")
            branches.append((patterns, body))
            if self._next() == "esac":
                break
            self.at += 2
            self._newlines()
        self._expect("esac")
        return Case(subject, tuple(branches))

    def _conditional(self) -> Conditional:
        self.at += 2
        words: list[Word] = []
        while True:
            self._newlines()
            match = _within_conditional(self.text, self.at)
            if words and words[-1] == (Text("=~", False),):
                word = self._regexp()
            elif match is not None:
                self.at = match.end()
                word = (Text(match[0], False),)
            else:
                word = self.word() or ()
            if not word:
                raise self._unexpected("]]")
            if word == (Text("]]", False),):
                return Conditional(tuple(words))
            words.append(word)

    def _regexp(self) -> Word:
        """Up to a blank, whatever else is in it."""
        parts: list[Part] = []
        while (char := self.peek()) and not char.isspace():
            word = self.word()
            if word is None:
                self.at += 1
                word = (Text(char, False),)
            parts += word
        return tuple(parts)

    def _patterns(self) -> tuple[Word, ...]:
        if self.peek() == "(":
            self.at += 1
        patterns: list[Word] = []
        while True:
            self._blanks()
            pattern = self.word()
            if pattern is None:
                raise self._unexpected("word" if patterns else None)
            patterns.append(pattern)
            if self._ahead() != "|":
                self._expect(")")
                return tuple(patterns)
            self.at += 1

    def _function(self) -> Function:
        match = _function(self.text, self.at)
        assert match is not None
        self.at = match.end()
        self._newlines()
        return Function(match[1], self._command())

    def _simple(self) -> Simple:
        command = Simple()
        while True:
            self._blanks()
            if (redirection := self._redirection()) is not None:
                command.redirections.append(redirection)
                continue
            match = None if command.words else _assignment(self.text, self.at)
            if match is not None:
                self.at = match.end()
                command.assignments.append(Assignment(match[1], self.word() or ()))
                continue
            word = self.word()
            if word is None:
                break
            command.words.append(word)
        if not (command.words or command.assignments or command.redirections):
            raise self._unexpected()
        if self.peek() == "(":
            raise self._unexpected()
        return command

    def _redirection(self) -> Redirection | None:
        self._blanks()
        match = _redirection(self.text, self.at)
        if match is None:
            return None
        operator = match[2] or match[3]
        descriptor = int(match[1]) if match[1] else int(operator[0] != "<")
        self.at = match.end()
        self._blanks()
        target = self.word()
        if target is None:
            raise self._unexpected("word")
        if operator in ("<<", "<<-"):
            return self._document(descriptor, target, operator == "<<-")
        return Redirection(descriptor, ">" if operator == ">|" else operator, target)

    def _document(self, descriptor: int, delimiter: Word, strip: bool) -> Redirection:
        quoted = any(isinstance(part, Text) and part.quoted for part in delimiter)
        document = Document(literal(delimiter) or "", quoted, strip)
        self._documents.append(document)
        return Redirection(descriptor, "<<", (), document)

    # Between words

    def _blanks(self) -> None:
        match = _blanks(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _at_newline(self) -> bool:
        return self.peek() in ("\n", "")

    def _newlines(self) -> None:
        self._blanks()
        while self.peek() == "\n":
            self._newline()
            self._blanks()

    def _newline(self) -> None:
        """One, or the end; and the here-documents that the line behind it has asked for."""
        self.at += 1
        documents, self._documents = self._documents, []
        for document in documents:
            self._body(document)

    def _body(self, document: Document) -> None:
        lines: list[str] = []
        while True:
            if self.at >= len(self.text):
                if not self.final:
                    raise Incomplete("unexpected end of file")
                break
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            line = self.text[self.at : end]
            self.at = end + 1
            if document.strip:
                line = line.lstrip("\t")
            if line == document.delimiter:
                break
            lines.append(line + "\n")
        body = "".join(lines)
        if document.literal:
            document.body = (Text(body, True),)
        else:
            document.body = tuple(type(self)(body, self.depth).quoted(""))

    def _next(self) -> str:
        """The reserved word or operator that follows, else ""."""
        self._blanks()
        match = _reserved(self.text, self.at)
        if match is not None and match[0] in RESERVED:
            return match[0]
        match = _token(self.text, self.at)
        return match[0] if match is not None else ""

    def _ahead(self) -> str:
        """The operator that follows, else ""."""
        self._blanks()
        if self.peek(2) == "&>":
            return ""
        match = _token(self.text, self.at)
        return match[0] if match is not None else ""

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise self._unexpected(token)
        self.at += len(token)

    def _unexpected(self, expected: str | None = None) -> ShellSyntaxError:
        wanted = expected if expected == "word" else f'"{expected}"'
        hint = "" if expected is None else f" (expecting {wanted})"
        self._blanks()
        if not self.peek():
            return Incomplete(f"unexpected end of file{hint}")
        token = self._next()
        if self.peek() == "\n":
            found = "newline"
        elif _redirection(self.text, self.at):
            found = "redirection"
        else:
            found = f'"{token}"' if token else "word"
        return ShellSyntaxError(f"unexpected {found}{hint}")
