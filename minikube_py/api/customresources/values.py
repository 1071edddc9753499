"""Validation of values against an OpenAPI schema, in kube-openapi's words and order.

A schema is compiled once into a closure; a `Result` counts what matched, for of several alternatives (anyOf, oneOf)
that do not fit the one that fits best is explained. Properties are visited in the order of their names, where Go's
maps have none. Upstream: kube-openapi/pkg/validation/validate, apiextensions-apiserver/pkg/apiserver/validation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from minikube_py.api.customresources.formats import known_format
from minikube_py.api.customresources.scalars import number_check, string_check
from minikube_py.api.customresources.structural import INT_OR_STRING
from minikube_py.api.customresources.violation import Violation, in_body, invalid_type
from minikube_py.machinery.field import FieldError, not_supported, too_many
from minikube_py.machinery.gotext import json_text, quote
from minikube_py.machinery.gvr import Object


class Result(NamedTuple):
    """What was found of a value: what is wrong, each thing once, and how many checks it took that passed."""

    errors: list[Violation]
    matches: int


Check = Callable[[Any, str], Result]
"""(value, its path) -> result."""
Part = Callable[[Any, str, list[Violation]], int]
"""One aspect of a value: notes what is wrong and returns how many checks matched."""


class Validator:
    """Validates the values of one schema, compiled when it is first asked. `minor`: which formats are known depends on
    Kubernetes' version."""

    def __init__(self, schema: Object, minor: int) -> None:
        self._schema = schema
        self._minor = minor
        self._check: Check | None = None

    def errors(self, value: Any, prefix: str = "") -> list[FieldError]:
        """`prefix` is the field that errors name in front ("status")."""
        if self._check is None:
            self._check = compile_schema(self._schema, self._minor)
        found = self._check(value, "").errors
        return [violation.field_error(prefix) for violation in found] if found else []


def compile_schema(schema: Object, minor: int) -> Check:
    types = _types(schema)
    format = known_format(schema.get("format") or "", types, minor)
    type_part = _type_part(types, format, bool(schema.get("nullable")))
    enum_part = _enum_part(schema.get("enum"))
    junctors = _junctor_part(schema, minor)
    text = string_check(schema, format)
    number = number_check(schema, types, format)
    items, fields = _list_part(schema, minor), _object_part(schema, minor)

    def check(value: Any, path: str) -> Result:
        errors: list[Violation] = []
        if value is None:
            matches = type_part(None, path, errors) if type_part is not None else 0
            enum_part(value, path, errors)
            return Result(errors, matches)
        applied = 2  # junctors and enum apply to whatever there is
        matches = 0
        if type_part is not None:
            matches += type_part(value, path, errors)
            applied += 1
        matches += junctors(value, path, errors)
        kind = value.__class__
        if kind is str:
            text(value, path, errors)
            applied += 2 if format else 1
        elif kind is int or kind is float:
            number(value, path, errors)
            matches += 1
            applied += 1
        elif kind is list:
            matches += items(value, path, errors)
            applied += 1
        enum_part(value, path, errors)
        if kind is dict:
            matches += fields(value, path, errors)
            applied += 1
        return Result(errors, matches + applied + 1)

    return check


def _types(schema: Object) -> tuple[str, ...]:
    if schema.get(INT_OR_STRING):
        return ("integer", "string")
    return (schema["type"],) if schema.get("type") else ()


def merge(errors: list[Violation], found: list[Violation]) -> None:
    """Add what is not said yet."""
    for violation in found:
        if not any(violation.message == known.message for known in errors):
            errors.append(violation)


# -- type and enum ---------------------------------------------------------------------------------------------------

_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
_FORMATS = {int: "int64", float: "float64"}


def _type_part(types: tuple[str, ...], format: str, nullable: bool) -> Part | None:
    if not types and not format:
        return None
    numeric = "number" in types or "integer" in types
    named = ",".join(types)

    def part(value: Any, path: str, errors: list[Violation]) -> int:
        if value is None:
            if types and not nullable:
                errors.append(invalid_type(path, named, "null"))
                return 0
            return 1
        kind = _NAMES[value.__class__]
        fits = kind in types or (kind == "integer" and "number" in types)
        if format:
            own = _FORMATS.get(value.__class__, "")
            if kind not in ("string", "array"):
                if not fits and own != format:
                    errors.append(invalid_type(path, format, own))
                    return 0
            elif not numeric:
                return 1
        if not fits:
            errors.append(invalid_type(path, named, kind))
            return 0
        return 1

    return part


def _enum_part(allowed: list[Any] | None) -> Part:
    if not allowed:
        return lambda value, path, errors: 0
    names = [each if isinstance(each, str) else json_text(each) for each in allowed]

    def part(value: Any, path: str, errors: list[Violation]) -> int:
        if not any(same(value, each) for each in allowed):
            message = in_body(path, f"should be one of [{' '.join(names)}]")
            errors.append(Violation(message, lambda field: not_supported(field, value, names), path))
        return 0

    return part


