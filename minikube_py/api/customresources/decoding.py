"""Reading a custom object: what its schema does not know is pruned, nulls that may not be are dropped, and metadata
is typed.

Keys come out sorted and whole numbers as integers, as Go writes them. Upstream: apiextensions-apiserver's
unstructuredSchemaCoercer (customresource_handler.go), schema/pruning, schema/defaulting/prunenulls.go and
schema/objectmeta.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.customresources.structural import META, Structural
from minikube_py.api.patch.decode import kind_of
from minikube_py.api.schema.decode import Decoded, DecodeError, decode
from minikube_py.api.schema.types import Type
from minikube_py.machinery.field import FieldError, Path, invalid
from minikube_py.machinery.gvr import Object

Place = tuple[Any, str | int] | None
"""Where a value stands: (the place around it, its key or index); None for the root."""

_INT64 = 2**63
"""Whole numbers from here on are floats."""


class Decoder:
    """Reads the objects of one version of one custom kind."""

    def __init__(self, schema: Structural, metadata: Type) -> None:
        """`metadata` is the type of ObjectMeta."""
        self._schema = schema
        self._metadata = metadata

    def decode(self, tree: Any) -> Decoded:
        """The object as a new tree, and the paths of what was dropped. Raises DecodeError."""
        if not isinstance(tree, dict):
            found = kind_of(tree)
            raise DecodeError(f"json: cannot unmarshal {found} into Go value of type map[string]interface {{}}")
        run = Pruning(self._metadata)
        head: Object = {key: tree[key] for key in ("apiVersion", "kind") if key in tree}
        metadata = decode(self._metadata, tree.get("metadata"))
        body = run.pruned({key: tree[key] for key in tree if key not in META}, self._schema, None)
        unknown = [f"metadata.{path}" for path in metadata.unknown]
        head["metadata"] = _set(metadata.object)
        return Decoded({**head, **body}, [*unknown, *sorted(run.unknown), *sorted(run.unknown_metadata)])


class EmbeddedError(DecodeError):
    """An embedded object has no sound kind, apiVersion or metadata."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error.message())
        self.error = error


class Pruning:
    """One value being read. `unknown` has the paths of what was dropped."""

    def __init__(self, metadata: Type) -> None:
        self._metadata = metadata
        self.unknown: list[str] = []
        self.unknown_metadata: list[str] = []

    def pruned(self, value: Any, schema: Structural | None, place: Place) -> Any:
        if schema is not None and schema.preserve:
            return self.kept(value, schema, place)
        if value.__class__ is dict:
            return self._pruned_object(value, schema, place)
        if value.__class__ is list:
            items = schema.items if schema is not None else None
            return [self.pruned(item, items, (place, index)) for index, item in enumerate(value)]
        return _scalar(value)

    def kept(self, value: Any, schema: Structural | None, place: Place) -> Any:
        """What stands under x-kubernetes-preserve-unknown-fields; what its schema does describe is pruned even so."""
        if schema is None:
            return plain(value)
        if value.__class__ is dict:
            out: Object = {}
            for key in sorted(value):
                item, below = value[key], schema.of(key)
                if schema.embedded and key in META:
                    self._embedded(out, key, item, place)
                elif below is None:
                    out[key] = plain(item)
                elif item is not None or below.nullable or below.default is not None:
                    out[key] = self.pruned(item, below, (place, key))
            return out
        if value.__class__ is list:
            return [self.kept(item, schema.items, (place, index)) for index, item in enumerate(value)]
        return _scalar(value)

    def _pruned_object(self, value: Object, schema: Structural | None, place: Place) -> Object:
        out: Object = {}
        if schema is None:
            self.unknown.extend(path_text((place, key)) for key in value)
            return out
        properties, additional = schema.properties, schema.additional
        for key in sorted(value):
            item = value[key]
            if schema.embedded and key in META:
                self._embedded(out, key, item, place)
                continue
            below = properties.get(key)
            if below is None:
                if not schema.open:
                    self.unknown.append(path_text((place, key)))
                    continue
                below = additional
            if item is None:
                if below is None or below.nullable or below.default is not None:
                    out[key] = None
            else:
                out[key] = self.pruned(item, below, (place, key))
        return out

    def _embedded(self, out: Object, key: str, value: Any, place: Place) -> None:
        """kind, apiVersion and metadata of an embedded object. Raises DecodeError."""
        if key != "metadata":
            if not isinstance(value, str):
                raise EmbeddedError(invalid(_path((place, key)), value, "must be a string"))
            out[key] = value
            return
        try:
            metadata = decode(self._metadata, value)
        except DecodeError as error:
            raise EmbeddedError(invalid(_path((place, key)), plain(value), str(error))) from None
        prefix = path_text((place, key))
        self.unknown_metadata.extend(f"{prefix}.{path}" for path in metadata.unknown)
        found = _set(metadata.object)
        out[key] = {name: found[name] for name in sorted(found)}


def _set(metadata: Object) -> Object:
    """Without a creationTimestamp that nobody set, which older versions write of built-in kinds."""
    if "creationTimestamp" in metadata and metadata["creationTimestamp"] is None:
        del metadata["creationTimestamp"]
    return metadata


def plain(value: Any) -> Any:
    """A copy of any JSON value with sorted keys, and numbers as Go reads them: whole ones of 64 bits are integers."""
    if value.__class__ is dict:
        return {key: plain(value[key]) for key in sorted(value)}
    if value.__class__ is list:
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value.__class__ is float:
        return int(value) if value.is_integer() and abs(value) < _INT64 else value
    if value.__class__ is int and not -_INT64 <= value < _INT64:
        return float(value)
    return value


def path_text(place: Place) -> str:
    """ "spec.items[0].name"."""
    parts: list[str] = []
    while place is not None:
        place, key = place
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key}")
    return "".join(reversed(parts)).removeprefix(".")


def _path(place: Place) -> Path:
    return Path(path_text(place))
