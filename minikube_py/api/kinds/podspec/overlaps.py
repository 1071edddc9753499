"""Warnings about volumes that write one file twice: pkg/api/pod/warnings.go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object


class _Target(NamedTuple):
    path: str
    source: str
    """Which source of a projected volume writes it; "" elsewhere."""

    def __str__(self) -> str:
        return f"{quote(self.path)} ({self.source})" if self.source else quote(self.path)


def overlap_warnings(volumes: Sequence[Object]) -> list[str]:
    warnings = []
    for volume in volumes:
        name = volume.get("name", "")
        if source := volume.get("configMap"):
            warnings += _warn(name, f"ConfigMap {quote(source.get('name', ''))}", _overlaps(_targets(source)))
        if source := volume.get("secret"):
            warnings += _warn(name, f"Secret {quote(source.get('secretName', ''))}", _overlaps(_targets(source)))
        if source := volume.get("downwardAPI"):
            warnings += _warn(name, "DownwardAPI", _overlaps(_targets(source)))
        if source := volume.get("projected"):
            warnings += _projected_warnings(name, source)
    return warnings


def _warn(name: str, what: str, overlaps: Iterable[str]) -> list[str]:
    return [f"volume {quote(name)} ({what}): overlapping paths: {overlap}" for overlap in overlaps]


def _targets(source: Object, shown: str = "") -> list[_Target]:
    items = source.get("items")
    return [_Target(item.get("path", ""), shown) for item in items] if items else []


def _projected_warnings(name: str, source: Object) -> list[str]:
    warnings = []
    targets: list[_Target] = []
    for projection in source.get("sources") or ():
        if not projection:
            warnings.append(f"volume {quote(name)} (Projected) has no sources provided")
        else:
            targets += _projection_targets(projection)
    return warnings + _warn(name, "Projected", _overlaps(targets))


def _projection_targets(projection: Object) -> list[_Target]:
    for kind, shown in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if (source := projection.get(kind)) is not None and source.get("items"):
            return _targets(source, f"{shown} {quote(source.get('name', ''))}")
    if (source := projection.get("downwardAPI")) is not None and source.get("items"):
        return _targets(source, "DownwardAPI")
    if (source := projection.get("serviceAccountToken")) is not None:
        return [_Target(source.get("path", ""), "ServiceAccountToken")]
    return []


def _overlaps(targets: Sequence[_Target]) -> list[str]:
    """"x" with "x/y", both ways and equal, each against those before it."""
    if len(targets) < 2:
        return []
    found = []
    before: list[_Target] = []
    for target in targets:
        target = target._replace(path=target.path.rstrip("/"))
        found += [f"{target} with {other}" for other in before if _overlap(target, other)]
        before.append(target)
    return found


def _overlap(one: _Target, other: _Target) -> bool:
    if not one.path or not other.path:
        return False
    mine, theirs = one.path + "/", other.path + "/"
    return mine.startswith(theirs) or theirs.startswith(mine)
