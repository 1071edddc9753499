"""Functions of Masterminds/sprig that templates of Stages are likely to call."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from minikube_py.controllers.kubelet.gotemplate.values import is_true, text
from minikube_py.machinery.gotext import json_text, quote


def _dict(*pairs: Any) -> dict[str, Any]:
    return {
        text(pairs[number]): pairs[number + 1] if number + 1 < len(pairs) else "" for number in range(0, len(pairs), 2)
    }


def _default(given: Any, value: Any = None) -> Any:
    return value if is_true(value) else given


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if is_true(value)), None)


def _int(value: Any) -> int:
    """0 for what is no number."""
    try:
        return int(float(text(value))) if not isinstance(value, bool) else int(value)
    except (ValueError, OverflowError):
        return 0


def _float(value: Any) -> float:
    try:
        return float(text(value))
    except ValueError:
        return 0.0


def _indent(spaces: int, value: str) -> str:
    pad = " " * spaces
    return pad + value.replace("\n", "\n" + pad)


def _total(*values: Any) -> int:
    return sum(map(_int, values))


def _product(*values: Any) -> int:
    made = 1
    for value in values:
        made *= _int(value)
    return made


def _quotient(one: Any, other: Any) -> int:
    """Towards zero."""
    return int(_int(one) / _int(other)) if abs(_int(one)) < 2**52 else _int(one) // _int(other)


def _set(found: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**found, key: value}


SPRIG: Mapping[str, Callable[..., Any]] = {
    # defaults
    "default": _default,
    "coalesce": _coalesce,
    "empty": lambda value=None: not is_true(value),
    "ternary": lambda yes, no, test: yes if test else no,
    "toJson": lambda value: json_text(value),
    "toRawJson": lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    "fromJson": lambda value: json.loads(value),
    # strings
    "quote": lambda *values: " ".join(quote(text(value)) for value in values if value is not None),
    "squote": lambda *values: " ".join(f"'{text(value)}'" for value in values if value is not None),
    "upper": lambda value: value.upper(),
    "lower": lambda value: value.lower(),
    "title": lambda value: value.title(),
    "trim": lambda value: value.strip(),
    "trimAll": lambda cut, value: value.strip(cut),
    "trimPrefix": lambda prefix, value: value.removeprefix(prefix),
    "trimSuffix": lambda suffix, value: value.removesuffix(suffix),
    "trunc": lambda length, value: value[:length] if length >= 0 else value[length:],
    "replace": lambda old, new, value: value.replace(old, new),
    "repeat": lambda count, value: value * count,
    "contains": lambda part, value: part in value,
    "hasPrefix": lambda prefix, value: value.startswith(prefix),
    "hasSuffix": lambda suffix, value: value.endswith(suffix),
    "join": lambda between, values: between.join(map(text, values)),
    "splitList": lambda between, value: value.split(between),
    "cat": lambda *values: " ".join(map(text, values)),
    "indent": _indent,
    "nindent": lambda spaces, value: "\n" + _indent(spaces, value),
    "toString": text,
    "b64enc": lambda value: base64.b64encode(value.encode()).decode(),
    "b64dec": lambda value: base64.b64decode(value).decode(),
    "sha256sum": lambda value: hashlib.sha256(value.encode()).hexdigest(),
    "sha1sum": lambda value: hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest(),
    # numbers
    "int": _int,
    "int64": _int,
    "float64": _float,
    "atoi": _int,
    "add": _total,
    "add1": lambda value: _int(value) + 1,
    "sub": lambda one, other: _int(one) - _int(other),
    "mul": _product,
    "div": _quotient,
    "mod": lambda one, other: _int(one) - _quotient(one, other) * _int(other),
    "max": lambda *values: max(map(_int, values)),
    "min": lambda *values: min(map(_int, values)),
    "until": lambda count: list(range(count)),
    "untilStep": lambda start, stop, step: list(range(start, stop, step)),
    # lists and maps
    "list": lambda *values: list(values),
    "first": lambda values: values[0] if values else None,
    "last": lambda values: values[-1] if values else None,
    "rest": lambda values: values[1:],
    "initial": lambda values: values[:-1],
    "append": lambda values, value: [*values, value],
    "concat": lambda *lists: [value for values in lists for value in values],
    "has": lambda value, values: value in (values or ()),
    "uniq": lambda values: list(dict.fromkeys(values)),
    "compact": lambda values: [value for value in values if is_true(value)],
    "reverse": lambda values: values[::-1],
    "sortAlpha": lambda values: sorted(map(text, values)),
    "dict": _dict,
    "get": lambda found, key: (found or {}).get(key, ""),
    "set": _set,
    "unset": lambda found, key: {name: value for name, value in found.items() if name != key},
    "hasKey": lambda found, key: key in (found or {}),
    "keys": lambda *found: [key for each in found for key in sorted(each)],
    "values": lambda found: [found[key] for key in sorted(found)],
    "pick": lambda found, *keys: {key: found[key] for key in keys if key in found},
    "omit": lambda found, *keys: {key: value for key, value in found.items() if key not in keys},
    "merge": lambda *found: {key: value for each in reversed(found) for key, value in each.items()},
    "kindIs": lambda kind, value: kind == _go_kind(value),
    "kindOf": lambda value: _go_kind(value),
}


def _go_kind(value: Any) -> str:
    kinds = {bool: "bool", int: "int", float: "float64", str: "string", dict: "map", list: "slice"}
    return kinds.get(type(value), "invalid")
