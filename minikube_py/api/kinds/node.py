"""Node: a machine that runs pods (pkg/registry/core/node)."""

from __future__ import annotations

import re
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import minor, strict_ips
from minikube_py.api.kinds.core.ip import family_of
from minikube_py.api.kinds.core.proxy import PROXY_VERBS
from minikube_py.api.kinds.core.taints import validate_taints
from minikube_py.api.kinds.podspec.requirements import quantity_errors
from minikube_py.api.resource import AGE, NAME, Column, Resource, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import meta, quantity
from minikube_py.machinery.field import ErrorList, Path, duplicate, forbidden, invalid
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.ipnet import cidr_warnings, validate_cidr_legacy
from minikube_py.machinery.objectmeta import validate_object_meta_update

_STATUS = Path("status")
_TAINTS = Path("metadata", "taints")
"""So upstream names spec.taints."""
_POD_CIDRS = Path("spec", "podCIDRs")
_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"
_is_feature = re.compile("[A-Z][a-zA-Z0-9]*(?:/[a-zA-Z][a-zA-Z0-9]*)*").fullmatch

_GATED_STATUS = {"runtimeHandlers": 31, "features": 33, "declaredFeatures": 36}
"""Status fields and the minor version from which on their gate is open by default."""


def _spec(obj: Object) -> dict[str, Any]:
    return obj.get("spec") or {}


def _status(obj: Object) -> dict[str, Any]:
    return obj.get("status") or {}


def validate_resources(obj: Object) -> ErrorList:
    """Capacity and allocatable: not negative, and whole where they count."""
    errors: ErrorList = []
    for field in ("capacity", "allocatable"):
        for name, value in (_status(obj).get(field) or {}).items():
            errors += quantity_errors(name, quantity.parse(value), _STATUS.child(field, name))
    return errors


def _validate_declared_features(obj: Object) -> ErrorList:
    """Names in alphabetical order."""
    errors: ErrorList = []
    path = _STATUS.child("declaredFeatures")
    features = _status(obj).get("declaredFeatures") or []
    for index, feature in enumerate(features):
        if problem := _feature_problem(feature):
            errors.append(invalid(path.index(index), feature, problem))
        following = features[index + 1 : index + 2]
        if following == [feature]:
            errors.append(duplicate(path.index(index + 1), feature))
        elif following and feature > following[0]:
            errors.append(invalid(path.index(index + 1), following[0], "list must be sorted alphabetically"))
    return errors


def _feature_problem(feature: str) -> str:
    if len(feature) > 253:
        return f"invalid feature name {quote(feature)}: must be no more than 253 characters"
    if _is_feature(feature):
        return ""
    return (
        f"invalid feature name {quote(feature)}: must start with an UpperCamelCase segment, with subsequent segments "
        "separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters "
        "and slashes"
    )


def _validate_pod_cidrs(obj: Object, strict: bool) -> ErrorList:
    cidrs: list[str] = _spec(obj).get("podCIDRs") or []
    errors: ErrorList = []
    for index, cidr in enumerate(cidrs):
        errors += validate_cidr_legacy(_POD_CIDRS.index(index), cidr, strict)
    families = {family_of(cidr.partition("/")[0]) for cidr in cidrs}
    if len(cidrs) > 1 and (len(families) < 2 or len(cidrs) > 2):
        errors.append(invalid(_POD_CIDRS, cidrs, "may specify no more than one CIDR for each IP family"))
    return errors


def _validate_swap(obj: Object) -> ErrorList:
    capacity = ((_status(obj).get("nodeInfo") or {}).get("swap") or {}).get("capacity")
    if capacity is None or capacity > 0:
        return []
    return [invalid(Path("metadata", "nodeSwapStatus", "capacity"), capacity, "must be greater than zero")]


def validate_change(obj: Object, old: Object) -> ErrorList:
    """ValidateNodeUpdate: of status updates too."""
    errors = validate_object_meta_update(obj["metadata"], old["metadata"], METADATA)
    errors += validate_resources(obj)
    errors += _validate_declared_features(obj)
    errors += _validate_addresses(obj)
    errors += _immutable_errors(_spec(obj), _spec(old))
    errors += validate_taints(_spec(obj).get("taints") or (), _TAINTS)
    if _spec(obj).get("externalID") != _spec(old).get("externalID"):
        errors.append(forbidden(Path("spec", "externalID"), "may not be updated"))
    return errors


def _validate_addresses(obj: Object) -> ErrorList:
    errors: ErrorList = []
    seen: set[tuple[str, str]] = set()
    for index, address in enumerate(_status(obj).get("addresses") or ()):
        pair = (address.get("type") or "", address.get("address") or "")
        if pair in seen:
            errors.append(duplicate(_STATUS.child("addresses").index(index), {"Type": pair[0], "Address": pair[1]}))
        seen.add(pair)
    return errors


def _immutable_errors(spec: Object, old: Object) -> ErrorList:
    """What is given once, by whoever runs the cluster or the cloud."""
    errors: ErrorList = []
    detail = 'node updates may not change podCIDR except from "" to valid'
    cidrs, before = spec.get("podCIDRs") or [], old.get("podCIDRs") or []
    if before and len(cidrs) != len(before):
        errors.append(forbidden(_POD_CIDRS, detail))
    elif before:
        changed = [index for index, cidr in enumerate(before) if cidr != cidrs[index]]
        errors += [forbidden(_POD_CIDRS, detail) for _ in changed]
    if old.get("providerID") and spec.get("providerID") != old["providerID"]:
        detail = 'node updates may not change providerID except from "" to valid'
        errors.append(forbidden(Path("spec", "providerID"), detail))
    return errors


