"""Requests gone wrong: recorded ones with parts replaced, dropped, doubled or moved."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

GARBAGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 1.5, -0.0, 1e308,
    "", " ", "a", "A b", "-", ".", "..", "/", "a/b", "a/b/c", "*", "x" * 300, "é", "\u2028", "\x00", "\U0001f600",
    "%zz", "0", "-1", "1e3", "100m", "1Gi", "5.5", "True", "null", "{", "$(X)", "10.0.0.1", "::1", "10.0.0.0/8",
    "2026-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "v1", "apps/v1", "Pod", "default",
    [], {}, [None], [[]], [{}], {"": ""}, {"a": None}, {"a": {"b": {"c": [1, "x", None]}}}, [1, "1", 1],
    {"$patch": "replace"}, {"$patch": "delete"}, {"$retainKeys": ["a"]}, [{"$patch": "replace"}],
    {"matchLabels": {"a": "b"}}, {"matchExpressions": [{"key": "a", "operator": "In", "values": []}]},
)  # fmt: skip
KEYS = (
    "", "a", "a/b", "a/b/c", "metadata", "spec", "status", "kind", "apiVersion", "name", "namespace", "labels",
    "annotations", "finalizers", "ownerReferences", "managedFields", "resourceVersion", "uid", "generation",
    "creationTimestamp", "deletionTimestamp", "generateName", "items", "$patch", "$setElementOrder/containers",
    "$deleteFromPrimitiveList/finalizers", "x" * 300, "é",
)  # fmt: skip
PARAMETERS: dict[str, tuple[str, ...]] = {
    "labelSelector": ("", "a", "!a", "a=b", "a in (b,c)", "a notin ()", "a in (", "=,", "a>1", "é", "a" * 400, ","),
    "fieldSelector": ("", "metadata.name=a", "metadata.name!=a", "spec.nodeName=", "x=y", "=", "a\\=b=c", ","),
    "limit": ("0", "1", "-1", "x", "9" * 30),
    "continue": ("", "x", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0", "e30", "bnVsbA", "W10", "é"),
    "resourceVersion": ("", "0", "1", "-1", "x", "9" * 30, "1.5"),
    "resourceVersionMatch": ("", "Exact", "NotOlderThan", "x"),
    "watch": ("", "1", "true", "0", "x"),
    "sendInitialEvents": ("true", "false", "x"),
    "allowWatchBookmarks": ("true", "x"),
    "timeoutSeconds": ("1", "0", "-1", "x", "9" * 30),
    "dryRun": ("All", "x", ""),
    "fieldManager": ("m", "", "x" * 200, "\x00", "é"),
    "fieldValidation": ("Strict", "Warn", "Ignore", "x"),
    "force": ("true", "x"),
    "pretty": ("true", "x"),
    "gracePeriodSeconds": ("0", "-1", "x", "9" * 30),
    "propagationPolicy": ("Orphan", "Foreground", "Background", "x"),
    "orphanDependents": ("true", "x"),
    "includeObject": ("None", "Metadata", "Object", "x"),
    "container": ("", "x"),
    "tailLines": ("1", "-1", "x"),
}  # fmt: skip
MEDIA_TYPES = (
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json",
    "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml",
    "application/apply-patch+cbor", "text/plain", "", "/", "application/json;charset=utf-8", "a;b;c=;", "*/*", "é",
)  # fmt: skip
ACCEPTS = (
    *MEDIA_TYPES,
    "application/json;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json",
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
    "application/json;as=Table;v=v9;g=meta.k8s.io",
    "application/json;stream=watch",
    "application/yaml;q=0.5,*/*;q=x",
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "x")
SEGMENTS = ("", "a", "status", "scale", "watch", "proxy", "namespaces", "pods", "..", "%00", "é", "api", "apis", "v1")
DEPTH = 3000


class Mutator:
    """Draws from one source of randomness."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def body(self, value: Any) -> Any:
        """A tree with some places changed, or bytes with some flipped."""
        if isinstance(value, bytes):
            return self.bytes(value)
        if isinstance(value, str):
            return self.bytes(value.encode())
        if self._chance(0.03):
            return self.bytes(json.dumps(value).encode())
        if self._chance(0.01):
            return b'{"a":' * DEPTH + b"1" + b"}" * DEPTH
        value = copy.deepcopy(value)
        for _ in range(self._random.randint(1, 4)):
            value = self._change(value)
        return value

    def bytes(self, value: bytes) -> bytes:
        data = bytearray(value)
        for _ in range(self._random.randint(1, 4)):
            at = self._random.randint(0, len(data))
            choice = self._random.randint(0, 3)
            if choice == 0:
                del data[at:]
            elif choice == 1:
                data[at:at] = bytes(self._random.randint(0, 255) for _ in range(3))
            elif choice == 2 and at < len(data):
                data[at] = self._random.randint(0, 255)
            else:
                data[at : at + 5] = data[:7]
        return bytes(data)

    def path(self, path: str) -> str:
        parts = path.split("/")
        at = self._random.randint(1, len(parts))
        choice = self._random.randint(0, 2)
        if choice == 0:
            parts.insert(at, self._random.choice(SEGMENTS))
        elif choice == 1 and at < len(parts):
            parts[at] = self._random.choice(SEGMENTS)
        else:
            del parts[at:]
        return "/".join(parts) or "/"

    def query(self, query: dict[str, str]) -> dict[str, str]:
        names = self._random.sample(sorted(PARAMETERS), self._random.randint(1, 3))
        return query | {name: self._random.choice(PARAMETERS[name]) for name in names}

    def headers(self, headers: dict[str, str]) -> dict[str, str]:
        name = self._random.choice(("Accept", "Content-Type", "User-Agent"))
        values = {
            "Accept": ACCEPTS,
            "Content-Type": MEDIA_TYPES,
            "User-Agent": ("", "/", "é", "x" * 500, "Mozilla/5.0"),
        }
        return headers | {name: self._random.choice(values[name])}

    def method(self) -> str:
        return self._random.choice(METHODS)

    def _chance(self, of: float) -> bool:
        return self._random.random() < of

    def _change(self, value: Any) -> Any:
        """Somewhere at or below the value."""
        if not isinstance(value, (dict, list)) or not value or self._chance(0.12):
            return self._replaced(value)
        if isinstance(value, dict):
            key = self._random.choice(list(value))
            value[key] = self._change(value[key])
            return value
        at = self._random.randrange(len(value))
        value[at] = self._change(value[at])
        return value

    def _replaced(self, value: Any) -> Any:
        choice = self._random.randint(0, 5)
        if isinstance(value, dict) and choice < 4:
            if value and choice == 0:
                del value[self._random.choice(list(value))]
            else:
                value[self._random.choice(KEYS)] = self._garbage()
            return value
        if isinstance(value, list) and choice < 4:
            if value and choice == 0:
                del value[self._random.randrange(len(value))]
            elif value and choice == 1:
                value.append(copy.deepcopy(self._random.choice(value)))
            else:
                value.insert(self._random.randint(0, len(value)), self._garbage())
            return value
        if isinstance(value, str) and choice == 0:
            return value + self._random.choice(("x", "/", " ", "\n", "-", "é", "\x00", "=" * 70))
        if isinstance(value, int) and choice == 0:
            return -value
        return self._garbage()

    def _garbage(self) -> Any:
        return copy.deepcopy(self._random.choice(GARBAGE))
