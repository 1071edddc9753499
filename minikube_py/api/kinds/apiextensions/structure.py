"""Whether a schema is structural: it says of every field what it is, in one place.

Upstream: apiextensions-apiserver/pkg/apiserver/schema/validation.go.
"""

from __future__ import annotations

from minikube_py.api.customresources.structural import (
    EMBEDDED,
    INT_OR_STRING,
    LIST_MAP_KEYS,
    LIST_TYPE,
    MAP_TYPE,
    PRESERVE,
    VALIDATIONS,
)
from minikube_py.machinery import goregexp
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, required
from minikube_py.machinery.gvr import Object

_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_ABSENT = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}
_FORBIDDEN: dict[str, str] = {
    "title": "must be empty",
    "description": "must be empty",
    "nullable": "must be false",
    PRESERVE: "must be false",
    EMBEDDED: "must be false",
    INT_OR_STRING: "must be false",
    LIST_MAP_KEYS: "must be empty",
    LIST_TYPE: "must be undefined",
    MAP_TYPE: "must be undefined",
}
"""What anyOf and its like may not say, and why."""


def validate_structure(schema: Object, path: Path) -> ErrorList:
    """Errors in the order of their texts."""
    errors = _node_errors(schema, "root", path)
    errors += _completeness_errors(schema, schema, path, path)
    return sorted(errors, key=lambda error: error.message())


