"""Trees as upstream's internal types print them: Go's field names, nothing omitted.

    {"name": "c"} of a Container   ->   {"Name": "c", "Image": "", "Command": null, ...}

Messages about an immutable pod template show it so.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.schema.types import Field, Type
from minikube_py.machinery.gotext import sorted_map
from minikube_py.machinery.gvr import Object

_META = "io.k8s.apimachinery.pkg.apis.meta."
"""Types of this package have JSON names inside upstream too."""

_ZERO = {"string": "", "bool": False, "quantity": "0", "intorstring": 0, "float64": 0}
_NULL = ("list", "map", "bytes", "time", "microtime", "raw")

_HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")
"""Fields of v1's PodSpec that stand in the internal one's SecurityContext."""
_POD_SPEC_ORDER = (
    "volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy", "terminationGracePeriodSeconds",
    "activeDeadlineSeconds", "dnsPolicy", "nodeSelector", "serviceAccountName", "automountServiceAccountToken",
    "nodeName", "securityContext", "imagePullSecrets", "hostname", "subdomain", "setHostnameAsFQDN", "affinity",
    "schedulerName", "tolerations", "hostAliases", "priorityClassName", "priority", "preemptionPolicy", "dnsConfig",
    "readinessGates", "runtimeClassName", "overhead", "enableServiceLinks", "topologySpreadConstraints", "os",
    "schedulingGates", "resourceClaims", "resources", "hostnameOverride", "schedulingGroup",
)  # fmt: skip

_MOVED = {
    "io.k8s.api.core.v1.PodSecurityContext": ("fsGroupChangePolicy", "sysctls"),
    "io.k8s.api.core.v1.Volume": ("quobyte", "flexVolume"),
}
"""Structs where one field stands elsewhere than in v1: the first before the second."""


def internal_pod_template(type: Type, template: Object) -> Object:
    """A PodTemplateSpec; `type` is its compiled type."""
    return {**(template.get("metadata") or {}), "Spec": internal_pod_spec(type.fields["spec"].type, template["spec"])}


def internal_pod_spec(type: Type, spec: Object) -> Object:
    """A PodSpec; `type` is its compiled type."""
    fields = type.fields
    shown: Object = {}
    for name in _POD_SPEC_ORDER:
        if name not in fields:
            continue
        field = fields[name]
        if name == "securityContext":
            shown[field.go_name] = _security_context(type, spec)
        else:
            shown[field.go_name] = _field(field, spec.get(name))
    return shown


def internal_value(type: Type, value: Any) -> Any:
    """Any value without such peculiarities; `type` is its compiled type."""
    return _value(type, value)


def _security_context(type: Type, spec: Object) -> Object | None:
    context = spec.get("securityContext")
    if context is None and not any(name in spec for name in _HOST_FIELDS):
        return None
    host = {type.fields[name].go_name: _field(type.fields[name], spec.get(name)) for name in _HOST_FIELDS}
    inner: Object = _struct(type.fields["securityContext"].type, context or {})
    return {**host, **inner}


def _struct(type: Type, value: Object) -> Any:
    if type.name.startswith(_META):
        return value
    return {type.fields[name].go_name: _field(type.fields[name], value.get(name)) for name in _names(type)}


def _names(type: Type) -> list[str]:
    """A struct's fields in the order of the internal type."""
    names = list(type.fields)
    moved, before = _MOVED.get(type.name, ("", ""))
    if moved in type.fields and before in type.fields:
        names.remove(moved)
        names.insert(names.index(before), moved)
    return names


def _field(field: Field, value: Any) -> Any:
    if value is not None:
        return _value(field.type, value)
    shape = field.type.shape
    if field.pointer or shape in _NULL:
        return None
    if shape == "struct":
        return _struct(field.type, {})
    return _ZERO.get(shape, 0)


def _value(type: Type, value: Any) -> Any:
    if type.shape == "struct":
        return _struct(type, value)
    elem = type.elem
    if type.shape == "list" and elem is not None:
        return [_value(elem, each) for each in value]
    if type.shape == "map":
        return sorted_map(value)
    return value
