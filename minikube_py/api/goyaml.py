"""YAML as sigs.k8s.io/yaml reads and writes it: YAML 1.1 scalars, the first document, sorted keys."""

from __future__ import annotations

import base64
import math
import re
from typing import Any, ClassVar

import orjson
import yaml

from minikube_py.api.yamlcodec import YAMLError

# libyaml's where PyYAML was built with it: ten times as fast.
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_WIDE = 2**31 - 1
"""No line is folded."""


MAX_DEPTH = 1000
"""Lists and maps within each other; go-yaml takes 10,000, for which C's stack is too small in some threads."""
_TOO_DEEP = f"exceeded max depth of {MAX_DEPTH}"
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"
"""Of its releases that have that limit themselves, and find it ahead of where they have got."""


class _GoLoader(_Loader):  # type: ignore[misc, unused-ignore]
    """Resolves scalars as go-yaml v2 does: YAML 1.1 booleans, but no sexagesimal numbers and no dates."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def __init__(self, stream: bytes | str) -> None:
        super().__init__(stream)
        self.duplicates: list[str] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.tag != "tag:yaml.org,2002:merge":
                key = key_node.value if isinstance(key_node.value, str) else ""
                if key in seen:
                    line = key_node.start_mark.line + 1
                    self.duplicates.append(f'  line {line}: key "{key}" already set in map')
                seen.add(key)
        self.flatten_mapping(node)
        return {_key(self.construct_object(k, deep=True)): self.construct_object(v, deep=deep) for k, v in node.value}


def _key(key: Any) -> str:
    """Map keys become JSON's: numbers and booleans as text."""
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return str(key)
    return orjson.dumps(key).decode()


_INT = re.compile(r"^(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+)$")

_GoLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool",
    re.compile(r"^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"),
    list("yYnNtTfFoO"),
)
_GoLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    _INT,
    list("-+0123456789"),
)
_GoLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)
_GoLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_GoLoader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^(?:<<)$"), ["<"])

_BOOLEANS = {"y": True, "yes": True, "true": True, "on": True, "n": False, "no": False, "false": False, "off": False}


def _construct_bool(loader: Any, node: yaml.ScalarNode) -> bool:
    text = str(loader.construct_scalar(node))
    found = _BOOLEANS.get(text.lower())
    if found is None:
        raise _cannot_decode(text, "bool")
    return found


def _construct_int(loader: Any, node: yaml.ScalarNode) -> Any:
    """What no 64 bits hold is a float, or text where it is not written as floats are."""
    written = str(loader.construct_scalar(node))
    if not _INT.match(written):
        raise _cannot_decode(written, "int")
    text = written.replace("_", "")
    digits = text.lstrip("+-").lower()
    based = digits[:2] in ("0x", "0b", "0o")
    octal = digits[:1] == "0" and len(digits) > 1 and not based
    if not (based or octal) and len(digits) > len(str(2**64)):
        return written if math.isinf(float(text)) else float(text)
    try:
        value = int(digits, 0 if based else 8 if octal else 10)
    except ValueError:  # "0x_"
        return written
    value = -value if text.startswith("-") else value
    if -(2**63) <= value < 2**64:
        return value
    return written if based or octal else float(text)


def _construct_float(loader: Any, node: yaml.ScalarNode) -> float | int:
    text = str(loader.construct_scalar(node))
    try:
        value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise _cannot_decode(text, "float") from None
    # JSON knows one kind of number: 1e3 is 1000 there.
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _construct_binary(loader: Any, node: yaml.ScalarNode) -> str:
    try:
        text = loader.construct_scalar(node).replace("\n", "")
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        raise ValueError("!!binary value contains invalid base64 data") from None


def _construct_untagged(loader: Any, suffix: str, node: yaml.Node) -> Any:
    """A tag nobody knows says nothing."""
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return _construct_mapping(loader, node) if isinstance(node, yaml.MappingNode) else _construct_list(loader, node)


