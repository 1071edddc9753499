"""Parts of a CRD as messages show them: upstream prints its internal types, whose fields have no JSON names.

Upstream: apiextensions-apiserver/pkg/apis/apiextensions/{types,types_jsonschema}.go.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.customresources.structural import (
    EMBEDDED,
    INT_OR_STRING,
    LIST_MAP_KEYS,
    LIST_TYPE,
    MAP_TYPE,
    PRESERVE,
    VALIDATIONS,
)
from minikube_py.machinery.gvr import Object

_PLAIN: tuple[tuple[str, str, Any], ...] = (
    ("ID", "id", ""),
    ("Schema", "$schema", ""),
    ("Ref", "$ref", None),
    ("Description", "description", ""),
    ("Type", "type", ""),
    ("Nullable", "nullable", False),
    ("Format", "format", ""),
    ("Title", "title", ""),
    ("Default", "default", None),
    ("Maximum", "maximum", None),
    ("ExclusiveMaximum", "exclusiveMaximum", False),
    ("Minimum", "minimum", None),
    ("ExclusiveMinimum", "exclusiveMinimum", False),
    ("MaxLength", "maxLength", None),
    ("MinLength", "minLength", None),
    ("Pattern", "pattern", ""),
    ("MaxItems", "maxItems", None),
    ("MinItems", "minItems", None),
    ("UniqueItems", "uniqueItems", False),
    ("MultipleOf", "multipleOf", None),
    ("Enum", "enum", None),
    ("MaxProperties", "maxProperties", None),
    ("MinProperties", "minProperties", None),
    ("Required", "required", None),
)
"""Go's name, JSON's, and what Go prints where nothing is said."""

_EXTENSIONS: tuple[tuple[str, str, Any], ...] = (
    ("XPreserveUnknownFields", PRESERVE, None),
    ("XEmbeddedResource", EMBEDDED, False),
    ("XIntOrString", INT_OR_STRING, False),
    ("XListMapKeys", LIST_MAP_KEYS, None),
    ("XListType", LIST_TYPE, None),
    ("XMapType", MAP_TYPE, None),
)


def internal_version(version: Object, shared: frozenset[str]) -> Object:
    """A version; `shared` are the parts that all have alike and that stand elsewhere therefore."""
    parts = {name: value for name, value in version.items() if name not in shared}
    columns, fields = parts.get("additionalPrinterColumns"), parts.get("selectableFields")
    schema = parts.get("schema")
    return {
        "Name": version.get("name", ""),
        "Served": bool(version.get("served")),
        "Storage": bool(version.get("storage")),
        "Deprecated": bool(version.get("deprecated")),
        "DeprecationWarning": version.get("deprecationWarning"),
        "Schema": None if schema is None else {"OpenAPIV3Schema": internal_schema(schema.get("openAPIV3Schema"))},
        "Subresources": _subresources(parts.get("subresources")),
        "AdditionalPrinterColumns": [_column(each) for each in columns] if columns else None,
        "SelectableFields": [{"JSONPath": each.get("jsonPath", "")} for each in fields] if fields else None,
    }


def internal_schema(schema: Object | None) -> Object | None:
    if schema is None:
        return None
    found = {go: schema.get(name, absent) for go, name, absent in _PLAIN}
    items = schema.get("items")
    if isinstance(items, list):
        found["Items"] = {"Schema": None, "JSONSchemas": [internal_schema(each) for each in items]}
    else:
        found["Items"] = {"Schema": internal_schema(items), "JSONSchemas": None} if items is not None else None
    for name in ("allOf", "oneOf", "anyOf"):
        found[f"{name[0].upper()}{name[1:]}"] = [internal_schema(each) for each in schema.get(name) or ()] or None
    found["Not"] = internal_schema(schema.get("not"))
    found["Properties"] = _by_name(schema.get("properties"))
    found["AdditionalProperties"] = _or_bool(schema.get("additionalProperties"))
    found["PatternProperties"] = _by_name(schema.get("patternProperties"))
    found["Dependencies"] = None
    found["AdditionalItems"] = _or_bool(schema.get("additionalItems"))
    found["Definitions"] = _by_name(schema.get("definitions"))
    docs = schema.get("externalDocs")
    found["ExternalDocs"] = docs and {"Description": docs.get("description", ""), "URL": docs.get("url", "")}
    found["Example"] = schema.get("example")
    found |= {go: schema.get(name, absent) for go, name, absent in _EXTENSIONS}
    found["XValidations"] = [_rule(each) for each in schema.get(VALIDATIONS) or ()] or None
    return found


def _by_name(schemas: Object | None) -> Object | None:
    return {name: internal_schema(schemas[name]) for name in sorted(schemas)} if schemas else None


def _or_bool(schema: Any) -> Object | None:
    if schema is None:
        return None
    given = isinstance(schema, dict)
    return {"Allows": given or bool(schema), "Schema": internal_schema(schema) if given else None}


def _rule(rule: Object) -> Object:
    return {
        "Rule": rule.get("rule", ""),
        "Message": rule.get("message", ""),
        "MessageExpression": rule.get("messageExpression", ""),
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath", ""),
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }


def _subresources(subresources: Object | None) -> Object | None:
    if subresources is None:
        return None
    scale = subresources.get("scale")
    return {"Status": {} if subresources.get("status") is not None else None, "Scale": scale and _scale(scale)}


def _scale(scale: Object) -> Object:
    return {
        "SpecReplicasPath": scale.get("specReplicasPath", ""),
        "StatusReplicasPath": scale.get("statusReplicasPath", ""),
        "LabelSelectorPath": scale.get("labelSelectorPath"),
    }


def _column(column: Object) -> Object:
    return {
        "Name": column.get("name", ""),
        "Type": column.get("type", ""),
        "Format": column.get("format", ""),
        "Description": column.get("description", ""),
        "Priority": column.get("priority", 0),
        "JSONPath": column.get("jsonPath", ""),
    }
