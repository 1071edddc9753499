"""Validation of embedded objects: x-kubernetes-embedded-resource asks for kind, apiVersion and sound metadata.

Upstream: apiextensions-apiserver/pkg/apiserver/schema/objectmeta/validation.go.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.customresources.structural import Structural
from minikube_py.machinery.field import FieldError, Path, invalid, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1035_label, path_segment_name
from minikube_py.machinery.objectmeta import validate_object_meta


def has_embedded(schema: Structural) -> bool:
    """Whether there is an embedded object anywhere below."""
    below = [*schema.properties.values(), schema.items, schema.additional]
    return any(each is not None and (each.embedded or has_embedded(each)) for each in below)


def validate_embedded(value: Any, schema: Structural | None, path: Path | None) -> list[FieldError]:
    """Errors of the embedded objects in a value, the value itself among them if its schema says so."""
    if schema is None:
        return []
    found: list[FieldError] = []
    if isinstance(value, dict):
        if schema.embedded:
            found += _errors(value, path)
        for key, item in value.items():
            below = schema.properties.get(key)
            if below is not None:
                found += validate_embedded(item, below, child(path, key))
            elif schema.additional is not None:
                found += validate_embedded(item, schema.additional, path.key(key) if path else Path(f"[{key}]"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += validate_embedded(item, schema.items, path.index(index) if path else Path(f"[{index}]"))
    return found


def child(path: Path | None, key: str) -> Path:
    return path.child(key) if path is not None else Path(key)


def _errors(obj: Object, path: Path | None) -> list[FieldError]:
    found = [required(child(path, name)) for name in ("apiVersion", "kind") if name not in obj]
    if "apiVersion" in obj:
        found += _version_errors(obj["apiVersion"], child(path, "apiVersion"))
    if "kind" in obj:
        found += _kind_errors(obj["kind"], child(path, "kind"))
    if isinstance(obj.get("metadata"), dict):
        metadata = obj["metadata"]
        named = metadata if metadata.get("name") else {**metadata, "name": "fakename"}
        namespaced = bool(metadata.get("namespace"))
        found += validate_object_meta(named, namespaced, path_segment_name, child(path, "metadata"))
    return found


def _version_errors(version: Any, path: Path) -> list[FieldError]:
    if not isinstance(version, str):
        return [invalid(path, version, "must be a string")]
    if not version:
        return [invalid(path, version, "must not be empty")]
    if version.count("/") > 1:
        return [invalid(path, version, f"unexpected GroupVersion string: {version}")]
    return []


def _kind_errors(kind: Any, path: Path) -> list[FieldError]:
    if not isinstance(kind, str):
        return [invalid(path, kind, "must be a string")]
    if not kind:
        return [invalid(path, kind, "must not be empty")]
    problems = dns1035_label(kind.lower())
    if problems:
        return [invalid(path, kind, "may have mixed case, but should otherwise match: " + ",".join(problems))]
    return []
