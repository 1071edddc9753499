"""The versions of flowcontrol.apiserver.k8s.io, and how the older ones become v1 (pkg/apis/flowcontrol)."""

from __future__ import annotations

from minikube_py.api.resource import Conversion, Deprecation
from minikube_py.machinery.gvr import GroupVersionKind, Object

GROUP = "flowcontrol.apiserver.k8s.io"
HUB = "v1"
SERVED: dict[str, tuple[int, int] | None] = {
    HUB: None,
    "v1beta3": (26, 31),
    "v1beta2": (25, 28),
    "v1beta1": (25, 25),
}
"""Versions, and the minor versions that serve them by default."""
_DEPRECATED = {"v1beta3": (29, 32, HUB), "v1beta2": (26, 29, "v1beta3"), "v1beta1": (23, 26, "v1beta2")}
"""The minor versions that deprecate a version and do without it, and the version to use instead."""
_ASSURED = ("v1beta1", "v1beta2")
_OLD_SHARES, SHARES = "assuredConcurrencyShares", "nominalConcurrencyShares"


def shares_field(version: str) -> str:
    """What a limited priority level calls its shares."""
    return _OLD_SHARES if version in _ASSURED else SHARES


def deprecation(version: str, kind: str) -> Deprecation | None:
    if version not in _DEPRECATED:
        return None
    since, gone, new = _DEPRECATED[version]
    return Deprecation.of(GroupVersionKind(GROUP, version, kind), since, gone, f"{GROUP}/{new}")


def conversion(version: str) -> Conversion | None:
    if version == HUB:
        return None
    old = shares_field(version)

    def to_hub(obj: Object) -> Object:
        return _renamed({**obj, "apiVersion": f"{GROUP}/{HUB}"}, old, SHARES)

    def from_hub(obj: Object) -> Object:
        return _renamed({**obj, "apiVersion": f"{GROUP}/{version}"}, SHARES, old)

    return Conversion(to_hub, from_hub)


def _renamed(obj: Object, name: str, wanted: str) -> Object:
    limited = (obj.get("spec") or {}).get("limited")
    if name == wanted or limited is None:
        return obj
    renamed = {wanted if field == name else field: value for field, value in limited.items()}
    return {**obj, "spec": {**obj["spec"], "limited": renamed}}
