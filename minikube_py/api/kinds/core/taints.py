"""Taints of nodes (pkg/apis/core/validation validateNodeTaints)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minikube_py.machinery.field import ErrorList, FieldError, Path, as_json, invalid, not_supported, required
from minikube_py.machinery.names import label_value
from minikube_py.machinery.objectmeta import validate_label_name

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")

Taint = dict[str, Any]


def validate_taints(taints: Sequence[Taint], path: Path) -> ErrorList:
    """Key, value and effect of each; no two of the same key and effect."""
    errors: ErrorList = []
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        at = path.index(index)
        key, value, effect = taint.get("key") or "", taint.get("value") or "", taint.get("effect") or ""
        errors += validate_label_name(key, at.child("key"))
        if problems := label_value(value):
            errors.append(invalid(at.child("value"), value, ";".join(problems)))
        errors += _effect_errors(effect, at.child("effect"))
        if (key, effect) in seen:
            shown = {"Key": key, "Value": value, "Effect": effect, "TimeAdded": taint.get("timeAdded")}
            detail = "taints must be unique by key and effect pair"
            errors.append(FieldError("FieldValueDuplicate", at, shown, detail))
        seen.add((key, effect))
    return errors


def _effect_errors(effect: str, path: Path) -> ErrorList:
    if not effect:
        return [required(path)]
    return [] if effect in EFFECTS else [not_supported(path, as_json(effect), EFFECTS)]
