"""An Ingress's rules, TLS and addresses (pkg/apis/networking/validation)."""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.networking.backends import ServiceNames, validate_backend
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.ipnet import parse_ip, validate_ip_legacy
from minikube_py.machinery.names import dns1123_subdomain, wildcard_dns1123_subdomain

INGRESS_CLASS = "kubernetes.io/ingress.class"
"""The annotation that was there before spec.ingressClassName."""
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_FORBIDDEN_SEQUENCES = ("//", "/./", "/../", "%2f", "%2F")
_FORBIDDEN_ENDS = ("/..", "/.")
_NOT_A_NAME = "must be a DNS name, not an IP address"
_WILDCARD = "*"


def validate_ingress_spec(spec: Object, old_spec: Object | None, names: ServiceNames, path: Path) -> ErrorList:
    """`old_spec` is what is stored; its own mistakes may stay."""
    errors: ErrorList = []
    rules, backend, class_name = spec.get("rules"), spec.get("defaultBackend"), spec.get("ingressClassName")
    if not rules and backend is None:
        errors.append(invalid(path, as_json(rules or None), "either `defaultBackend` or `rules` must be specified"))
    if backend is not None:
        errors += validate_backend(backend, names, path.child("defaultBackend"))
    errors += _rules_errors(rules or [], old_spec, names, path.child("rules"))
    errors += _tls_errors(spec.get("tls") or [], old_spec, path.child("tls"))
    if class_name is not None:
        errors += invalid_each(path.child("ingressClassName"), class_name, dns1123_subdomain(class_name))
    return errors


def _host_problems(host: str) -> list[str]:
    return wildcard_dns1123_subdomain(host) if _WILDCARD in host else dns1123_subdomain(host)


def _rules_errors(rules: Sequence[Object], old_spec: Object | None, names: ServiceNames, path: Path) -> ErrorList:
    lenient = old_spec is not None and _has_bad_wildcard_rule(old_spec, path)
    errors: ErrorList = []
    for index, rule in enumerate(rules):
        at, host = path.index(index), rule.get("host") or ""
        if host and parse_ip(host) is not None:
            errors.append(invalid(at.child("host"), host, _NOT_A_NAME))
        if host:
            errors += invalid_each(at.child("host"), host, _host_problems(host))
        if not (lenient and _WILDCARD in host):
            errors += _http_errors(rule.get("http"), names, at.child("http"))
    return errors


def _has_bad_wildcard_rule(spec: Object, path: Path) -> bool:
    strict = ServiceNames(relaxed=False)
    return any(
        _WILDCARD in (rule.get("host") or "") and _http_errors(rule.get("http"), strict, path)
        for rule in spec.get("rules") or ()
    )


def _http_errors(http: Object | None, names: ServiceNames, path: Path) -> ErrorList:
    if http is None:
        return []
    paths = http.get("paths") or []
    errors: ErrorList = [] if paths else [required(path.child("paths"))]
    for index, each in enumerate(paths):
        errors += _path_errors(each, names, path.child("paths").index(index))
    return errors


def _path_errors(of: Object, names: ServiceNames, path: Path) -> ErrorList:
    kind, text = of.get("pathType"), of.get("path") or ""
    if kind is None:
        return [required(path.child("pathType"), "pathType must be specified")]
    errors: ErrorList = []
    at = path.child("path")
    if kind not in _PATH_TYPES:
        errors.append(not_supported(path.child("pathType"), as_json(kind), _PATH_TYPES))
    elif not text.startswith("/") and (text or kind != "ImplementationSpecific"):
        errors.append(invalid(at, text, "must be an absolute path"))
    if kind in ("Exact", "Prefix"):
        errors += [invalid(at, text, f"must not contain '{part}'") for part in _FORBIDDEN_SEQUENCES if part in text]
        errors += [invalid(at, text, f"cannot end with '{end}'") for end in _FORBIDDEN_ENDS if text.endswith(end)]
    return errors + validate_backend(of.get("backend") or {}, names, path.child("backend"))


def _tls_errors(tls: Sequence[Object], old_spec: Object | None, path: Path) -> ErrorList:
    stored = (old_spec or {}).get("tls") or ()
    lenient = any(_secret_problems(each) for each in stored)
    errors: ErrorList = []
    for index, each in enumerate(tls):
        at = path.index(index)
        for position, host in enumerate(each.get("hosts") or ()):
            errors += invalid_each(at.child("hosts").index(position), host, _host_problems(host))
        if not lenient:
            errors += invalid_each(at.child("secretName"), each.get("secretName"), _secret_problems(each))
    return errors


def _secret_problems(tls: Object) -> list[str]:
    name = tls.get("secretName") or ""
    return dns1123_subdomain(name) if name else []


def validate_ingress_points(
    points: Sequence[Object], old_points: Sequence[Object], strict: bool, path: Path
) -> ErrorList:
    """The addresses that a load balancer reports."""
    known = {point["ip"] for point in old_points if point.get("ip")}
    errors: ErrorList = []
    for index, point in enumerate(points):
        ip, hostname = point.get("ip") or "", point.get("hostname") or ""
        if ip:
            errors += validate_ip_legacy(path.index(index).child("ip"), ip, strict, known)
        if hostname:
            at = path.index(index).child("hostname")
            errors += invalid_each(at, hostname, dns1123_subdomain(hostname))
            if parse_ip(hostname) is not None:
                errors.append(invalid(at, hostname, _NOT_A_NAME))
    return errors
