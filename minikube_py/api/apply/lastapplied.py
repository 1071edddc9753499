"""Moving from client-side to server-side apply: the annotation kubectl.kubernetes.io/last-applied-configuration.

Upstream: apimachinery pkg/util/managedfields/internal/{lastapplied,lastappliedmanager,lastappliedupdater}.go.
"""

from __future__ import annotations

import json
from typing import Any

from minikube_py.api.apply import fieldset
from minikube_py.api.apply.atom import TypedError
from minikube_py.api.apply.fieldset import LEAF, FieldSet
from minikube_py.api.apply.updater import Updater, compare
from minikube_py.machinery.gotext import json_text
from minikube_py.machinery.gvr import Object

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MAX_ANNOTATIONS = 256 * 1024
"""Bytes of all keys and values together."""


def allowed_conflicts(updater: Updater, live: Object) -> FieldSet:
    """What client-side apply wrote and nobody changed since: `kubectl apply --server-side` may take it from its
    owners. Empty where the annotation is not there or is of no use."""
    text = ((live.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return LEAF
    try:
        last = json.loads(text)
    except ValueError:
        return LEAF
    if not isinstance(last, dict) or last.get("apiVersion") != updater.api_version or not last.get("kind"):
        return LEAF
    errors: list[str] = []
    for obj in (last, live):
        fields = {name: value for name, value in obj.items() if name not in ("apiVersion", "kind")}
        updater.atom.validate(fields, "", errors)
    if errors:
        return LEAF
    try:
        changed, removed = compare(updater.atom, last, live)
        return fieldset.difference(fieldset.difference(updater.field_set(last), changed), removed)
    except TypedError:
        return LEAF


def with_last_applied(obj: Object, patch: Object) -> Object:
    """`obj` with the annotation telling of `patch`, if it has the annotation already; dropped if it is too large."""
    annotations = (obj.get("metadata") or {}).get("annotations") or {}
    if not annotations.get(LAST_APPLIED):
        return obj
    text = _text(patch)
    if annotations[LAST_APPLIED] == text:
        return obj
    changed = {**annotations, LAST_APPLIED: text}
    if sum(len(key.encode()) + len(value.encode()) for key, value in changed.items()) > MAX_ANNOTATIONS:
        del changed[LAST_APPLIED]
    return {**obj, "metadata": {**obj["metadata"], "annotations": changed}}


def _text(patch: Object) -> str:
    metadata = dict(patch.get("metadata") or {})
    if metadata.get("annotations") is not None:
        annotations = metadata["annotations"]
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
    return json_text(_sorted({**patch, "metadata": metadata})) + "\n"


def _sorted(value: Any) -> Any:
    """As encoding/json writes Go maps."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