class NodeStrategy(Strategy):
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        """podCIDR is the first of podCIDRs, and where they differ it is right."""
        spec = _spec(obj)
        cidr, cidrs = spec.get("podCIDR") or "", spec.get("podCIDRs") or []
        if cidr and cidrs[:1] != [cidr]:
            obj["spec"] = {**spec, "podCIDRs": [cidr]}
        elif cidrs and not cidr:
            obj["spec"] = {**spec, "podCIDR": cidrs[0]}
        status = _status(obj)
        if status.get("capacity") and status.get("allocatable") is None:
            obj["status"] = {**status, "allocatable": status["capacity"]}

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        """Unlike most kinds, nodes may be created with a status: the kubelet does."""
        _drop(obj, "spec", {"configSource"})
        closed = {field for field, since in _GATED_STATUS.items() if minor(ctx) < since}
        _drop(obj, "status", {"config", *closed})

    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        obj["status"] = old["status"]
        _drop(obj, "spec", {"configSource"})

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return [
            *self.validate_metadata(ctx, obj),
            *validate_taints(_spec(obj).get("taints") or (), _TAINTS),
            *validate_resources(obj),
            *_validate_swap(obj),
            *_validate_declared_features(obj),
            *_validate_pod_cidrs(obj, strict_ips(ctx)),
        ]

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [*self.validate(ctx, obj), *validate_change(obj, old)]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        warnings = []
        if _spec(obj).get("externalID"):
            warnings.append("spec.externalID: this field is deprecated, and is unused by Kubernetes")
        for index, cidr in enumerate(_spec(obj).get("podCIDRs") or ()):
            warnings += cidr_warnings(_POD_CIDRS.index(index), cidr)
        return warnings

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        return self.warnings_on_create(ctx, obj)


class NodeStatusStrategy(StatusStrategy):
    def prepare_for_update(self, ctx: Context, obj: Object, old: Object) -> None:
        super().prepare_for_update(ctx, obj, old)
        _drop(obj, "status", {"config"})

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return validate_change(obj, old)


def _drop(obj: Object, part: str, fields: set[str]) -> None:
    """Dynamic kubelet configuration is gone, and gates may be closed."""
    tree = obj.get(part) or {}
    if not fields.isdisjoint(tree):
        obj[part] = {name: value for name, value in tree.items() if name not in fields}


def roles(obj: Object) -> list[str]:
    """What labels say a node is for, sorted."""
    found: set[str] = set()
    for label, value in meta.labels(obj).items():
        if label.startswith(_ROLE_PREFIX):
            found.add(label.removeprefix(_ROLE_PREFIX))
        elif label == _ROLE_LABEL:
            found.add(value)
    return sorted(found - {""})


def cells(obj: Object) -> list[Any]:
    info = _status(obj).get("nodeInfo") or {}
    kernel = info.get("kernelVersion") or "<unknown>"
    if info.get("architecture"):
        kernel += f" ({info['architecture']})"
    return [
        obj["metadata"]["name"],
        _status_text(obj),
        ",".join(roles(obj)) or "<none>",
        age(obj),
        info.get("kubeletVersion") or "",
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        info.get("osImage") or "<unknown>",
        kernel,
        info.get("containerRuntimeVersion") or "<unknown>",
    ]


def _status_text(obj: Object) -> str:
    text = "Unknown"
    for condition in _status(obj).get("conditions") or ():
        if condition.get("type") == "Ready":
            text = "Ready" if condition.get("status") == "True" else "NotReady"
    return f"{text},SchedulingDisabled" if _spec(obj).get("unschedulable") else text


def _address(obj: Object, kind: str) -> str:
    for address in _status(obj).get("addresses") or ():
        if address.get("type") == kind:
            return address.get("address") or ""
    return "<none>"


STRATEGY = NodeStrategy()
_DOC = "io.k8s.api.core.v1"

RESOURCES = (
    Resource(
        group="",
        version="v1",
        plural="nodes",
        kind="Node",
        namespaced=False,
        short_names=("no",),
        strategy=STRATEGY,
        subresources=(
            Subresource("proxy", verbs=PROXY_VERBS, kind=GroupVersionKind("", "v1", "NodeProxyOptions")),
            Subresource("status", strategy=NodeStatusStrategy(STRATEGY)),
        ),
        columns=(
            NAME,
            Column("Status", description="The status of the node"),
            Column("Roles", description="The roles of the node"),
            AGE,
            Column("Version", doc=f"{_DOC}.NodeSystemInfo#kubeletVersion"),
            Column("Internal-IP", priority=1, doc=f"{_DOC}.NodeStatus#addresses"),
            Column("External-IP", priority=1, doc=f"{_DOC}.NodeStatus#addresses"),
            Column("OS-Image", priority=1, doc=f"{_DOC}.NodeSystemInfo#osImage"),
            Column("Kernel-Version", priority=1, doc=f"{_DOC}.NodeSystemInfo#kernelVersion"),
            Column("Container-Runtime", priority=1, doc=f"{_DOC}.NodeSystemInfo#containerRuntimeVersion"),
        ),
        cells=cells,
        fields={"spec.unschedulable": lambda obj: "true" if _spec(obj).get("unschedulable") else "false"},
    ),
)
