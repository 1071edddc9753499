"""YAML as sigs.k8s.io/yaml reads and writes it, at hand without its cost: PyYAML is imported with the first document,
for that takes 10 ms and most bodies are JSON. See goyaml."""

from __future__ import annotations

from typing import Any


class YAMLError(ValueError):
    """str() is go-yaml's message, "yaml: line 1: ..."."""


def load(body: bytes) -> Any:
    """The first document as a JSON tree; of equal keys the last wins. Raises YAMLError."""
    return load_strict(body)[0]


def load_strict(body: bytes) -> tuple[Any, list[str]]:
    """`load`, and go-yaml's lines about keys that occur twice. Raises YAMLError."""
    from minikube_py.api import goyaml

    return goyaml.load_strict(body)


def dump(tree: Any) -> bytes:
    """Block style, keys sorted."""
    from minikube_py.api import goyaml

    return goyaml.dump(tree)