def _node_errors(schema: Object, level: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    kind, items, additional = schema.get("type") or "", schema.get("items"), schema.get("additionalProperties")
    if kind == "array" and not isinstance(items, dict):
        errors.append(required(path.child("items"), "must be specified"))
    if isinstance(items, dict):
        errors += _node_errors(items, "item", path.child("items"))
    for name, each in (schema.get("properties") or {}).items():
        errors += _node_errors(each, "field", path.child("properties").key(name))
    if additional is not None:
        if level == "root":
            errors.append(forbidden(path.child("additionalProperties"), "must not be used at the root"))
        if isinstance(additional, dict):
            errors += _node_errors(additional, "field", path.child("additionalProperties"))
    errors += _extension_errors(schema, path)
    errors += _value_errors(schema, path, _skips(schema))
    errors += _type_errors(schema, level, path)
    return errors + _metadata_errors(schema, level, path)


def _extension_errors(schema: Object, path: Path) -> ErrorList:
    if not schema.get(INT_OR_STRING):
        return []
    detail = f"must be false if {INT_OR_STRING} is true"
    return [invalid(path.child(name), True, detail) for name in (PRESERVE, EMBEDDED) if schema.get(name)]


def _type_errors(schema: Object, level: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    kind, embedded = schema.get("type") or "", schema.get(EMBEDDED)
    where = path.child("type")
    if embedded and kind != "object":
        detail = f"must be object if {EMBEDDED} is true"
        errors.append(invalid(where, kind, detail) if kind else required(where, detail))
    elif not kind and not schema.get(INT_OR_STRING) and not schema.get(PRESERVE):
        errors.append(required(where, _ABSENT[level]))
    if embedded and schema.get("additionalProperties") is not None:
        detail = f"must not be used if {EMBEDDED} is set"
        errors.append(forbidden(path.child("additionalProperties"), detail))
    if level == "root" and kind and kind != "object":
        errors.append(invalid(where, kind, "must be object at the root"))
    if embedded and not schema.get(PRESERVE) and not schema.get("properties"):
        detail = f"must not be empty if {EMBEDDED} is true without {PRESERVE}"
        errors.append(required(path.child("properties"), detail))
    return errors


def _metadata_errors(schema: Object, level: str, path: Path) -> ErrorList:
    """kind, apiVersion and metadata are what they are in every object."""
    errors: ErrorList = []
    properties = schema.get("properties") or {}
    checked = level == "root" or bool(schema.get(EMBEDDED))
    for name in ("kind", "apiVersion"):
        kind = (properties.get(name) or {}).get("type") or ""
        if checked and name in properties and kind != "string":
            errors.append(invalid(path.child("properties").key(name).child("type"), kind, "must be string"))
    if "metadata" not in properties:
        return errors
    metadata, where = properties["metadata"], path.child("properties").key("metadata")
    kind = metadata.get("type") or ""
    if checked and kind != "object":
        errors.append(invalid(where.child("type"), kind, "must be object"))
    if level == "root" and not _names_alone(metadata):
        detail = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        errors.append(forbidden(where, detail))
    return errors


def _names_alone(metadata: Object) -> bool:
    if any(value and name not in ("type", "properties", "default") for name, value in metadata.items()):
        return False
    return set(metadata.get("properties") or ()) <= {"name", "generateName"}


def _skips(schema: Object) -> tuple[bool, bool]:
    """Whether anyOf, and that of the first allOf, says that an integer or a string is meant: types may stand there."""
    all_of: list[Object] = schema.get("allOf") or []
    return schema.get("anyOf") == _INT_OR_STRING, bool(all_of) and all_of[0].get("anyOf") == _INT_OR_STRING


# -- anyOf and its like ----------------------------------------------------------------------------------------------


def _value_errors(schema: Object, path: Path, skips: tuple[bool, bool] = (False, False)) -> ErrorList:
    errors: ErrorList = []
    skip_any, skip_first = skips
    for index, each in enumerate(() if skip_any else schema.get("anyOf") or ()):
        errors += _nested_errors(each, path.child("anyOf").index(index))
    for index, each in enumerate(schema.get("allOf") or ()):
        skip = skip_first and index == 0
        errors += _nested_errors(each, path.child("allOf").index(index), rules=True, skip_any=skip)
    for index, each in enumerate(schema.get("oneOf") or ()):
        errors += _nested_errors(each, path.child("oneOf").index(index))
    if schema.get("not") is not None:
        errors += _nested_errors(schema["not"], path.child("not"))
    pattern = schema.get("pattern") or ""
    try:
        goregexp.compile_pattern(pattern)
    except goregexp.InvalidPattern as problem:
        detail = f"must be a valid regular expression, but isn't: {problem}"
        errors.append(invalid(path.child("pattern"), pattern, detail))
    return errors


def _nested_errors(schema: Object, path: Path, *, rules: bool = False, skip_any: bool = False) -> ErrorList:
    errors = _value_errors(schema, path, (skip_any, False))
    if isinstance(schema.get("items"), dict):
        errors += _nested_errors(schema["items"], path.child("items"))
    properties = schema.get("properties") or {}
    for name, each in properties.items():
        errors += _nested_errors(each, path.child("properties").key(name))
    if schema.get("type"):
        errors.append(forbidden(path.child("type"), "must be empty to be structural"))
    if schema.get("additionalProperties") is not None:
        detail = "must be undefined to be structural"
        errors.append(forbidden(path.child("additionalProperties"), detail))
    if schema.get("default") is not None:
        errors.append(forbidden(path.child("default"), "must be undefined to be structural"))
    for name, why in _FORBIDDEN.items():
        value = schema.get(name)
        if value or (value is not None and why == "must be undefined"):
            errors.append(forbidden(path.child(name), f"{why} to be structural"))
    if schema.get(VALIDATIONS):
        errors.append(forbidden(path.child(VALIDATIONS), "must be empty to be structural"))
    if "metadata" in properties:
        where = path.child("properties").key("metadata")
        errors.append(forbidden(where, "must not be specified in a nested context"))
    return errors


# -- completeness ----------------------------------------------------------------------------------------------------


def _completeness_errors(nested: Object, described: Object, path: Path, at: Path) -> ErrorList:
    """Fields and items that anyOf and its like speak of must be described outside of them, too (complete.go).

    `described`, at `path`, is the schema outside; `nested`, at `at`, says more of the same values.
    """
    inner = [(nested["not"], at.child("not"))] if nested.get("not") is not None else []
    for name in ("allOf", "anyOf", "oneOf"):
        inner += [(each, at.child(name).index(index)) for index, each in enumerate(nested.get(name) or ())]
    errors: ErrorList = []
    for each, where in inner:
        errors += _nested_completeness_errors(each, described, path, where)
    return errors


def _nested_completeness_errors(nested: Object, described: Object | None, path: Path, at: Path) -> ErrorList:
    if described is None:
        return [required(path, f"because it is defined in {at}")]
    errors = _completeness_errors(nested, described, path, at)
    if isinstance(nested.get("items"), dict):
        items = described.get("items")
        inside = items if isinstance(items, dict) else None
        errors += _nested_completeness_errors(nested["items"], inside, path.child("items"), at.child("items"))
    properties = described.get("properties") or {}
    for name, each in (nested.get("properties") or {}).items():
        below, where = path.child("properties").key(name), at.child("properties").key(name)
        errors += _nested_completeness_errors(each, properties.get(name), below, where)
    return errors
