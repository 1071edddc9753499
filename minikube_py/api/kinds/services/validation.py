"""What a Service may be and how it may change (pkg/apis/core/validation/validation.go ValidateServiceCreate,
ValidateServiceUpdate, ValidateServiceStatusUpdate)."""

from __future__ import annotations

from typing import Any, NamedTuple

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import prefer_same_traffic_distribution, strict_ips
from minikube_py.api.kinds.core.ip import validate_endpoint_ip
from minikube_py.api.kinds.services.families import CLUSTER_IPS, IP_FAMILIES, IP_FAMILY_POLICY, validate_families
from minikube_py.api.kinds.services.ports import validate_ports
from minikube_py.api.kinds.services.spec import (
    CLUSTER_IP,
    EXTERNAL_NAME,
    LOAD_BALANCER,
    NODE_PORT,
    SINGLE_STACK,
    Spec,
    cluster_ips,
    externally_accessible,
    ip_families,
    is_headless,
    needs_health_check,
    ports,
)
from minikube_py.machinery import meta
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    duplicate,
    forbidden,
    invalid,
    invalid_each,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import validate_cidr_legacy, validate_ip_legacy
from minikube_py.machinery.names import dns1123_subdomain, port_number, qualified_name
from minikube_py.machinery.objectmeta import validate_labels

TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints"
TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_MAXIMUM_AFFINITY = 86400
"""Seconds: a day."""

_SPEC = Path("spec")
_ANNOTATIONS = Path("metadata", "annotations")
_TYPES = (CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT)
_ZERO_PORT = {"Name": "", "Protocol": "", "AppProtocol": None, "Port": 0, "TargetPort": 0, "NodePort": 0}
"""Go's internal ServicePort, which has no JSON names."""
_LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'"


class Options(NamedTuple):
    """What depends on the version: gates of pkg/features."""

    strict_ips: bool
    traffic_distributions: tuple[str, ...]

    @staticmethod
    def of(ctx: Context) -> Options:
        known: tuple[str, ...] = ("PreferClose",)
        if prefer_same_traffic_distribution(ctx):
            known = (*known, "PreferSameZone", "PreferSameNode")
        return Options(strict_ips(ctx), known)


def validate_service(obj: Object, old: Object | None, options: Options) -> ErrorList:
    """All but metadata."""
    spec: Spec = obj["spec"]
    old_spec: Spec | None = old["spec"] if old else None
    errors = _topology_errors(obj)
    if not ports(spec) and not is_headless(spec) and spec.get("type") != EXTERNAL_NAME:
        errors.append(required(_SPEC.child("ports")))
    errors += _type_errors(spec)
    errors += validate_ports(ports(spec))
    if selector := spec.get("selector"):
        errors += validate_labels(selector, _SPEC.child("selector"))
    errors += _affinity_errors(spec)
    errors += validate_families(spec, old_spec, options.strict_ips)
    errors += _external_ip_errors(spec, old_spec, options.strict_ips)
    errors += _node_port_errors(spec)
    errors += _source_range_errors(obj, old, options.strict_ips)
    errors += _load_balancer_errors(spec)
    errors += validate_load_balancer_class(spec, None)
    errors += _external_traffic_errors(spec)
    return [*errors, *_internal_traffic_errors(spec), *_distribution_errors(spec, options)]


def _topology_errors(obj: Object) -> ErrorList:
    annotations = meta.annotations(obj)
    hints, mode = annotations.get(TOPOLOGY_HINTS), annotations.get(TOPOLOGY_MODE)
    if hints is None or mode is None or hints == mode:
        return []
    detail = f"must match annotations[{TOPOLOGY_HINTS}] when both are specified"
    return [invalid(_ANNOTATIONS.key(TOPOLOGY_MODE), mode, detail)]


def _type_errors(spec: Spec) -> ErrorList:
    kind = spec.get("type")
    if kind in (LOAD_BALANCER, NODE_PORT):
        if not is_headless(spec):
            return []
        detail = f"may not be set to 'None' for {kind} services"
        return [invalid(CLUSTER_IPS.index(0), "None", detail)]
    if kind != EXTERNAL_NAME:
        return []
    detail = "may not be set for ExternalName services"
    fields = (("clusterIPs", CLUSTER_IPS), ("ipFamilies", IP_FAMILIES), ("ipFamilyPolicy", IP_FAMILY_POLICY))
    errors = [forbidden(path, detail) for field, path in fields if spec.get(field)]
    path = _SPEC.child("externalName")
    # a trailing dot marks the name as fully qualified
    name = (spec.get("externalName") or "").removesuffix(".")
    return [*errors, *(invalid_each(path, name, dns1123_subdomain(name)) if name else [required(path)])]


