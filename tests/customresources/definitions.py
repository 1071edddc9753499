"""CustomResourceDefinitions for tests."""

from __future__ import annotations

from typing import Any

from minikube_py.api.schema.schema import Schema
from minikube_py.api.schema.types import Type
from minikube_py.machinery.gvr import GroupVersionResource, Object

CRDS = GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions")
WIDGETS = GroupVersionResource("example.com", "v1", "widgets")
NAME = "widgets.example.com"


def object_of(**properties: Any) -> Object:
    """The schema of an object."""
    return {"type": "object", "properties": properties}


def version(name: str = "v1", schema: Object | None = None, **fields: Any) -> Object:
    return {
        "name": name,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema or object_of(spec=object_of(size={"type": "integer"}))},
        **fields,
    }


def crd(
    *versions: Object, plural: str = "widgets", kind: str = "Widget", scope: str = "Namespaced", **names: Any
) -> Object:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "scope": scope,
            "names": {"plural": plural, "kind": kind, **names},
            "versions": list(versions) or [version()],
        },
    }


def widget(name: str = "a", spec: Any = None, api_version: str = "example.com/v1", **metadata: Any) -> Object:
    head = {"apiVersion": api_version, "kind": "Widget"}
    body = {} if spec is None else {"spec": spec}
    return {**head, "metadata": {"name": name, "namespace": "default", **metadata}, **body}


def metadata_type() -> Type:
    found = Schema("1.36").definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
    assert found is not None
    return found


def condition(crd: Object, type: str) -> tuple[str, str, str]:
    """(status, reason, message), all empty if there is none."""
    for each in crd["status"].get("conditions") or ():
        if each["type"] == type:
            return each["status"], each["reason"], each["message"]
    return "", "", ""
