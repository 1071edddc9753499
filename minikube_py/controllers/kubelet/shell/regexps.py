"""Regular expressions of POSIX, as grep, sed, expr and [[ take them."""

from __future__ import annotations

import re

from minikube_py.controllers.kubelet.shell.session import Complaint
from minikube_py.machinery.goregexp import InvalidPattern, compile_pattern

_basic = re.compile(r"\[\^?\]?[^\]]*\]|\\(.)|([(){}|+?])|(\^\*)|(.)", re.DOTALL)


def compiled(source: str, said: str, code: int = 1) -> re.Pattern[str]:
    """One that is extended, or has been made so. Raises Complaint, about what was `said`."""
    try:
        return compile_pattern(source)
    except InvalidPattern:
        raise Complaint(f"bad regex '{said}'", code) from None


def extended(basic: str) -> str:
    """A basic one in extended words: there \\( \\| \\+ are special, and ( | + are not."""
    return _basic.sub(_extended, basic.replace("*", r"\*", 1) if basic.startswith("*") else basic)


def _extended(match: re.Match[str]) -> str:
    if match[1]:
        return match[1] if match[1] in "(){}|+?" else match[0]
    if match[2]:
        return f"\\{match[2]}"
    return r"^\*" if match[3] else match[0]
