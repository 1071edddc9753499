"""A patch's bytes as a tree, refused in the words of Go's encoding/json and sigs.k8s.io/json."""

from __future__ import annotations

from typing import Any, NamedTuple

from minikube_py.api.patch.syntax import JSONSyntaxError, load, load_strict
from minikube_py.machinery.errors import StatusError, bad_request
from minikube_py.machinery.gotext import quote

_OPERATION_FIELDS = {"op": str, "path": str, "from": str, "value": object}


class Decoded(NamedTuple):
    tree: Any
    problems: list[str]
    """What field validation warns of or refuses: 'unknown field "x"', 'duplicate field "spec.y"'."""


def decode_json_patch(body: bytes, strict: bool = True) -> Decoded:
    """The operations of a JSON patch. `strict` is field validation Warn or Strict, under which upstream
    decodes twice and the first, stricter decoding words the error. Raises StatusError, 400."""
    try:
        tree, duplicates = load_strict(body) if strict else (load(body), [])
        error = _operations_error(tree, strict)
    except JSONSyntaxError as syntax:
        error = str(syntax)
    if error:
        raise _undecodable(error, strict)
    problems = [f"json patch {problem}" for problem in [*duplicates, *(_unknown_fields(tree) if strict else [])]]
    return Decoded(tree or [], problems)


def decode_merge_patch(body: bytes, strict: bool = True) -> Decoded:
    """The tree of a merge patch; without `strict` any JSON value passes. Raises StatusError, 400."""
    try:
        if not strict:
            return Decoded(load(body), [])
        tree, duplicates = load_strict(body)
        error = _object_error(tree)
    except JSONSyntaxError as syntax:
        error = str(syntax) if strict else ""
        if not strict:
            raise bad_request("Invalid JSON Patch") from syntax
    if error:
        raise _undecodable(error, strict)
    return Decoded(tree, duplicates)


def decode_strategic_patch(body: bytes, strict: bool = True) -> Decoded:
    """The object of a strategic merge patch; null is an empty one. Raises StatusError, 400."""
    try:
        tree, duplicates = load_strict(body) if strict else (load(body), [])
        error = _object_error(tree)
    except JSONSyntaxError as syntax:
        error = str(syntax)
    if error:
        raise bad_request(error)
    return Decoded(tree or {}, duplicates)


def _undecodable(error: str, strict: bool) -> StatusError:
    return bad_request(f"error decoding patch: {error}" if strict else error)


def kind_of(value: Any) -> str:
    """A JSON value's kind as encoding/json names it."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def _object_error(tree: Any) -> str:
    if tree is None or isinstance(tree, dict):
        return ""
    return f"json: cannot unmarshal {kind_of(tree)} into Go value of type map[string]interface {{}}"


def _operations_error(tree: Any, strict: bool) -> str:
    """The first thing that makes a tree no list of operations; "" if it is one. Null is an empty list."""
    if tree is not None and not isinstance(tree, list):
        target = "[]handlers.jsonPatchOp" if strict else "jsonpatch.Patch"
        return f"json: cannot unmarshal {kind_of(tree)} into Go value of type {target}"
    for operation in tree or ():
        if operation is not None and not isinstance(operation, dict):
            target = "handlers.jsonPatchOp" if strict else "jsonpatch.Operation"
            return f"json: cannot unmarshal {kind_of(operation)} into Go value of type {target}"
        for field, value in (operation or {}).items() if strict else ():
            if value is not None and not isinstance(value, _OPERATION_FIELDS.get(field, object)):
                target = f"Go struct field jsonPatchOp.{field} of type string"
                return f"json: cannot unmarshal {kind_of(value)} into {target}"
    return ""


def _unknown_fields(tree: list[Any] | None) -> list[str]:
    return [
        f"unknown field {quote(f'[{index}].{field}')}"
        for index, operation in enumerate(tree or ())
        for field in operation or ()
        if field not in _OPERATION_FIELDS
    ]
