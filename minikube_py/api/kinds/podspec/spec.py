"""Validation of the pod spec: ValidatePodSpec of pkg/apis/core/validation/validation.go.

The rules stand in the files of their nouns; here is their order, which is the order of the answer's causes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minikube_py.api.kinds.podspec.affinity import affinity_errors
from minikube_py.api.kinds.podspec.claimrefs import resource_claim_errors
from minikube_py.api.kinds.podspec.containers import (
    Surroundings,
    container_errors,
    ephemeral_container_errors,
    init_container_errors,
)
from minikube_py.api.kinds.podspec.dns import dns_config_errors, host_alias_errors
from minikube_py.api.kinds.podspec.env import file_key_volume_errors
from minikube_py.api.kinds.podspec.requirements import container_requirement_errors, pod_requirement_errors
from minikube_py.api.kinds.podspec.security import pod_security_context_errors
from minikube_py.api.kinds.podspec.spreading import spread_constraint_errors
from minikube_py.api.kinds.podspec.tolerations import toleration_errors
from minikube_py.api.kinds.podspec.volumes import Volumes, volume_errors
from minikube_py.api.kinds.podspec.windows import all_containers, host_process_errors, os_errors
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
    too_long,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM
from minikube_py.machinery.names import (
    byte_length,
    dns1123_label,
    dns1123_subdomain,
    name_is_dns_subdomain,
    qualified_name,
    range_error,
)
from minikube_py.machinery.objectmeta import validate_labels

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
_HOSTNAME_MAXIMUM = 64
_WITHOUT_HOST_USERS = "when `hostUsers` is false"


def pod_spec_errors(spec: Object, metadata: Object | None, path: Path) -> ErrorList:
    """Errors of the pod spec at `path`. `metadata` is the pod's, None for a template's spec."""
    volumes, errors = _volume_errors(spec, metadata, path)
    if spec.get("terminationGracePeriodSeconds") is None:
        errors.insert(0, required(path.child("terminationGracePeriodSeconds")))
    if claims := spec.get("resourceClaims"):
        errors += resource_claim_errors(claims, metadata, path.child("resourceClaims"))
    errors += _container_errors(spec, volumes, path)
    errors += _host_errors(spec, metadata is not None, path)
    if spec.get("securityContext") or spec.get("shareProcessNamespace"):
        errors += pod_security_context_errors(spec, path.child("securityContext"))
    errors += _scheduling_errors(spec, path)
    errors += _windows_and_user_errors(spec, path)
    errors += _name_errors(spec, path)
    errors += _late_errors(spec, path)
    return errors


def _volume_errors(spec: Object, metadata: Object | None, path: Path) -> tuple[Volumes, ErrorList]:
    volumes = spec.get("volumes")
    if not volumes:
        return {}, []
    name = (metadata or {}).get("name") or ""
    return volume_errors(volumes, name, path.child("volumes"), is_pod=metadata is not None)


def _container_errors(spec: Object, volumes: Volumes, path: Path) -> ErrorList:
    around = Surroundings(
        volumes=volumes,
        claims=frozenset(claim["name"] for claim in spec.get("resourceClaims") or () if claim.get("name")),
        grace_period=spec.get("terminationGracePeriodSeconds"),
        restart_policy=spec.get("restartPolicy") or "",
        host_users=spec.get("hostUsers") is not False,
        os=(spec["os"].get("name") or "") if "os" in spec else None,
    )
    regular: Sequence[Object] = spec.get("containers") or ()
    errors = container_errors(regular, around, path.child("containers"))
    initial: Sequence[Object] = spec.get("initContainers") or ()
    if initial:
        errors += init_container_errors(initial, regular, around, path.child("initContainers"))
    if ephemeral := spec.get("ephemeralContainers"):
        at = path.child("ephemeralContainers")
        errors += ephemeral_container_errors(ephemeral, [*regular, *initial], around, at)
    if "resources" in spec:
        errors += pod_requirement_errors(spec, around.claims, path.child("resources"))
    return errors


def _host_errors(spec: Object, is_pod: bool, path: Path) -> ErrorList:
    """From the host's network to the node selector."""
    errors: ErrorList = []
    if spec.get("hostNetwork"):
        errors += _host_port_errors(spec, is_pod, path.child("containers"))
    if (policy := spec.get("restartPolicy") or "") not in _RESTART_POLICIES:
        errors += _choice_errors(policy, _RESTART_POLICIES, path.child("restartPolicy"))
    if (policy := spec.get("dnsPolicy") or "") not in _DNS_POLICIES:
        errors += _choice_errors(policy, _DNS_POLICIES, path.child("dnsPolicy"))
    if selector := spec.get("nodeSelector"):
        errors += validate_labels(selector, path.child("nodeSelector"))
    return errors


def _choice_errors(value: str, supported: Sequence[str], path: Path) -> ErrorList:
    return [not_supported(path, value, supported) if value else required(path)]


def _host_port_errors(spec: Object, is_pod: bool, path: Path) -> ErrorList:
    """On the host's network a port is the host's own; in a template it may be left for the pod's defaults."""
    errors: ErrorList = []
    for index, container in enumerate(spec.get("containers") or ()):
        for position, port in enumerate(container.get("ports") or ()):
            host_port = port.get("hostPort") or 0
            if (is_pod or host_port) and host_port != (port.get("containerPort") or 0):
                at = path.index(index).child("ports").index(position).child("hostPort")
                detail = "must match `containerPort` when `hostNetwork` is true"
                errors.append(invalid(at, host_port, detail))
    return errors


