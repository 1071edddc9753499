"""Warnings about volumes that write one file twice: pkg/api/pod/warnings.go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object


class _Target(NamedTuple):
    path: str
    kind: str = ""
    """Which source of a projected volume writes it: "ConfigMap"; "" elsewhere."""
    name: str | None = None

    def __str__(self) -> str:
        if not self.kind:
            return quote(self.path)
        source = self.kind if self.name is None else f"{self.kind} {quote(self.name)}"
        return f"{quote(self.path)} ({source})"


_SOURCES = (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"), ("downwardAPI", "DownwardAPI", ""))


def overlap_warnings(volumes: Sequence[Object]) -> list[str]:
    warnings = []
    for volume in volumes:
        name = volume.get("name", "")
        for kind, shown, named in _SOURCES:
            source = volume.get(kind)
            if source and (overlaps := _overlaps(_targets(source))):
                what = f"{shown} {quote(source.get(named, ''))}" if named else shown
                warnings += _warn(name, what, overlaps)
        if source := volume.get("projected"):
            warnings += _projected_warnings(name, source)
    return warnings


def _warn(name: str, what: str, overlaps: Iterable[str]) -> list[str]:
    return [f"volume {quote(name)} ({what}): overlapping paths: {overlap}" for overlap in overlaps]


def _targets(source: Object, kind: str = "", name: str | None = None) -> list[_Target]:
    return [_Target(item.get("path", ""), kind, name) for item in source.get("items") or ()]


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
            return _targets(source, shown, source.get("name", ""))
    if (source := projection.get("downwardAPI")) is not None and source.get("items"):
        return _targets(source, "DownwardAPI")
    if (source := projection.get("serviceAccountToken")) is not None:
        return [_Target(source.get("path", ""), "ServiceAccountToken")]
    return []


def _overlaps(targets: Sequence[_Target]) -> list[str]:
    """ "x" with "x/y", both ways and equal, each against those before it."""
    if len({target.path.partition("/")[0] for target in targets}) == len(targets):
        return []  # they differ in the first element already
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
