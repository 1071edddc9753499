"""Validation of a schema's defaults: what they set must be known to the schema, and valid.

Upstream: apiextensions-apiserver/pkg/apiserver/schema/defaulting/validation.go; rules are not evaluated.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minikube_py.api.customresources.decoding import EmbeddedError, Pruning, plain
from minikube_py.api.customresources.embedded import validate_embedded
from minikube_py.api.customresources.structural import META, Structural, as_resource
from minikube_py.api.customresources.values import Validator
from minikube_py.api.schema.decode import DecodeError, decode
from minikube_py.api.schema.types import Type
from minikube_py.machinery.field import ErrorList, FieldError, Path, aggregate, invalid

Keys = tuple[str | int, ...]


class Facts(NamedTuple):
    """What of the server's version validation depends on."""

    minor: int
    metadata: Type
    """Of ObjectMeta."""


class _Validation:
    def __init__(self, facts: Facts) -> None:
        self._minor = facts.minor
        self._metadata = facts.metadata

    def errors(self, schema: Structural, path: Path, keys: Keys, inside: bool) -> ErrorList:
        """`keys` lead from the object around to here, `inside` tells whether through its metadata."""
        if schema.embedded:
            keys, inside = (), False
        errors: ErrorList = []
        if schema.default is not None:
            check = self._inside_errors if inside else self._default_errors
            errors += check(schema, path.child("default"), keys)
        if schema.items is not None:
            errors += self.errors(schema.items, path.child("items"), (*keys, 0), inside)
        for name, each in sorted(schema.properties.items()):
            below = path.child("properties").key(name)
            errors += self.errors(each, below, (*keys, name), inside or (schema.embedded and name in META))
        return errors

    def _default_errors(self, schema: Structural, path: Path, keys: Keys) -> ErrorList:
        pruning = Pruning(self._metadata)
        try:
            pruning.pruned(schema.default, schema, None)
        except EmbeddedError as problem:
            return [_below(path, problem.error)]
        errors: ErrorList = []
        if pruning.unknown:
            errors.append(invalid(path, plain(schema.default), "must not have unknown fields"))
        found = validate_embedded(schema.default, schema, path)
        return errors + (found or Validator(schema.schema, self._minor).errors(schema.default, str(path)))

    def _inside_errors(self, schema: Structural, path: Path, keys: Keys) -> ErrorList:
        """A default of an embedded object's kind, apiVersion or metadata: an object with it must be sound."""
        obj: Any = schema.default
        for key in reversed(keys):
            obj = [obj] if isinstance(key, int) else {key: obj}
        try:
            metadata = decode(self._metadata, obj.get("metadata")).object
        except DecodeError as problem:
            text = invalid(Path("metadata"), plain(obj.get("metadata")), str(problem)).message()
            return [invalid(path, plain(schema.default), f"must result in valid metadata: {text}")]
        whole = {"apiVersion": "validation/v1", "kind": "Validation", **obj, "metadata": metadata}
        if found := validate_embedded(whole, as_resource(Structural({"type": "object"})), None):
            return [invalid(path, plain(schema.default), f"must result in valid metadata: {aggregate(found)}")]
        return Validator(schema.schema, self._minor).errors(schema.default, str(path))


def _below(path: Path, error: FieldError) -> FieldError:
    return FieldError(error.type, f"{path}.{error.field}", error.bad_value, error.detail)


def validate_defaults(schema: Structural, facts: Facts, path: Path) -> ErrorList:
    """Errors of the defaults of a version's whole schema."""
    return _Validation(facts).errors(as_resource(schema), path, (), False)
