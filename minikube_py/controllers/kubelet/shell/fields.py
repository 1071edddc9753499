"""How what a word expands to becomes fields: split where it was not quoted, and remembered what was."""

from __future__ import annotations

from minikube_py.controllers.kubelet.shell.patterns import escape

WHITESPACE = " \t\n"


class Fields:
    """Collects pieces of text; `done` are the fields, each a list of (text, quoted)."""

    def __init__(self, separators: str) -> None:
        self._separators = separators
        self._blank = "".join(char for char in separators if char in WHITESPACE)
        self.done: list[list[tuple[str, bool]]] = []
        self._open = False

    def add(self, text: str, quoted: bool) -> None:
        """To the field that is open."""
        if not self._open:
            self.done.append([])
            self._open = True
        self.done[-1].append((text, quoted))

    def separate(self) -> None:
        self._open = False

    def split(self, text: str) -> None:
        """What an expansion without quotes gave."""
        if not text:
            return
        if not self._separators:
            self.add(text, False)
        elif self._blank == self._separators:
            self._split_at_blanks(text)
        else:
            self._split_at_any(text)

    def _split_at_blanks(self, text: str) -> None:
        start = 0
        for at, char in enumerate(text):
            if char in self._blank:
                if start < at:
                    self.add(text[start:at], False)
                self.separate()
                start = at + 1
        if start < len(text):
            self.add(text[start:], False)

    def _split_at_any(self, text: str) -> None:
        """Each separator that is no blank ends a field, be it empty; blanks around it belong to it."""
        at, size = 0, len(text)
        while at < size:
            start = at
            while at < size and text[at] not in self._separators:
                at += 1
            if at > start:
                self.add(text[start:at], False)
            if at == size:
                return
            start = at
            while at < size and text[at] in self._blank:
                at += 1
            if at < size and text[at] in self._separators:
                if not self._open:
                    self.add("", True)
                at += 1
                while at < size and text[at] in self._blank:
                    at += 1
            self.separate()


def plain(field: list[tuple[str, bool]]) -> str:
    return "".join(text for text, _ in field)


def as_pattern(field: list[tuple[str, bool]]) -> str:
    """What was quoted matches itself."""
    return "".join(escape(text) if quoted else text for text, quoted in field)
