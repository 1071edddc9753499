"""Templates as they are used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from minikube_py.controllers.kubelet.gotemplate.evaluation import Evaluation
from minikube_py.controllers.kubelet.gotemplate.parser import parse

Function = Callable[..., Any]
Functions = Mapping[str, Function]
"""By the names that templates call them by."""


class Template:
    """Raises TemplateError for a source that is none."""

    def __init__(self, source: str) -> None:
        self._body = parse(source)

    def render(self, data: Any, functions: Functions) -> str:
        """Raises TemplateError for what cannot be done with the data."""
        return Evaluation(data, functions).run(self._body)
