"""ServiceCIDR and IPAddress: the ranges of Services' addresses, and each that is taken (pkg/registry/networking)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.networking.references import validate_segment
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery.field import ErrorList, Path, invalid, invalid_each, required
from minikube_py.machinery.gvr import GroupResource, GroupVersionResource, Object
from minikube_py.machinery.ipnet import parse_cidr, validate_cidr, validate_ip
from minikube_py.machinery.names import dns1123_subdomain, path_segment_name
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

SERVICE_CIDRS = GroupVersionResource("networking.k8s.io", "v1", "servicecidrs")

_CIDRS = Path("spec", "cidrs")
_PARENT = Path("spec", "parentRef")
_MOST_CIDRS = 2


class ServiceCIDRStrategy(Strategy):
    """Until 1.35 upstream also takes a status that is written to the main resource; here it is kept apart always."""

    has_status = True
    reset_fields = (("status",),)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_cidrs_errors(cidrs(obj))]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        """A second family may be added, nothing else changes."""
        errors = validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA)
        new, before = cidrs(obj), cidrs(old)
        if len(new) == len(before) or (len(before) == 1 and len(new) == _MOST_CIDRS):
            errors += [
                invalid(_CIDRS.index(index), new[index], FIELD_IMMUTABLE)
                for index, cidr in enumerate(before)
                if new[index] != cidr
            ]
            return errors + (_cidrs_errors(new) if len(new) > len(before) else [])
        return [*errors, invalid(_CIDRS, new or None, FIELD_IMMUTABLE)]


class IPAddressStrategy(Strategy):
    def validate_name(self, name: str, prefix: bool) -> list[str]:
        return [error.detail for error in validate_ip(METADATA, name)]

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [*self.validate_metadata(ctx, obj), *_parent_errors((obj.get("spec") or {}).get("parentRef"))]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = super().validate_update(ctx, obj, old)
        parent = (obj.get("spec") or {}).get("parentRef")
        if parent != (old.get("spec") or {}).get("parentRef"):
            names = ("group", "resource", "namespace", "name")
            shown = None if parent is None else {name.capitalize(): parent.get(name) or "" for name in names}
            errors.append(invalid(_PARENT, shown, FIELD_IMMUTABLE))
        return errors


def cidrs(obj: Object) -> list[str]:
    return (obj.get("spec") or {}).get("cidrs") or []


def _cidrs_errors(found: list[str]) -> ErrorList:
    if not found:
        return [required(_CIDRS, "at least one CIDR required")]
    if len(found) > _MOST_CIDRS:
        return [invalid(_CIDRS, {"CIDRs": found}, "may only hold up to 2 values")]
    errors = [error for index, cidr in enumerate(found) for error in validate_cidr(_CIDRS.index(index), cidr)]
    parsed = [parse_cidr(cidr) for cidr in found]
    families = [each.address.version for each in parsed if each is not None]
    if len(families) == _MOST_CIDRS and families[0] == families[1]:
        detail = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
        errors.append(invalid(_CIDRS, found, detail))
    return errors


def _parent_errors(parent: Object | None) -> ErrorList:
    if parent is None:
        return [required(_PARENT)]
    group, namespace = parent.get("group") or "", parent.get("namespace") or ""
    errors = invalid_each(_PARENT.child("group"), group, dns1123_subdomain(group)) if group else []
    errors += validate_segment(parent, _PARENT, "resource")
    errors += validate_segment(parent, _PARENT, "name")
    return errors + invalid_each(_PARENT.child("namespace"), namespace, path_segment_name(namespace))


def _cidr_cells(obj: Object) -> list[Any]:
    return [obj["metadata"]["name"], ",".join(cidrs(obj)), age(obj)]


def _address_cells(obj: Object) -> list[Any]:
    """Upstream's row has an age that no column announces."""
    return [obj["metadata"]["name"], _parent_text((obj.get("spec") or {}).get("parentRef")), age(obj)]


def _parent_text(parent: Object | None) -> str:
    if parent is None:
        return "<none>"
    resource = str(GroupResource(parent.get("group") or "", parent.get("resource") or "")).lower()
    parts = [resource, parent.get("namespace") or "", parent.get("name") or ""]
    return "/".join(part for part in parts if part)


_STRATEGY = ServiceCIDRStrategy()

RESOURCES = (
    Resource(
        group="networking.k8s.io",
        version="v1",
        plural="servicecidrs",
        kind="ServiceCIDR",
        namespaced=False,
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=StatusStrategy(_STRATEGY)),),
        columns=(NAME, Column("CIDRs", doc="io.k8s.api.networking.v1.ServiceCIDRSpec#cidrs"), AGE),
        cells=_cidr_cells,
    ),
    Resource(
        group="networking.k8s.io",
        version="v1",
        plural="ipaddresses",
        kind="IPAddress",
        namespaced=False,
        short_names=("ip",),
        strategy=IPAddressStrategy(),
        columns=(NAME, Column("ParentRef", doc="io.k8s.api.networking.v1.IPAddressSpec#parentRef")),
        cells=_address_cells,
    ),
)
