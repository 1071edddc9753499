"""Topology selector terms: where volumes may be (pkg/apis/core/validation ValidateTopologySelectorTerm)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.machinery.field import ErrorList, Path, duplicate, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import validate_label_name

_EXPRESSIONS = "matchLabelExpressions"

Values = dict[str, set[str]]
"""Values by key: what a term means, whatever the order."""


def validate_topologies(terms: Sequence[Object] | None, path: Path) -> ErrorList:
    """Each term, and that no two mean the same."""
    errors: ErrorList = []
    seen: list[Values] = [{} for _ in terms or ()]  # Upstream's list begins so: an empty term is its own duplicate.
    for index, term in enumerate(terms or ()):
        values, found = _term(term, path.index(index))
        errors += found
        errors += [duplicate(path.index(index).child(_EXPRESSIONS), "") for other in seen if other == values]
        seen.append(values)
    return errors


def _term(term: Object, path: Path) -> tuple[Values, ErrorList]:
    values: Values = {}
    errors: ErrorList = []
    for index, expression in enumerate(term.get(_EXPRESSIONS) or ()):
        at = path.child(_EXPRESSIONS).index(index)
        key, listed = expression.get("key") or "", expression.get("values") or []
        if not listed:
            errors.append(required(at.child("values")))
        errors += [
            duplicate(at.child("values").index(position), value)
            for position, value in enumerate(listed)
            if value in listed[:position]
        ]
        errors += validate_label_name(key, at.child("key"))
        if key in values:
            errors.append(duplicate(at.child("key"), key))
        values[key] = set(listed)
    return values, errors
