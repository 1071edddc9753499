"""Flags as Go's pflag takes them: --port=80, --port 80, --http, --http=false, -t 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from minikube_py.machinery import duration

Flags = dict[str, Any]
_BOOLEANS = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}


class Duration(float):
    """Seconds, as a flag's default."""


class Misused(Exception):
    """What the program says of its flags before it ends."""


def parse(
    words: Sequence[str], defaults: Mapping[str, Any], short: Mapping[str, str] | None = None, operands: int = 0
) -> tuple[Flags, list[str]]:
    """The flags, of the types that their defaults have, and exactly so many operands. Raises Misused."""
    flags: Flags = dict(defaults)
    rest, others = list(words), []
    while rest:
        word = rest.pop(0)
        if word == "--":
            others += rest
            break
        if not word.startswith("-") or word == "-":
            others.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("--"):
            name = (short or {}).get(name, name)
        if name not in defaults:
            raise Misused(f"unknown flag: --{name}")
        if not equals and isinstance(defaults[name], bool):
            value = "true"
        elif not equals:
            if not rest:
                raise Misused(f"flag needs an argument: --{name}")
            value = rest.pop(0)
        flags[name] = _value(name, value, defaults[name])
    if len(others) != operands:
        raise Misused(f"accepts {operands} arg(s), received {len(others)}")
    return flags, others


def _value(name: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return _BOOLEANS[text.lower()]
        if isinstance(default, Duration):
            return Duration(duration.parse(text))
        return type(default)(text)
    except (KeyError, ValueError):
        raise Misused(f'invalid argument "{text}" for "--{name}" flag') from None
