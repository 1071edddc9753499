"""What kube-apiserver 1.36.2 answered to HTTP conversations: facts, carried compressed in data/.

A scenario is a list of steps; its recording holds an answer for each of them by the step's id:
{"status": 201, "headers": {...}, "body": ...}, with placeholders for what differs from run to run (see normalise.py).

A step:
    id       unique in the scenario
    req      "POST /api/v1/namespaces/$ns/configmaps"
    headers  besides the usual ones; null leaves one out
    body     a tree, or the text or bytes as they are
    save     {"rv": "metadata.resourceVersion"}: later steps say $rv
    until    the request is repeated until this holds: {"path": ..., "equals": ...} or {"status_code": ...}
    sleep    so many seconds pass before the request
    watch    the stream is read for so many seconds
    ignore, unordered, keep, raw    what of the answer is compared
"""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"
FAMILIES = ("kind", "protocol", "crd")
"""Each is one file of scenarios whose names begin with it."""
_BYTES = "$bytes"


@dataclass(frozen=True)
class Recording:
    """One scenario and what the real server answered."""

    name: str
    steps: list[dict[str, Any]]
    answers: dict[str, dict[str, Any]]

    @property
    def family(self) -> str:
        return self.name.partition("-")[0]


def load(family: str) -> list[Recording]:
    """A family's recordings in order of names."""
    tree = json.loads(lzma.decompress((DATA / f"{family}.json.xz").read_bytes()))
    return [Recording(name, _revive(each["steps"], _bytes), each["answers"]) for name, each in tree.items()]


def names(family: str) -> list[str]:
    return [recording.name for recording in load(family)]


def pack(directory: Path) -> None:
    """Make data/ anew from a directory with scenarios/*.yaml and recorded/*.json."""
    DATA.mkdir(exist_ok=True)
    for family in FAMILIES:
        tree = {
            path.stem: {
                "steps": _revive(yaml.safe_load(path.read_text()), _text),
                "answers": json.loads((directory / "recorded" / f"{path.stem}.json").read_text()),
            }
            for path in sorted((directory / "scenarios").glob(f"{family}-*.yaml"))
        }
        packed = json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()
        (DATA / f"{family}.json.xz").write_bytes(lzma.compress(packed, preset=9 | lzma.PRESET_EXTREME))


def _revive(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """The same tree with `leaf` applied from the bottom up."""
    if isinstance(value, dict):
        return leaf({key: _revive(each, leaf) for key, each in value.items()})
    if isinstance(value, list):
        return [_revive(each, leaf) for each in value]
    return leaf(value)


def _text(value: Any) -> Any:
    return {_BYTES: base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _bytes(value: Any) -> Any:
    return base64.b64decode(value[_BYTES]) if isinstance(value, dict) and value.keys() == {_BYTES} else value
