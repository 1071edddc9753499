"""Go's text/template, as far as KWOK's Stages write it: a template is parsed once and rendered with data of JSON.

    Template("{{ range .spec.containers }}{{ .name | quote }} {{ end }}").render(pod, FUNCTIONS)

lexer, parser, nodes   from text to a tree
evaluation             from the tree and data to text
values                 truth, equality and printing of values, as Go has them
builtins, sprig        functions
"""

from __future__ import annotations

from minikube_py.controllers.kubelet.gotemplate.builtins import BUILTINS
from minikube_py.controllers.kubelet.gotemplate.errors import TemplateError
from minikube_py.controllers.kubelet.gotemplate.sprig import SPRIG
from minikube_py.controllers.kubelet.gotemplate.template import Function, Functions, Template

FUNCTIONS: Functions = {**SPRIG, **BUILTINS}

__all__ = ["FUNCTIONS", "Function", "Functions", "Template", "TemplateError"]
