r"""Go's regular expressions (RE2) as Python's.

They differ in little that schemas use: `$` means the very end, \d, \w, \s and \b are ASCII's, [[:alpha:]] and \p{L}
are classes, \z is the end, \Q...\E quotes; and lookarounds and backreferences are errors.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_POSIX = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": r"0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PERL = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))")
_GROUP = re.compile(r"\(\?(?:P?<[A-Za-z_]\w*>|[imsU]*(?:-[imsU]+)?[:)])")
_REPEAT = re.compile(r"\{([0-9]+)(?:,([0-9]*))?\}")
_MOST_REPEATS = 1000


class InvalidPattern(ValueError):
    """The text is Go's: "error parsing regexp: missing closing ]: `[a`"."""

    def __init__(self, problem: str, where: str) -> None:
        super().__init__(f"error parsing regexp: {problem}: `{where}`")


@lru_cache(maxsize=4096)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern as Python's, to be searched with. Raises InvalidPattern."""
    translated = _Translation(pattern).run()
    try:
        return re.compile(translated)
    except (re.error, OverflowError) as error:
        raise InvalidPattern(str(error), pattern) from None


class _Translation:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._out: list[str] = []
        self._open = 0
        self._repeatable = False
        self._multiline = False

    def run(self) -> str:
        while self._at < len(self._pattern):
            self._step()
        if self._open:
            raise InvalidPattern("missing closing )", self._pattern)
        return "".join(self._out)

    def _step(self) -> None:
        char = self._pattern[self._at]
        if char == "\\":
            self._escape()
        elif char == "[":
            self._out.append(self._class())
            self._repeatable = True
        elif char == "(":
            self._group()
        elif char in "*+?":
            self._repeat(char)
        elif char == "{" and (found := _REPEAT.match(self._pattern, self._at)):
            least, most = int(found[1]), int(found[2] or 0)
            if max(least, most) > _MOST_REPEATS or (found[2] and most < least):
                raise InvalidPattern("invalid repeat count", found[0])
            self._repeat(found[0])
        else:
            self._plain(char)

    def _plain(self, char: str) -> None:
        self._at += 1
        if char == ")":
            if not self._open:
                raise InvalidPattern("unexpected )", self._pattern)
            self._open -= 1
        if char == "$":
            self._out.append("$" if self._multiline else r"\Z")
        else:
            self._out.append(r"\{" if char == "{" else char)
        self._repeatable = char not in "|"

    def _repeat(self, operator: str) -> None:
        lazy = "?" if self._pattern.startswith("?", self._at + len(operator)) else ""
        if not self._repeatable:
            if self._out and self._out[-1] in "*+?":
                raise InvalidPattern("invalid nested repetition operator", self._out[-1] + operator)
            raise InvalidPattern("missing argument to repetition operator", operator)
        self._at += len(operator) + len(lazy)
        self._out += [operator + lazy] if lazy else [operator]
        self._repeatable = False

    def _group(self) -> None:
        self._repeatable = False
        if not self._pattern.startswith("(?", self._at):
            self._out.append("(")
            self._open += 1
            self._at += 1
            return
        found = _GROUP.match(self._pattern, self._at)
        if found is None:
            where = self._pattern[self._at : self._at + (4 if self._pattern[self._at + 2 : self._at + 3] == "<" else 3)]
            raise InvalidPattern("invalid or unsupported Perl syntax", where)
        text = found[0]
        self._at = found.end()
        if text.endswith(")"):
            self._flags(text[2:-1])
            return
        if text.startswith("(?<"):
            text = "(?P<" + text[3:]
        self._out.append(text.replace("U", ""))
        self._open += 1

    def _flags(self, flags: str) -> None:
        """(?i) from here on, which in Python can stand at the beginning alone."""
        on = flags.partition("-")[0].replace("U", "")
        self._multiline = self._multiline or "m" in on
        if on:
            self._out.insert(0, f"(?{on})")

    def _escape(self) -> None:
        pattern, at = self._pattern, self._at
        if at + 1 == len(pattern):
            raise InvalidPattern("trailing backslash at end of expression", "")
        char = pattern[at + 1]
        self._repeatable = True
        if char == "Q":
            end = pattern.find("\\E", at)
            quoted = pattern[at + 2 : end if end >= 0 else len(pattern)]
            self._out.append(re.escape(quoted))
            self._at = end + 2 if end >= 0 else len(pattern)
            return
        self._at += 2
        if char in "dwsDWS":
            self._out.append(f"[{'^' if char.isupper() else ''}{_PERL[char.lower()]}]")
        elif char in "pP":
            self._at = at
            self._out.append(f"[{self._property()}]")
        elif char in "zAbB":
            word = {"b": r"(?a:\b)", "B": r"(?a:\B)", "z": r"\Z", "A": r"\A"}[char]
            self._out.append(word)
        elif char == "x" or not char.isalnum() or char in "afnrtv":
            self._out.append(self._code(char))
        else:
            raise InvalidPattern("invalid escape sequence", f"\\{char}")

    def _code(self, char: str) -> str:
        r"""\n, \., \x41, \x{10FFFF}; the two characters are behind already."""
        if char != "x":
            return f"\\{char}"
        found = re.compile(r"\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2})").match(self._pattern, self._at)
        if found is None:
            raise InvalidPattern("invalid escape sequence", self._pattern[self._at - 2 : self._at + 1])
        self._at = found.end()
        return re.escape(chr(int(found[1] or found[2], 16)))

    def _property(self) -> str:
        found = _PROPERTY.match(self._pattern, self._at)
        if found is None:
            raise InvalidPattern("invalid character class range", self._pattern[self._at : self._at + 3])
        self._at = found.end()
        negated = (found[1] == "P") != bool(found[2])
        ranges = _category(found[3] or found[4], negated)
        if not ranges:
            raise InvalidPattern("invalid character class range", found[0])
        return ranges

    def _class(self) -> str:
        """A bracket expression."""
        pattern, start = self._pattern, self._at
        parts = ["["]
        self._at += 1
        if pattern.startswith("^", self._at):
            parts.append("^")
            self._at += 1
        first = True
        while True:
            if self._at >= len(pattern):
                raise InvalidPattern("missing closing ]", pattern[start:])
            char = pattern[self._at]
            if char == "]" and not first:
                self._at += 1
                return "".join([*parts, "]"])
            first = False
            parts.append(self._member(char))

    def _member(self, char: str) -> str:
        pattern = self._pattern
        if char == "[" and (found := _CLASS.match(pattern, self._at)):
            if found[2] not in _POSIX:
                raise InvalidPattern("invalid character class range", found[0])
            self._at = found.end()
            return _POSIX[found[2]]
        if char != "\\":
            self._at += 1
            return f"\\{char}" if char in "[]&~|" else char
        after = pattern[self._at + 1 : self._at + 2]
        if not after:
            raise InvalidPattern("missing closing ]", pattern)
        if after in "pP":
            return self._property()
        self._at += 2
        if after in "dws":
            return _PERL[after]
        if after in "DWS":
            return f"\\{after}"
        return self._code(after)


@lru_cache(maxsize=64)
def _category(name: str, negated: bool) -> str:
    """The ranges of a general category ("L", "Lu") as members of a class."""
    ranges: list[tuple[int, int]] = []
    for point in range(0x110000):
        if unicodedata.category(chr(point)).startswith(name) != negated:
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1] = (ranges[-1][0], point)
            else:
                ranges.append((point, point))
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