def _scheduling_errors(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if affinity := spec.get("affinity"):
        errors += affinity_errors(affinity, path.child("affinity"))
    if "dnsConfig" in spec or spec.get("dnsPolicy") == "None":
        errors += dns_config_errors(spec.get("dnsConfig"), spec.get("dnsPolicy") or "", path.child("dnsConfig"))
    for index, gate in enumerate(spec.get("readinessGates") or ()):
        condition = gate.get("conditionType") or ""
        at = path.child("readinessGates").index(index).child("conditionType")
        errors += invalid_each(at, condition, qualified_name(condition))
    if gates := spec.get("schedulingGates"):
        errors += _gate_errors(gates, path.child("schedulingGates"))
    if constraints := spec.get("topologySpreadConstraints"):
        errors += spread_constraint_errors(constraints, path.child("topologySpreadConstraints"))
    return errors


def _gate_errors(gates: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    seen: set[str] = set()
    for index, gate in enumerate(gates):
        name = gate.get("name") or ""
        errors += invalid_each(path.index(index), name, qualified_name(name))
        if name in seen:
            errors.append(duplicate(path.index(index), name))
        seen.add(name)
    return errors


def _windows_and_user_errors(spec: Object, path: Path) -> ErrorList:
    errors = host_process_errors(spec, path) if _has_windows_options(spec) else []
    if spec.get("hostUsers") is not False:
        return errors
    if spec.get("hostNetwork"):
        errors.append(forbidden(path.child("hostNetwork"), _WITHOUT_HOST_USERS))
    for name in ("PID", "IPC"):
        if spec.get(f"host{name}"):
            errors.append(forbidden(path.child(f"Host{name}"), _WITHOUT_HOST_USERS))
    for container, at in all_containers(spec, path):
        if container.get("volumeDevices"):
            errors.append(forbidden(at.child("volumeDevices"), _WITHOUT_HOST_USERS))
    return errors


def _has_windows_options(spec: Object) -> bool:
    if "windowsOptions" in (spec.get("securityContext") or ()):
        return True
    for side in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(side) or ():
            if "windowsOptions" in (container.get("securityContext") or ()):
                return True
    return False


def _name_errors(spec: Object, path: Path) -> ErrorList:
    """The names of the pod and of what it runs as and on."""
    errors: ErrorList = []
    if (override := spec.get("hostnameOverride")) is not None:
        errors += _hostname_override_errors(override, spec, path.child("hostnameOverride"))
    for field in ("serviceAccountName", "nodeName"):
        if (name := spec.get(field)) and (problems := name_is_dns_subdomain(name)):
            errors += invalid_each(path.child(field), name, problems)
    if (deadline := spec.get("activeDeadlineSeconds")) is not None and not 1 <= deadline <= INT32_MAXIMUM:
        detail = range_error(1, INT32_MAXIMUM)
        errors.append(invalid(path.child("activeDeadlineSeconds"), deadline, detail))
    for field in ("hostname", "subdomain"):
        if name := spec.get(field):
            errors += invalid_each(path.child(field), name, dns1123_label(name))
    return errors


def _hostname_override_errors(name: str, spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if spec.get("setHostnameAsFQDN"):
        errors.append(forbidden(path, "may not be specified when setHostnameAsFQDN is true"))
    if spec.get("hostNetwork"):
        errors.append(forbidden(path, "may not be specified when hostNetwork is true"))
    if byte_length(name) > _HOSTNAME_MAXIMUM:
        errors.append(too_long(path, _HOSTNAME_MAXIMUM))
    return errors + invalid_each(path, name, dns1123_subdomain(name))


def _late_errors(spec: Object, path: Path) -> ErrorList:
    """From the tolerations on."""
    errors: ErrorList = []
    if tolerations := spec.get("tolerations"):
        errors += toleration_errors(tolerations, path.child("tolerations"))
    if aliases := spec.get("hostAliases"):
        errors += host_alias_errors(aliases, path.child("hostAliases"))
    if name := spec.get("priorityClassName"):
        errors += invalid_each(path.child("priorityClassName"), name, name_is_dns_subdomain(name))
    if (name := spec.get("runtimeClassName")) is not None:
        errors += invalid_each(path.child("runtimeClassName"), name, name_is_dns_subdomain(name))
    if (policy := spec.get("preemptionPolicy")) is not None and policy not in _PREEMPTION_POLICIES:
        errors += _choice_errors(policy, _PREEMPTION_POLICIES, path.child("preemptionPolicy"))
    if overhead := spec.get("overhead"):
        errors += _overhead_errors(overhead, path.child("overhead"))
    if "os" in spec:
        errors += os_errors(spec, path)
    if (group := spec.get("schedulingGroup")) is not None:
        errors += _scheduling_group_errors(group, path.child("schedulingGroup", "podGroupName"))
    return errors + file_key_volume_errors(spec, path)


def _overhead_errors(overhead: Mapping[str, str], path: Path) -> ErrorList:
    return container_requirement_errors({"limits": overhead}, (), path)


def _scheduling_group_errors(group: Object, path: Path) -> ErrorList:
    name = group.get("podGroupName")
    if name is None:
        return [invalid(path, as_json(None), "must specify one of: `podGroupName`")]
    return invalid_each(path, name, name_is_dns_subdomain(name))
