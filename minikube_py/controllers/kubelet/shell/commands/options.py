"""Options of commands: -a, -ab, -n 5, -n5, --lines=5, anywhere among the operands until "--"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minikube_py.controllers.kubelet.shell.session import Complaint


@dataclass(frozen=True)
class Options:
    given: dict[str, list[str]]
    """Letter -> its values, "" for each time of one that takes none."""
    operands: list[str]

    def __contains__(self, letter: object) -> bool:
        return letter in self.given

    def value(self, letter: str, otherwise: str) -> str:
        """The last."""
        return self.given[letter][-1] if letter in self.given else otherwise


def parse(
    words: Sequence[str],
    flags: str,
    valued: str = "",
    long: Mapping[str, str] | None = None,
    mixed: bool = True,
) -> Options:
    """`long` names letters in full; without `mixed`, options end at the first operand. Raises Complaint."""
    given: dict[str, list[str]] = {}
    operands: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            operands += rest
            break
        if word.startswith("--"):
            _long(word, long or {}, valued, rest, given)
        elif word.startswith("-") and len(word) > 1:
            _short(word, flags, valued, rest, given)
        else:
            operands.append(word)
            if not mixed:
                operands += rest
                break
    return Options(given, operands)


def _short(word: str, flags: str, valued: str, rest: list[str], given: dict[str, list[str]]) -> None:
    for at, letter in enumerate(word[1:], 2):
        if letter in valued:
            value = word[at:] or (rest.pop(0) if rest else None)
            if value is None:
                raise Complaint(f"option requires an argument: {letter}")
            given.setdefault(letter, []).append(value)
            return
        if letter not in flags:
            raise Complaint(f"unrecognized option: {letter}")
        given.setdefault(letter, []).append("")


def _long(word: str, long: Mapping[str, str], valued: str, rest: list[str], given: dict[str, list[str]]) -> None:
    name, equals, value = word[2:].partition("=")
    letter = long.get(name)
    if letter is None:
        raise Complaint(f"unrecognized option: {name}")
    if letter in valued and not equals:
        if not rest:
            raise Complaint(f"option requires an argument: {name}")
        value = rest.pop(0)
    given.setdefault(letter, []).append(value)


def number(text: str) -> int:
    """Raises Complaint."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Complaint(f"invalid number '{text}'")
    return int(text)


def needed(operands: Sequence[str], count: int) -> None:
    """Raises Complaint if there are fewer."""
    if len(operands) < count:
        raise Complaint("missing operand")