def _construct_list(loader: Any, node: yaml.Node) -> list[Any]:
    built: list[Any] = loader.construct_sequence(node, deep=True)
    return built


def _cannot_decode(text: str, kind: str) -> ValueError:
    return ValueError(f"cannot decode !!str `{text}` as a !!{kind}")


def _construct_mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    built: dict[str, Any] = loader.construct_mapping(node, deep=True)
    return built


_GoLoader.add_constructor("tag:yaml.org,2002:bool", _construct_bool)
_GoLoader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_GoLoader.add_constructor("tag:yaml.org,2002:float", _construct_float)
_GoLoader.add_constructor("tag:yaml.org,2002:binary", _construct_binary)
for _tag in ("map", "set"):
    _GoLoader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct_mapping)
for _tag in ("seq", "omap", "pairs"):
    _GoLoader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct_list)
_GoLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
_GoLoader.add_multi_constructor("", _construct_untagged)


def load_strict(body: bytes) -> tuple[Any, list[str]]:
    """The first document as a JSON tree, of equal keys the last; and go-yaml's lines about keys that occur twice.
    Raises YAMLError."""
    loader = None
    try:
        _check_depth(body)
        loader = _GoLoader(body)
        loader.check_node()
        node = loader.get_node() if loader.check_node() else None
        if node is not None and b"*" in body:
            _check_aliases(node)
        tree = loader.construct_document(node) if node is not None else None
        return tree, loader.duplicates
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise YAMLError(_message(error)) from None
    finally:
        if loader is not None:
            loader.dispose()


def _check_depth(body: bytes) -> None:
    """libyaml composes recursively on C's stack, whose end ends the process: bodies that could be deep are read as flat
    events before. Raises ValueError."""
    brackets = body.count(b"[") + body.count(b"{")
    if brackets <= MAX_DEPTH and (len(body) <= MAX_DEPTH or max(map(len, body.splitlines())) <= MAX_DEPTH):
        return
    depth = 0
    for event in yaml.parse(body, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(_TOO_DEEP)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_aliases(root: yaml.Node) -> None:
    """go-yaml's bound on what aliases blow up (decode.go allowedAliasRatio). Raises ValueError."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        known = sizes.get(id(node))
        if known is not None:
            return known
        sizes[id(node)] = 1  # a node within itself is refused when it is constructed
        total = 1
        if isinstance(node, yaml.SequenceNode):
            total += sum(map(size, node.value))
        elif isinstance(node, yaml.MappingNode):
            total += sum(size(key) + size(value) for key, value in node.value)
        sizes[id(node)] = total
        return total

    total = size(root)
    aliased = total - len(sizes)
    if aliased > 100 and total > 1000 and aliased > total * _allowed_ratio(total):
        raise ValueError("document contains excessive aliasing")


def _allowed_ratio(total: int) -> float:
    """From 99 % at 400,000 nodes to 10 % at 4,000,000."""
    low, high = 400_000, 4_000_000
    if total <= low:
        return 0.99
    return 0.10 if total >= high else 0.99 - 0.89 * (total - low) / (high - low)


def _message(error: Exception) -> str:
    """go-yaml's words: its lines count from 0 but for what its scanner finds, and line 0 is left out."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if problem == _LIBYAML_TOO_DEEP:
        return f"yaml: {_TOO_DEEP}"
    marks = (getattr(error, "context_mark", None), getattr(error, "problem_mark", None))
    line = next((mark.line for mark in marks if mark is not None and mark.line), 0)
    if line and isinstance(error, yaml.scanner.ScannerError):
        line += 1
    return f"yaml: line {line}: {problem}" if line else f"yaml: {problem}"


def dump(tree: Any) -> bytes:
    """Block style, keys sorted."""
    text: bytes = yaml.dump(
        tree,
        Dumper=_Dumper,
        default_flow_style=False,
        sort_keys=True,
        allow_unicode=True,
        width=_WIDE,
        encoding="utf-8",
    )
    return text