def same(left: Any, right: Any) -> bool:
    """Equal as JSON values: True is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


# -- anyOf, oneOf, allOf, not ----------------------------------------------------------------------------------------


def _junctor_part(schema: Object, minor: int) -> Part:
    any_of, one_of, all_of = (
        [compile_schema(each, minor) for each in schema.get(name) or ()] for name in ("anyOf", "oneOf", "allOf")
    )
    negated = compile_schema(schema["not"], minor) if schema.get("not") is not None else None
    if not (any_of or one_of or all_of or negated):
        return lambda value, path, errors: 1

    def part(value: Any, path: str, errors: list[Violation]) -> int:
        matches = 1
        if any_of:
            matches += _any_of(any_of, value, path, errors)
        if one_of:
            matches += _one_of(one_of, value, path, errors)
        if all_of:
            matches += _all_of(all_of, value, path, errors)
        if negated is not None and not negated(value, path).errors:
            merge(errors, [_composite(path, "must not validate the schema (not)")])
        return matches

    return part


def _any_of(checks: list[Check], value: Any, path: str, errors: list[Violation]) -> int:
    best: Result | None = None
    for check in checks:
        result = check(value, path)
        if not result.errors:
            return result.matches
        if best is None or result.matches > best.matches:
            best = result
    assert best is not None, "anyOf has alternatives"
    merge(errors, [_composite(path, "must validate at least one schema (anyOf)"), *best.errors])
    return best.matches


def _one_of(checks: list[Check], value: Any, path: str, errors: list[Violation]) -> int:
    results = [check(value, path) for check in checks]
    valid = [result for result in results if not result.errors]
    if len(valid) == 1:
        return valid[0].matches
    found = f"Found {len(valid)} valid alternatives" if valid else "Found none valid"
    merge(errors, [_composite(path, f"must validate one and only one schema (oneOf). {found}")])
    if valid:
        return 0
    best = max(results, key=lambda result: result.matches)  # the first of the best
    merge(errors, best.errors)
    return best.matches


def _all_of(checks: list[Check], value: Any, path: str, errors: list[Violation]) -> int:
    results = [check(value, path) for check in checks]
    for result in results:
        merge(errors, result.errors)
    valid = sum(not result.errors for result in results)
    if valid != len(results):
        none = "" if valid else ". None validated"
        merge(errors, [_composite(path, f"must validate all the schemas (allOf){none}")])
    return sum(result.matches for result in results)


def _composite(path: str, text: str) -> Violation:
    """An error of no field of its own."""
    return Violation(f"{quote(path)} {text}")


# -- lists and objects -----------------------------------------------------------------------------------------------


def _list_part(schema: Object, minor: int) -> Part:
    items = schema.get("items")
    each = compile_schema(items, minor) if isinstance(items, dict) else None
    least, most, unique = schema.get("minItems"), schema.get("maxItems"), schema.get("uniqueItems")

    def part(value: Any, path: str, errors: list[Violation]) -> int:
        matches = 1
        if each is not None:
            for index, item in enumerate(value):
                result = each(item, f"{path}[{index}]")
                matches += result.matches
                if result.errors:
                    merge(errors, result.errors)
        size = len(value)
        if least is not None and size < least:
            errors.append(Violation(in_body(path, f"should have at least {least} items"), size, path))
        if most is not None and size > most:
            message = in_body(path, f"should have at most {most} items")
            errors.append(Violation(message, lambda field: too_many(field, size, most), path))
        if unique and any(same(item, other) for index, item in enumerate(value) for other in value[:index]):
            errors.append(Violation(in_body(path, "shouldn't contain duplicates"), "", path))
        return matches

    return part


def _object_part(schema: Object, minor: int) -> Part:
    properties = {name: compile_schema(each, minor) for name, each in sorted((schema.get("properties") or {}).items())}
    additional = schema.get("additionalProperties")
    other = compile_schema(additional, minor) if isinstance(additional, dict) else None
    closed = additional is False
    required: list[str] = schema.get("required") or []
    least, most = schema.get("minProperties"), schema.get("maxProperties")

    def part(value: Any, path: str, errors: list[Violation]) -> int:
        size, matches = len(value), 0
        if least is not None and size < least:
            errors.append(Violation(in_body(path, f"should have at least {least} properties"), size, path))
        if most is not None and size > most:
            message = in_body(path, f"should have at most {most} properties")
            errors.append(Violation(message, lambda field: too_many(field, size, most), path))
        if closed or other is not None:
            for key in value:
                if key in properties:
                    continue
                if other is None:
                    message = f"{path}.{key} in body is a forbidden property"
                    errors.append(Violation(message, key, path))
                    continue
                result = other(value[key], f"{path}.{key}")
                matches += result.matches
                merge(errors, result.errors)
        for name, check in properties.items():
            if name in value:
                result = check(value[name], f"{path}.{name}" if path else name)
                matches += result.matches
                if result.errors:
                    merge(errors, result.errors)
        for name in required:
            if name not in value:
                merge(errors, [Violation.required(f"{path}.{name}")])
        return matches

    return part
