"""Types for these tests: a small kind with every sort of list and map."""

from __future__ import annotations

from typing import Any

from minikube_py.api.schema.types import Field, Type
from minikube_py.machinery.gvr import GroupVersionKind, Object

STRING, INT, BOOL = Type("string"), Type("int32"), Type("bool")
GVK = GroupVersionKind("example.com", "v1", "Thing")


def struct(_fields: dict[str, Type], *, map_type: str = "granular", always: tuple[str, ...] = ()) -> Type:
    fields = {
        name: Field(name, type, go_name=name.title(), omitempty=name not in always) for name, type in _fields.items()
    }
    return Type("struct", fields=fields, map_type=map_type)


def array(elem: Type, list_type: str = "atomic", keys: tuple[str, ...] = ()) -> Type:
    return Type("list", elem=elem, list_type=list_type, map_keys=keys)


def mapping(elem: Type, map_type: str = "granular") -> Type:
    return Type("map", elem=elem, map_type=map_type)


PORT = Type(
    "struct",
    fields={
        "port": Field("port", INT, go_name="Port", omitempty=False),
        "protocol": Field("protocol", STRING, default="TCP"),
        "title": Field("title", STRING),
    },
)
ITEM = struct(
    {"name": STRING, "image": STRING, "args": array(STRING), "ports": array(PORT, "map", ("port", "protocol"))}
)
METADATA = struct(
    {
        "name": STRING,
        "namespace": STRING,
        "uid": STRING,
        "resourceVersion": STRING,
        "labels": mapping(STRING),
        "annotations": mapping(STRING),
        "finalizers": array(STRING, "set"),
        "managedFields": array(Type("raw")),
    }
)
SPEC = struct(
    {
        "replicas": INT,
        "paused": BOOL,
        "items": array(ITEM, "map", ("name",)),
        "selector": mapping(STRING, "atomic"),
        "tags": array(STRING, "set"),
        "rule": struct({"a": STRING, "b": STRING}, map_type="atomic"),
        "raw": Type("raw"),
        "extension": Type("raw", go="runtime.RawExtension"),
        "limits": mapping(Type("quantity")),
        "strategy": struct({"type": STRING}),
    },
    always=("items", "strategy"),
)
STATUS = struct({"phase": STRING, "replicas": INT})
THING = struct(
    {"apiVersion": STRING, "kind": STRING, "metadata": METADATA, "spec": SPEC, "status": STATUS},
    always=("metadata", "spec", "status"),
)


def thing(spec: Any = None, status: Any = None, **metadata: Any) -> Object:
    out: Object = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t", **metadata}}
    if spec is not None:
        out["spec"] = spec
    if status is not None:
        out["status"] = status
    return out