def _affinity_errors(spec: Spec) -> ErrorList:
    path = _SPEC.child("sessionAffinity")
    affinity = spec.get("sessionAffinity") or ""
    if not affinity:
        return [required(path)]
    if affinity == "ClientIP":
        return _client_ip_errors(spec.get("sessionAffinityConfig"), _SPEC.child("sessionAffinityConfig"))
    if affinity != "None":
        return [not_supported(path, as_json(affinity), ("ClientIP", "None"))]
    if spec.get("sessionAffinityConfig") is None:
        return []
    return [forbidden(_SPEC.child("sessionAffinityConfig"), "must not be set when session affinity is None")]


def _client_ip_errors(config: Any, path: Path) -> ErrorList:
    for field in ("clientIP", "timeoutSeconds"):
        if config is None:
            return [required(path, "when session affinity type is ClientIP")]
        config, path = config.get(field), path.child(field)
    if config is None:
        return [required(path, "when session affinity type is ClientIP")]
    if 0 < config <= _MAXIMUM_AFFINITY:
        return []
    return [invalid(path, config, f"must be greater than 0 and less than {_MAXIMUM_AFFINITY}")]


def _external_ip_errors(spec: Spec, old: Spec | None, strict: bool) -> ErrorList:
    errors: ErrorList = []
    known = (old or {}).get("externalIPs") or ()
    for index, address in enumerate(spec.get("externalIPs") or ()):
        path = _SPEC.child("externalIPs").index(index)
        errors += validate_ip_legacy(path, address, strict, known) or validate_endpoint_ip(address, path)
    return errors


def _node_port_errors(spec: Spec) -> ErrorList:
    """The type, node ports without a use for them, and pairs named twice."""
    errors: ErrorList = []
    kind = spec.get("type") or ""
    if not kind:
        errors.append(required(_SPEC.child("type")))
    elif kind not in _TYPES:
        errors.append(not_supported(_SPEC.child("type"), as_json(kind), _TYPES))
    paths = [_SPEC.child("ports").index(index) for index in range(len(ports(spec)))]
    if kind == CLUSTER_IP:
        detail = "may not be used when `type` is 'ClusterIP'"
        used = zip(paths, ports(spec), strict=True)
        errors += [forbidden(path.child("nodePort"), detail) for path, port in used if port.get("nodePort")]
    return errors + _duplicate_errors(spec, paths)


def _duplicate_errors(spec: Spec, paths: list[Path]) -> ErrorList:
    from_node: ErrorList = []
    from_port: ErrorList = []
    node_pairs: set[tuple[str, int]] = set()
    pairs: set[tuple[str, int]] = set()
    for path, port in zip(paths, ports(spec), strict=True):
        protocol, number, node_port = port.get("protocol") or "", port.get("port") or 0, port.get("nodePort") or 0
        if node_port and (protocol, node_port) in node_pairs:
            from_node.append(duplicate(path.child("nodePort"), node_port))
        if node_port:
            node_pairs.add((protocol, node_port))
        if (protocol, number) in pairs:
            from_port.append(duplicate(path, {**_ZERO_PORT, "Protocol": protocol, "Port": number}))
        pairs.add((protocol, number))
    return from_node + from_port


def _source_range_errors(obj: Object, old: Object | None, strict: bool) -> ErrorList:
    """The field, or without it the annotation that it grew out of."""
    spec = obj["spec"]
    ranges = spec.get("loadBalancerSourceRanges")
    annotation = meta.annotations(obj).get(SOURCE_RANGES)
    if not ranges and annotation is None:
        return []
    path = _SPEC.child("LoadBalancerSourceRanges") if ranges else _ANNOTATIONS.key(SOURCE_RANGES)
    errors = [] if spec.get("type") == LOAD_BALANCER else [forbidden(path, _LOAD_BALANCER_ONLY)]
    if ranges:
        known = [text.strip() for text in (old["spec"].get("loadBalancerSourceRanges") or ())] if old else []
        for index, text in enumerate(ranges):
            errors += validate_cidr_legacy(path.index(index), text.strip(), strict, known)
    elif old is None or meta.annotations(old).get(SOURCE_RANGES) != annotation:
        text = (annotation or "").strip()
        for part in text.split(",") if text else ():
            errors += validate_cidr_legacy(path, part.strip(), strict)
    return errors


def _load_balancer_errors(spec: Spec) -> ErrorList:
    allocate, balanced = spec.get("allocateLoadBalancerNodePorts"), spec.get("type") == LOAD_BALANCER
    if allocate is not None and not balanced:
        return [forbidden(_SPEC.child("allocateLoadBalancerNodePorts"), _LOAD_BALANCER_ONLY)]
    if balanced and allocate is None:
        return [required(Path("allocateLoadBalancerNodePorts"))]
    return []


