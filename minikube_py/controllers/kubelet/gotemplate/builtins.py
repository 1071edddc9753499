"""Functions that every template has (text/template/funcs.go)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote as url_quote

from minikube_py.controllers.kubelet.gotemplate.errors import TemplateError
from minikube_py.controllers.kubelet.gotemplate.values import is_equal, is_less, is_true, text
from minikube_py.machinery.gotext import quote


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if value is None:
            return None
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list | str) and isinstance(key, int):
            if not 0 <= key < len(value):
                raise TemplateError(f"index out of range: {key}")
            value = value[key]
        else:
            raise TemplateError(f"can't index item of type {type(value).__name__}")
    return value


def _equals(one: Any, *others: Any) -> bool:
    if not others:
        raise TemplateError("missing argument for comparison")
    return any(is_equal(one, other) for other in others)


def _print(*values: Any) -> str:
    """With spaces between operands where neither is a string."""
    written = ""
    for number, value in enumerate(values):
        if number and not isinstance(value, str) and not isinstance(values[number - 1], str):
            written += " "
        written += text(value)
    return written


_VERB = re.compile(r"%(?P<flags>[-+# 0]*)(?P<width>\d*)(?:\.(?P<precision>\d+))?(?P<verb>[a-zA-Z%])")


def _printf(format: str, *values: Any) -> str:
    remaining = list(values)

    def written(match: re.Match[str]) -> str:
        verb = match["verb"]
        if verb == "%":
            return "%"
        if not remaining:
            return f"%!{verb}(MISSING)"
        return _formatted(verb, match, remaining.pop(0))

    text_ = _VERB.sub(written, format)
    return text_ + (f"%!(EXTRA {', '.join(map(text, remaining))})" if remaining else "")


def _formatted(verb: str, match: re.Match[str], value: Any) -> str:
    flags, width = match["flags"], match["width"]
    if verb in "sv":
        made = text(value)
    elif verb == "q":
        made = quote(text(value))
    elif verb in "dxXob" and isinstance(value, int):
        made = format(value, "d" if verb == "d" else verb)
    elif verb in "feg" and isinstance(value, int | float):
        precision = match["precision"] or ("6" if verb in "fe" else "")
        made = format(float(value), f".{precision}{verb}") if precision else text(float(value))
    elif verb == "t":
        made = text(value)
    else:
        return f"%!{verb}({text(value)})"
    if "-" in flags:
        return made.ljust(int(width or 0))
    return made.rjust(int(width or 0), "0" if "0" in flags and verb not in "sqv" else " ")


def _slice(value: Any, *bounds: int) -> Any:
    return value[slice(*bounds[:2])] if len(bounds) != 1 else value[bounds[0] :]


def _len(value: Any) -> int:
    if not isinstance(value, dict | list | str):
        raise TemplateError(f"len of type {type(value).__name__}")
    return len(value.encode()) if isinstance(value, str) else len(value)


def _junction(*values: Any) -> Any:
    """Known by its name; evaluation.py does it."""
    return values[-1]


BUILTINS: Mapping[str, Callable[..., Any]] = {
    "and": _junction,
    "or": _junction,
    "not": lambda value: not is_true(value),
    "eq": _equals,
    "ne": lambda one, other: not is_equal(one, other),
    "lt": is_less,
    "le": lambda one, other: is_less(one, other) or is_equal(one, other),
    "gt": lambda one, other: is_less(other, one),
    "ge": lambda one, other: is_less(other, one) or is_equal(one, other),
    "index": _index,
    "slice": _slice,
    "len": _len,
    "print": _print,
    "printf": _printf,
    "println": lambda *values: " ".join(map(text, values)) + "\n",
    "js": lambda value: json.dumps(text(value))[1:-1],
    "urlquery": lambda value: url_quote(text(value), safe=""),
}
