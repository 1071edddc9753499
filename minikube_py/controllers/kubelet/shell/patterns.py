"""Shell patterns: * ? [a-z] and escapes, against text and against names of files."""

from __future__ import annotations

import re
from functools import lru_cache

from minikube_py.controllers.kubelet.cri.filesystem import Files

_SPECIAL = frozenset("*?[\\")
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_bracket = re.compile(r"\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]", re.DOTALL).match
_member = re.compile(r"\[:([a-z]+):\]|\\(.)|(.)", re.DOTALL)


def escape(text: str) -> str:
    """A pattern that only the text matches."""
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in text)


def is_pattern(text: str) -> bool:
    """Whether it holds anything that matches more than itself."""
    return any(char in text for char in "*?[")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(translated(pattern), re.DOTALL)
    except re.error:  # a range that runs backwards
        return re.compile(re.escape(pattern), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    return compiled(pattern).fullmatch(text) is not None


def translated(pattern: str) -> str:
    """As a regular expression."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            if out[-1:] != [".*"]:
                out.append(".*")
        elif char == "?":
            out.append(".")
        elif char == "[" and (match := _bracket(pattern, at - 1)):
            out.append(f"[{'^' if match[1] else ''}{_members(match[2])}]" if match[2] else re.escape(match[0]))
            at = match.end()
        elif char == "\\" and at < len(pattern):
            out.append(re.escape(pattern[at]))
            at += 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _members(inside: str) -> str:
    """A dash is a range between two members, and else itself: "a-z", "--", "[:digit:]-"."""
    found = list(_member.finditer(inside))
    out: list[str] = []
    begun = ranged = False
    for number, match in enumerate(found, 1):
        if match[3] == "-" and begun and number < len(found) and not found[number][1]:
            out.append("-")
            begun, ranged = False, True
            continue
        out.append(_CLASSES.get(match[1], "") if match[1] else re.escape(match[2] or match[3]))
        begun, ranged = not match[1] and not ranged, False
    return "".join(out)


async def expanded(files: Files, cwd: str, pattern: str) -> list[str]:
    """The paths that match, sorted; hidden ones only where the pattern begins with a dot."""
    absolute = pattern.startswith("/")
    found = ["/" if absolute else ""]
    components = [each for each in pattern.split("/") if each]
    for index, component in enumerate(components):
        deeper: list[str] = []
        for above in found:
            deeper += await _in_directory(files, cwd, above, component, index + 1 < len(components))
        found = deeper
    return sorted(found)


async def _in_directory(files: Files, cwd: str, above: str, component: str, more: bool) -> list[str]:
    directory = above if above.startswith("/") else f"{cwd}/{above}"
    if not is_pattern(component):
        name = re.sub(r"\\(.)", r"\1", component)
        names = [name] if await files.exists(f"{directory}/{name}") else []
    elif await files.is_dir(directory):
        hidden = component.startswith((".", "\\."))
        names = [
            each
            for each in await files.listdir(directory)
            if matches(component, each) and (hidden or not each.startswith("."))
        ]
    else:
        names = []
    paths = [f"{above.rstrip('/')}/{name}" if above else name for name in names]
    return [
        f"{path}" for path in paths if not more or await files.is_dir(path if path.startswith("/") else f"{cwd}/{path}")
    ]
