"""Validation of an openAPIV3Schema (validation.go validateCustomResourceDefinitionValidation and what it calls)."""

from __future__ import annotations

from typing import Any, NamedTuple

from minikube_py.api.customresources.structural import (
    EMBEDDED,
    LIST_MAP_KEYS,
    LIST_TYPE,
    MAP_TYPE,
    META,
    PRESERVE,
    Structural,
)
from minikube_py.api.kinds.apiextensions.defaults import Facts, validate_defaults
from minikube_py.api.kinds.apiextensions.internal import internal_schema
from minikube_py.api.kinds.apiextensions.rules import validate_rules
from minikube_py.api.kinds.apiextensions.structure import validate_structure
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, not_supported, required
from minikube_py.machinery.gvr import Object

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_LIST_TYPES = ("atomic", "set", "map")
_MAP_TYPES = ("atomic", "granular")
_UNSUPPORTED = ("additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
_AT_ROOT = (
    "Description",
    "Type",
    "Format",
    "Title",
    "Maximum",
    "ExclusiveMaximum",
    "Minimum",
    "ExclusiveMinimum",
    "MaxLength",
    "MinLength",
    "Pattern",
    "MaxItems",
    "MinItems",
    "UniqueItems",
    "MultipleOf",
    "Required",
    "Items",
    "Properties",
    "ExternalDocs",
    "Example",
    "XPreserveUnknownFields",
    "XValidations",
)
"""What the root may say where the status is validated by itself, in Go's names."""
_BY_ITSELF = "at the root of the schema if the status subresource is enabled"
_GO_NAMES = {"XPreserveUnknownFields": PRESERVE, "XValidations": "x-kubernetes-validations"}
_ROOT_FIELDS = frozenset(_GO_NAMES.get(name, name[0].lower() + name[1:]) for name in _AT_ROOT)


class _Demands(NamedTuple):
    """What a place in the schema allows."""

    no_defaults: str | None = None
    """Why there may be no default here; None if there may be one."""
    inside_metadata: bool = False


def validate_schema(schema: Object, facts: Facts, status: bool, path: Path) -> ErrorList:
    """Errors of a version's schema. `status`: whether it has the status subresource."""
    errors = _root_errors(schema, path) if status else []
    if schema.get("nullable"):
        errors.append(forbidden(path.child("nullable"), "nullable cannot be true at the root"))
    if not _has_item_lists(schema):
        found = validate_structure(schema, path)
        errors += found or validate_defaults(Structural(schema), facts, path)
    return errors + _node_errors(schema, path, _Demands(), root=True)


def _has_item_lists(schema: Any) -> bool:
    """Whether items are given as a list anywhere: such a schema has no structure that could be looked at."""
    if isinstance(schema, list):
        return any(map(_has_item_lists, schema))
    if not isinstance(schema, dict):
        return False
    return isinstance(schema.get("items"), list) or any(
        _has_item_lists(each) for key, each in schema.items() if key not in ("default", "enum", "example")
    )


def _root_errors(schema: Object, path: Path) -> ErrorList:
    for name, value in schema.items():
        if value in (None, "", [], {}, False) and value is not schema.get("additionalProperties"):
            continue
        if name == "type":
            if value != "object":
                return [invalid(path.child("type"), value, f'only "object" is allowed as the type {_BY_ITSELF}')]
        elif name not in _ROOT_FIELDS:
            shown = internal_schema(schema)
            return [invalid(path, shown, f"only [{' '.join(_AT_ROOT)}] fields are allowed {_BY_ITSELF}")]
    return []


def _node_errors(schema: Object, path: Path, demands: _Demands, *, root: bool = False) -> ErrorList:
    errors = _field_errors(schema, path, demands)
    if schema.get("uniqueItems"):
        detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        errors.append(forbidden(path.child("uniqueItems"), detail))
    errors += _below_errors(schema, path, demands, root)
    errors += _extension_errors(schema, path)
    errors += validate_rules(schema, path)
    return errors


def _field_errors(schema: Object, path: Path, demands: _Demands) -> ErrorList:
    """specStandardValidatorV3.validate."""
    errors: ErrorList = []
    kind = schema.get("type") or ""
    if kind and kind not in _TYPES:
        errors.append(not_supported(path.child("type"), kind, _TYPES))
    if schema.get("default") is not None and demands.no_defaults is not None:
        errors.append(forbidden(path.child("default"), f"must not be set {demands.no_defaults}".rstrip()))
    if schema.get("id"):
        errors.append(forbidden(path.child("id"), "id is not supported"))
    for name in _UNSUPPORTED:
        value = schema.get(name)
        if value or (value is not None and name in ("additionalItems", "dependencies", "$ref")):
            errors.append(forbidden(path.child(name), f"{name} is not supported"))
    if kind == "null":
        detail = "type cannot be set to null, use nullable as an alternative"
        errors.append(forbidden(path.child("type"), detail))
    if isinstance(schema.get("items"), list):
        errors.append(forbidden(path.child("items"), "items must be a schema object and not an array"))
    if demands.inside_metadata and schema.get(EMBEDDED):
        errors.append(forbidden(path.child(EMBEDDED), "must not be used inside of resource meta"))
    return errors


def _below_errors(schema: Object, path: Path, demands: _Demands, root: bool) -> ErrorList:
    errors: ErrorList = []
    additional, properties = schema.get("additionalProperties"), schema.get("properties") or {}
    if additional is not None:
        if properties and additional is not True:
            detail = "additionalProperties and properties are mutual exclusive"
            errors.append(forbidden(path.child("additionalProperties"), detail))
        if isinstance(additional, dict):
            inside = demands
            if demands.inside_metadata:
                inside = demands._replace(no_defaults="inside additionalProperties applying to object metadata")
            errors += _node_errors(additional, path.child("additionalProperties"), inside)
    for name, each in sorted(properties.items()):
        inside = demands
        if (root or schema.get(EMBEDDED)) and name in META:
            inside = inside._replace(inside_metadata=True)
            if root:
                inside = inside._replace(no_defaults=f"in top-level {name}")
        errors += _node_errors(each, path.child("properties").key(name), inside)
    if schema.get("not") is not None:
        errors += _node_errors(schema["not"], path.child("not"), demands)
    for junctor in ("allOf", "oneOf", "anyOf"):
        for index, each in enumerate(schema.get(junctor) or ()):
            errors += _node_errors(each, path.child(junctor).index(index), demands)
    items = schema.get("items")
    if isinstance(items, dict):
        errors += _node_errors(items, path.child("items"), demands)
    elif isinstance(items, list):
        for index, each in enumerate(items):
            errors += _node_errors(each, path.child("items").index(index), demands)
    return errors


# -- x-kubernetes-* --------------------------------------------------------------------------------------------------


def _extension_errors(schema: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if schema.get(PRESERVE) is False:
        errors.append(invalid(path.child(PRESERVE), False, "must be true or undefined"))
    map_type, list_type = schema.get(MAP_TYPE), schema.get(LIST_TYPE)
    if map_type is not None:
        errors += _of_type(schema, "object", MAP_TYPE, path)
        if map_type not in _MAP_TYPES:
            errors.append(not_supported(path.child(MAP_TYPE), map_type, _MAP_TYPES))
    if list_type is not None:
        wrong = _of_type(schema, "array", LIST_TYPE, path)
        errors += wrong or _set_item_errors(schema, path)
        if list_type not in _LIST_TYPES:
            errors.append(not_supported(path.child(LIST_TYPE), list_type, _LIST_TYPES))
    if schema.get(LIST_MAP_KEYS):
        detail = f"must be map if {LIST_MAP_KEYS} is non-empty"
        if list_type is None:
            errors.append(required(path.child(LIST_TYPE), detail))
        elif list_type != "map":
            errors.append(invalid(path.child(LIST_TYPE), list_type, detail))
    if list_type == "map":
        errors += _map_list_errors(schema, path)
    return errors + _key_errors(schema, path)


def _of_type(schema: Object, wanted: str, extension: str, path: Path) -> ErrorList:
    kind = schema.get("type") or ""
    if kind == wanted:
        return []
    detail = f"must be {wanted} if {extension} is specified"
    return [invalid(path.child("type"), kind, detail) if kind else required(path.child("type"), detail)]


def _set_item_errors(schema: Object, path: Path) -> ErrorList:
    """Items of a set are compared as wholes."""
    items = schema.get("items")
    if schema.get(LIST_TYPE) != "set" or not isinstance(items, dict):
        return []
    detail = f"must be atomic as item of a list with {LIST_TYPE}=set"
    own = items.get(LIST_TYPE)
    if items.get("type") == "array" and own not in (None, "atomic"):
        return [invalid(path.child("items", LIST_TYPE), own, detail)]
    if items.get("type") == "object" and items.get(MAP_TYPE) != "atomic":
        return [invalid(path.child("items", MAP_TYPE), own, detail)]  # upstream shows the list type here
    return []


def _map_list_errors(schema: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    keys, items = schema.get(LIST_MAP_KEYS) or [], schema.get("items")
    if not keys:
        errors.append(required(path.child(LIST_MAP_KEYS), f"must not be empty if {LIST_TYPE} is map"))
    if items is None:
        errors.append(required(path.child("items"), f"must have a schema if {LIST_TYPE} is map"))
    elif not isinstance(items, dict):
        errors.append(invalid(path.child("items"), items, f"must only have a single schema if {LIST_TYPE} is map"))
    elif items.get("type") != "object":
        detail = f"must be object if parent array's {LIST_TYPE} is map"
        errors.append(invalid(path.child("items", "type"), items.get("type") or "", detail))
    else:
        for index, key in enumerate(keys):
            errors += _map_key_errors(items, keys, index, key, path)
    return errors


def _map_key_errors(items: Object, keys: list[str], index: int, key: str, path: Path) -> ErrorList:
    errors: ErrorList = []
    found = (items.get("properties") or {}).get(key)
    if found is None:
        errors.append(invalid(path.child(LIST_MAP_KEYS), keys, "entries must all be names of item properties"))
    elif found.get("type") in ("array", "object"):
        where = path.child("items", "properties").key(key).child("type")
        errors.append(invalid(where, "object", f"must be a scalar type if parent array's {LIST_TYPE} is map"))
    if key in keys[:index]:
        errors.append(invalid(path.child(LIST_MAP_KEYS), keys, "must not contain duplicate entries"))
    return errors


def _key_errors(schema: Object, path: Path) -> ErrorList:
    """Items of sets and maps are never null, nor are the keys of maps ever absent (validateMapListKeysMapSet)."""
    list_type, items = schema.get(LIST_TYPE), schema.get("items")
    if list_type not in ("set", "map") or not isinstance(items, dict):
        return []
    errors: ErrorList = []
    if items.get("nullable"):
        detail = f"cannot be nullable when {LIST_TYPE} is {list_type}"
        errors.append(forbidden(path.child("items", "nullable"), detail))
    for key in (schema.get(LIST_MAP_KEYS) or ()) if list_type == "map" else ():
        found = (items.get("properties") or {}).get(key)
        if found is None:
            continue
        where = path.child("items", "properties").key(key)
        so = f"this property is in {LIST_MAP_KEYS}, so it"
        if key not in (items.get("required") or ()) and found.get("default") is None:
            errors.append(required(where.child("default"), f"{so} must have a default or be a required property"))
        if found.get("nullable"):
            errors.append(forbidden(where.child("nullable"), f"{so} cannot be nullable"))
    return errors
