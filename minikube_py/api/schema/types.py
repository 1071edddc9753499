"""Compiled types: the one shape that decoding, patches, apply, protobuf and OpenAPI all read.

A Type is what Go and OpenAPI together say of a value. Built-in kinds are compiled from the tables at
first use; a CRD's structural schema compiles to the same classes.

shape        JSON value                      Go
"string"     string                          string and named strings
"bool"       true, false                     bool
"int32"      integer (also "int64", "uint8"  int32 ...; range-checked
             "uint32", "uint64", "int")
"float64"    number                          float64
"bytes"      base64 string                   []byte
"time"       RFC 3339 string or null         metav1.Time (whole seconds)
"microtime"  RFC 3339 string with micros     metav1.MicroTime
"duration"   Go duration string              metav1.Duration
"quantity"   string or number                resource.Quantity, canonicalised
"intorstring" integer or string              intstr.IntOrString
"raw"        any JSON, kept as it is         runtime.RawExtension, FieldsV1, apiextensions JSON; with `elem` a
                                             JSONSchemaPropsOrBool, OrArray or OrStringArray: that schema or the other
"struct"     object of known fields          struct: `fields`
"map"        object of string keys           map[string]T: `elem`
"list"       array                           []T: `elem`, `list_type`, `map_keys`
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minikube_py.api.schema.decode import Decoded


class Field:
    """One field of a struct."""

    __slots__ = (
        "default",
        "description",
        "embedded",
        "go_name",
        "inlined",
        "json",
        "number",
        "omitempty",
        "patch_merge_key",
        "patch_strategies",
        "pointer",
        "required",
        "type",
        "wire",
    )

    def __init__(
        self,
        json: str,
        type: Type,
        *,
        go_name: str = "",
        pointer: bool = False,
        omitempty: bool = True,
        required: bool = False,
        number: int = 0,
        wire: str = "",
        embedded: tuple[int, ...] = (),
        inlined: tuple[str, ...] = (),
        patch_strategies: frozenset[str] = frozenset(),
        patch_merge_key: str = "",
        default: Any = None,
        description: str = "",
    ) -> None:
        self.json = json
        """The JSON name. Inlined Go structs are flattened: their fields stand in the outer struct."""
        self.type = type
        self.go_name = go_name
        self.pointer = pointer
        self.omitempty = omitempty
        """False: the zero value is on the wire too ("rules": null, "status": {})."""
        self.required = required
        self.number = number
        """Protobuf field number, 0 where there is none."""
        self.wire = wire
        self.embedded = embedded
        """Protobuf numbers of the inlined Go structs around it: a Volume's sources are in its field 2."""
        self.inlined = inlined
        """Go names of all inlined structs around it, which Go's error messages name: ("VolumeSource",)."""
        self.patch_strategies = patch_strategies
        """Of strategic merge patch: "merge", "retainKeys", "replace"."""
        self.patch_merge_key = patch_merge_key
        self.default = default
        self.description = description


class Type:
    """What a value is. Struct fields are compiled when first asked for, so that recursion (JSONSchemaProps)
    and unused kinds cost nothing."""

    __slots__ = (
        "_fields",
        "_load",
        "decoder",
        "elem",
        "elem_pointer",
        "go",
        "list_type",
        "map_keys",
        "map_type",
        "name",
        "nullable",
        "preserve_unknown",
        "read",
        "shape",
    )

    def __init__(
        self,
        shape: str,
        *,
        go: str = "",
        name: str = "",
        elem: Type | None = None,
        elem_pointer: bool = False,
        fields: dict[str, Field] | None = None,
        load: Callable[[], dict[str, Field]] | None = None,
        list_type: str = "atomic",
        map_keys: tuple[str, ...] = (),
        map_type: str = "granular",
        preserve_unknown: bool = False,
        nullable: bool = False,
    ) -> None:
        self.shape = shape
        self.go = go
        """As Go's error messages name it: "int32", "v1.DeploymentSpec", "map[string]string"."""
        self.name = name
        """The OpenAPI definition of a struct: "io.k8s.api.apps.v1.DeploymentSpec"."""
        self.elem = elem
        self.elem_pointer = elem_pointer
        self._fields = fields
        self._load = load
        self.list_type = list_type
        """Server-side apply's: "atomic", "set" or "map"."""
        self.map_keys = map_keys
        """Of list_type "map"."""
        self.map_type = map_type
        """Of structs and maps: "granular" or "atomic"."""
        self.preserve_unknown = preserve_unknown
        self.nullable = nullable
        self.decoder: Callable[[Any, list[bool]], Any] | None = None
        """Made by decode.py when the type is first decoded."""
        self.read: Callable[[Any], Decoded] | None = None
        """How values are decoded that follow other rules than Go's structs: custom objects."""

    @property
    def fields(self) -> dict[str, Field]:
        """A struct's fields by JSON name, in Go's order. Empty for other shapes."""
        if self._fields is None:
            self._fields = self._load() if self._load is not None else {}
        return self._fields

    def __repr__(self) -> str:
        return f"Type({self.shape} {self.name or self.go})"
