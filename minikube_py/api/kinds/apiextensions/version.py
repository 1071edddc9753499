"""Validation of a version's parts besides its schema: deprecation, subresources, columns, selectable fields."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.customresources.structural import Structural
from minikube_py.api.kinds.apiextensions.fieldpath import resolve
from minikube_py.machinery.field import ErrorList, Path, duplicate, invalid, required, too_many
from minikube_py.machinery.gvr import Object

MAX_SELECTABLE_FIELDS = 8
MAX_DEPRECATION_WARNING = 256
"""Bytes."""

_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")


def deprecation_problems(deprecated: bool, warning: str | None) -> list[str]:
    if warning is None:
        return []
    if not deprecated:
        return ["can only be set for deprecated versions"]
    found: list[str] = []
    if len(warning.encode()) > MAX_DEPRECATION_WARNING:
        found.append(f"must be <= {MAX_DEPRECATION_WARNING} characters long")
    if not warning:
        found.append("must not be an empty string")
    for index, character in enumerate(warning):
        if not character.isprintable():
            at = len(warning[:index].encode())
            only = "must only contain printable UTF-8 characters"
            found.append(f"{only}; non-printable character found at index {at}")
            break
    return found


# -- subresources ----------------------------------------------------------------------------------------------------


def validate_subresources(subresources: Object | None, path: Path) -> ErrorList:
    scale = (subresources or {}).get("scale")
    if scale is None:
        return []
    errors: ErrorList = []
    for name, root in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        text = scale.get(name) or ""
        field = path.child(f"scale.{name}")
        if not text:
            errors.append(required(field))
        elif problem := _path_problem(text):
            errors.append(invalid(field, text, problem))
        elif not text.startswith(f"{root}."):
            errors.append(invalid(field, text, f"should be a json path under {root}"))
    selector, field = scale.get("labelSelectorPath"), path.child("scale.labelSelectorPath")
    if selector and (problem := _path_problem(selector)):
        errors.append(invalid(field, selector, problem))
    elif selector and not selector.startswith((".spec.", ".status.")):
        errors.append(invalid(field, selector, "should be a json path under either .spec or .status"))
    return errors


def _path_problem(text: str) -> str:
    return "" if text.startswith(".") else "must be a simple json path starting with ."


# -- columns ---------------------------------------------------------------------------------------------------------


def validate_columns(columns: Sequence[Object], path: Path) -> ErrorList:
    return [error for index, column in enumerate(columns) for error in _column_errors(column, path.index(index))]


def _column_errors(column: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not column.get("name"):
        errors.append(required(path.child("name")))
    kind, known = column.get("type") or "", f"must be one of {','.join(_COLUMN_TYPES)}"
    if not kind:
        errors.append(required(path.child("type"), known))
    elif kind not in _COLUMN_TYPES:
        errors.append(invalid(path.child("type"), kind, known))
    format = column.get("format") or ""
    if format and format not in _COLUMN_FORMATS:
        errors.append(invalid(path.child("format"), format, f"must be one of {','.join(_COLUMN_FORMATS)}"))
    text = column.get("jsonPath") or ""
    if not text:
        errors.append(required(path.child("JSONPath")))
    elif problem := _path_problem(text):
        errors.append(invalid(path.child("JSONPath"), text, problem))
    return errors


# -- selectable fields -----------------------------------------------------------------------------------------------


def validate_selectable_fields(fields: Sequence[Object], schema: Object, kept: bool, path: Path) -> ErrorList:
    """`kept`: they are what they were, so that their number is no matter."""
    structural = Structural(schema)
    errors: ErrorList = []
    seen: set[str] = set()
    for index, each in enumerate(fields):
        text = each.get("jsonPath") or ""
        field = path.index(index).child("jsonPath")
        if not text:
            errors.append(required(field))
            continue
        try:
            names, found = resolve(text, structural, brackets=False)
        except ValueError as problem:
            errors.append(invalid(field, text, f"is an invalid path: {problem}"))
            continue
        if names[0] == "metadata":
            errors.append(invalid(field, text, "must not point to fields in metadata"))
        if found.type not in ("string", "boolean", "integer"):
            detail = (
                "must point to a field of type string, boolean or integer. Enum string fields and strings with "
                "formats are allowed."
            )
            errors.append(invalid(field, text, detail))
        name = ".".join(names)
        if name in seen:
            errors.append(duplicate(field, text))
        seen.add(name)
    if len(seen) > MAX_SELECTABLE_FIELDS and not kept:
        errors.append(too_many(path, len(seen), MAX_SELECTABLE_FIELDS))
    return errors
