"""What the steps of a Stage write (kwok pkg/utils/lifecycle/next.go, finalizers.go)."""

from __future__ import annotations

from typing import Any, NamedTuple

from minikube_py.client.protocol import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH
from minikube_py.controllers.kubelet.gotemplate import Functions
from minikube_py.controllers.kubelet.kwok.stage import Apply, Patch
from minikube_py.controllers.kubelet.kwok.yamltree import tree
from minikube_py.machinery.gvr import Object

_TYPES = {"json": JSON_PATCH, "merge": MERGE_PATCH, "strategic": STRATEGIC_MERGE_PATCH, "": STRATEGIC_MERGE_PATCH}
_APPLY_TYPES = {"merge": MERGE_PATCH, "strategic": STRATEGIC_MERGE_PATCH, "apply": APPLY_PATCH, "": APPLY_PATCH}


class Written(NamedTuple):
    """A patch, and its media type."""

    body: Any
    type: str


def patch_of(patch: Patch, obj: Object, functions: Functions) -> Written:
    """Raises TemplateError and YAMLTextError."""
    body = tree(patch.template.render(obj, functions))
    type = _TYPES[patch.type]
    if type == JSON_PATCH:
        prefix = f"/{patch.root}" if patch.root else ""
        return Written([{**operation, "path": prefix + operation["path"]} for operation in body or ()], type)
    return Written({patch.root: body or {}} if patch.root else body or {}, type)


def applied(apply: Apply, obj: Object, functions: Functions) -> Written:
    """Raises TemplateError and YAMLTextError."""
    return Written(tree(apply.template.render(obj, functions)), _APPLY_TYPES[apply.type])


def finalizers_of(step: Object, old: list[str]) -> list[str]:
    """Those that a step leaves: it empties them, or removes some, and then adds some."""
    removed = {each.get("value", "") for each in step.get("remove") or ()}
    kept = [] if step.get("empty") else [each for each in old if each not in removed]
    added = [each.get("value", "") for each in step.get("add") or ()]
    return kept + [each for each in added if each not in kept]
