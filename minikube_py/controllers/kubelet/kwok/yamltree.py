"""YAML that templates write, as sigs.k8s.io/yaml makes JSON of it: what looks like a time stays a text."""

from __future__ import annotations

from functools import cache
from typing import Any


class YAMLTextError(ValueError):
    """It is no YAML."""


@cache
def _loader() -> type[Any]:
    import yaml  # 10 ms that only templates spend

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def tree(text: str) -> Any:
    """Raises YAMLTextError."""
    import yaml

    try:
        return yaml.load(text, _loader())
    except yaml.YAMLError as error:
        raise YAMLTextError(" ".join(str(error).split())) from None