def validate_load_balancer_class(spec: Spec, old: Spec | None) -> ErrorList:
    """Set once, on load balancers only."""
    path = _SPEC.child("loadBalancerClass")
    name = spec.get("loadBalancerClass")
    balanced = spec.get("type") == LOAD_BALANCER
    errors: ErrorList = []
    if old is not None and balanced and old.get("type") == LOAD_BALANCER and name != old.get("loadBalancerClass"):
        errors.append(invalid(path, as_json(name), "may not change once set"))
    if name is not None and not balanced:
        errors.append(forbidden(path, _LOAD_BALANCER_ONLY))
    elif name is not None:
        errors += invalid_each(path, name, qualified_name(name))
    return errors


def _external_traffic_errors(spec: Spec) -> ErrorList:
    errors: ErrorList = []
    path = _SPEC.child("externalTrafficPolicy")
    policy = spec.get("externalTrafficPolicy") or ""
    if not externally_accessible(spec):
        if policy:
            errors.append(invalid(path, as_json(policy), "may only be set for externally-accessible services"))
    elif not policy:
        errors.append(required(path))
    elif policy not in ("Cluster", "Local"):
        errors.append(not_supported(path, as_json(policy), ("Cluster", "Local")))
    path = _SPEC.child("healthCheckNodePort")
    port = spec.get("healthCheckNodePort") or 0
    if not needs_health_check(spec):
        if port:
            detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
            errors.append(invalid(path, port, detail))
    else:
        errors += invalid_each(path, port, port_number(port)) if port else [required(path)]
    return errors


def _internal_traffic_errors(spec: Spec) -> ErrorList:
    path = _SPEC.child("internalTrafficPolicy")
    policy = spec.get("internalTrafficPolicy")
    if policy is None:
        return [required(path)] if spec.get("type") in (NODE_PORT, LOAD_BALANCER, CLUSTER_IP) else []
    return [] if policy in ("Cluster", "Local") else [not_supported(path, as_json(policy), ("Cluster", "Local"))]


def _distribution_errors(spec: Spec, options: Options) -> ErrorList:
    found = spec.get("trafficDistribution")
    if found is None or found in options.traffic_distributions:
        return []
    return [not_supported(_SPEC.child("trafficDistribution"), found, options.traffic_distributions)]


def validate_change(spec: Spec, old: Spec) -> ErrorList:
    """What of a Service's addresses may not change, other than from and to ExternalName."""
    errors: ErrorList = []
    if EXTERNAL_NAME not in (spec.get("type"), old.get("type")):
        headless, was_headless = is_headless(spec), is_headless(old)
        if not (headless and was_headless):
            errors += _address_change(spec, old)
        if not headless and not was_headless:
            errors += _family_change(spec, old)
    errors += validate_load_balancer_class(spec, old)
    both = needs_health_check(spec) and needs_health_check(old)
    if both and spec.get("healthCheckNodePort") != old.get("healthCheckNodePort"):
        errors.append(forbidden(_SPEC.child("healthCheckNodePort"), "field is immutable"))
    return errors


def _address_change(spec: Spec, old: Spec) -> ErrorList:
    now, before = cluster_ips(spec), cluster_ips(old)
    shown = spec.get("clusterIPs")
    if len(now) == len(before):
        changed = [index for index, address in enumerate(before) if address != now[index]]
        return [invalid(CLUSTER_IPS.index(index), shown, "may not change once set") for index in changed]
    errors: ErrorList = []
    if not now:
        errors.append(invalid(CLUSTER_IPS.index(0), shown, "primary clusterIP can not be unset"))
    if now and before and now[0] != before[0]:
        errors.append(invalid(CLUSTER_IPS.index(0), shown, "may not change once set"))
    if len(now) == 1 < len(before) and spec.get("ipFamilyPolicy") != SINGLE_STACK:
        detail = "must be set to 'SingleStack' when releasing the secondary clusterIP"
        errors.append(invalid(IP_FAMILY_POLICY, as_json(spec.get("ipFamilyPolicy")), detail))
    return errors


def _family_change(spec: Spec, old: Spec) -> ErrorList:
    """As upstream, some errors show the addresses and not the families."""
    now, before = ip_families(spec), ip_families(old)
    path = IP_FAMILIES.index(0)
    if len(now) == len(before):
        changed = [family for index, family in enumerate(before) if family != now[index]]
        return [invalid(path, spec.get("ipFamilies"), "may not change once set") for _ in changed]
    errors: ErrorList = []
    if len(now) < len(before) and not cluster_ips(spec):
        errors.append(invalid(path, spec.get("ipFamilies"), "primary ipFamily can not be unset"))
    if now and before and now[0] != before[0]:
        errors.append(invalid(path, spec.get("clusterIPs"), "may not change once set"))
    if len(now) == 1 < len(before) and spec.get("ipFamilyPolicy") != SINGLE_STACK:
        detail = "must be set to 'SingleStack' when releasing the secondary ipFamily"
        errors.append(invalid(IP_FAMILY_POLICY, as_json(spec.get("ipFamilyPolicy")), detail))
    return errors
