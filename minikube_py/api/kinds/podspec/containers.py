"""Containers of pods, regular, init and ephemeral."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from minikube_py.api.kinds.podspec.env import env_errors, env_from_errors
from minikube_py.api.kinds.podspec.mounts import device_errors, mount_errors
from minikube_py.api.kinds.podspec.probes import container_probe_errors, lifecycle_errors
from minikube_py.api.kinds.podspec.requirements import container_requirement_errors
from minikube_py.api.kinds.podspec.restartrules import restart_policy_errors
from minikube_py.api.kinds.podspec.security import security_context_errors
from minikube_py.api.kinds.podspec.volumes import PULL_POLICIES, Volumes, pull_policy_errors
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    duplicate,
    forbidden,
    invalid,
    invalid_each,
    not_found,
    not_supported,
    required,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label, port_name, port_number
from minikube_py.machinery.podresources import is_sidecar

_TERMINATION_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_RESIZE_RESOURCES = ("cpu", "memory")
_RESIZE_POLICIES = ("NotRequired", "RestartContainer")
_NOT_IN_INIT = "may not be set for init containers without restartPolicy=Always"
_NOT_IN_EPHEMERAL = "cannot be set for an Ephemeral Container"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_FORBIDDEN_IN_EPHEMERAL = (
    "ports",
    "resources",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    *_PROBES,
    "lifecycle",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What containers are checked against: the rest of their pod."""

    volumes: Volumes = field(default_factory=dict)
    claims: frozenset[str] = frozenset()
    grace_period: int | None = None
    restart_policy: str = "Always"
    host_users: bool = True
    os: str | None = None
    """os.name; None without `os`."""


def container_errors(containers: Sequence[Object], around: Surroundings, path: Path) -> ErrorList:
    """`containers`."""
    if not containers:
        return [required(path)]
    errors: ErrorList = []
    names: set[str] = set()
    for index, container in enumerate(containers):
        at = path.index(index)
        errors += _common_errors(container, around, at)
        name = container.get("name") or ""
        if name in names:
            errors.append(duplicate(at.child("name"), name))
        names.add(name)
        errors += _running_errors(container, around, at)
        if "restartPolicy" in container or "restartPolicyRules" in container:
            errors += restart_policy_errors(container, at)
    return errors + _host_port_errors(containers, path)


def _running_errors(container: Object, around: Surroundings, path: Path) -> ErrorList:
    """What only containers that keep running may have."""
    errors: ErrorList = []
    if "lifecycle" in container:
        at = path.child("lifecycle")
        errors += lifecycle_errors(container["lifecycle"], around.grace_period, around.os, at)
    return errors + container_probe_errors(container, around.grace_period, path)


def init_container_errors(
    containers: Sequence[Object], regular: Iterable[Object], around: Surroundings, path: Path
) -> ErrorList:
    """`initContainers`; `regular` are the others, whose names they may not take."""
    errors: ErrorList = []
    names = {container.get("name") or "" for container in regular}
    for index, container in enumerate(containers):
        at = path.index(index)
        errors += _common_errors(container, around, at)
        if "restartPolicy" in container or "restartPolicyRules" in container:
            errors += restart_policy_errors(container, at)
        name = container.get("name") or ""
        if name in names:
            errors.append(duplicate(at.child("name"), name))
        elif name:
            names.add(name)
        errors += _host_port_errors([container], path)
        if is_sidecar(container):
            errors += _running_errors(container, around, at)
        else:
            errors += _non_sidecar_errors(container, at)
    return errors


def _non_sidecar_errors(container: Object, path: Path) -> ErrorList:
    errors = [forbidden(path.child(name), _NOT_IN_INIT) for name in ("lifecycle", *_PROBES) if name in container]
    for index, policy in enumerate(container.get("resizePolicy") or ()):
        if policy.get("restartPolicy") == "RestartContainer":
            at = path.child("resizePolicy").index(index).child("restartPolicy")
            detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
            errors.append(invalid(at, "RestartContainer", detail))
    return errors


def ephemeral_container_errors(
    containers: Sequence[Object], others: Iterable[Object], around: Surroundings, path: Path
) -> ErrorList:
    """`ephemeralContainers`; `others` are all the pod's other containers."""
    errors: ErrorList = []
    targets = {container.get("name") or "" for container in others}
    names = set(targets)
    for index, container in enumerate(containers):
        at = path.index(index)
        errors += _common_errors(container, around, at)
        errors += image_padding_errors(container, at)
        name = container.get("name") or ""
        if name in names:
            errors.append(duplicate(at.child("name"), name))
        names.add(name)
        target = container.get("targetContainerName")
        if target and target not in targets:
            errors.append(not_found(at.child("targetContainerName"), target))
        errors += [
            forbidden(at.child(name), _NOT_IN_EPHEMERAL) for name in _FORBIDDEN_IN_EPHEMERAL if container.get(name)
        ]
        for position, mount in enumerate(container.get("volumeMounts") or ()):
            for name in ("subPath", "subPathExpr"):
                if mount.get(name):
                    errors.append(forbidden(at.child("volumeMounts").index(position).child(name), _NOT_IN_EPHEMERAL))
    return errors


def image_padding_errors(container: Object, path: Path) -> ErrorList:
    """Of pods only: templates may have such images."""
    image = container.get("image") or ""
    if image == image.strip():
        return []
    return [invalid(path.child("image"), image, "must not have leading or trailing whitespace")]


def _common_errors(container: Object, around: Surroundings, path: Path) -> ErrorList:
    """What holds for containers of every kind. What is absent costs nothing."""
    errors: ErrorList = []
    name = container.get("name")
    if not name:
        errors.append(required(path.child("name")))
    elif problems := dns1123_label(name):
        errors += invalid_each(path.child("name"), name, problems)
    if not container.get("image"):
        errors.append(required(path.child("image")))
    policy = container.get("terminationMessagePolicy") or ""
    if policy not in _TERMINATION_MESSAGE_POLICIES:
        errors += _termination_message_errors(policy, path.child("terminationMessagePolicy"))
    if ports := container.get("ports"):
        errors += _port_errors(ports, path.child("ports"))
    if variables := container.get("env"):
        errors += env_errors(variables, path.child("env"))
    if sources := container.get("envFrom"):
        errors += env_from_errors(sources, path.child("envFrom"))
    if "volumeMounts" in container:
        errors += mount_errors(container, around.volumes, path.child("volumeMounts"))
    if "volumeDevices" in container:
        errors += device_errors(container, around.volumes, path.child("volumeDevices"))
    if (policy := container.get("imagePullPolicy") or "") not in PULL_POLICIES:
        errors += pull_policy_errors(policy, path.child("imagePullPolicy"))
    if requirements := container.get("resources"):
        errors += container_requirement_errors(requirements, around.claims, path.child("resources"))
    if policies := container.get("resizePolicy"):
        errors += _resize_policy_errors(policies, around.restart_policy, path.child("resizePolicy"))
    if context := container.get("securityContext"):
        errors += security_context_errors(context, around.host_users, path.child("securityContext"))
    return errors


def _termination_message_errors(policy: str, path: Path) -> ErrorList:
    return [not_supported(path, policy, _TERMINATION_MESSAGE_POLICIES) if policy else required(path)]


def _port_errors(ports: Sequence[Object], path: Path) -> ErrorList:
    errors: ErrorList = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        name = port.get("name")
        if name:
            if problems := port_name(name):
                errors += invalid_each(path.index(index).child("name"), name, problems)
            elif name in names:
                errors.append(duplicate(path.index(index).child("name"), name))
            names.add(name)
        number = port.get("containerPort") or 0
        if not number:
            errors.append(required(path.index(index).child("containerPort")))
        elif problems := port_number(number):
            errors += invalid_each(path.index(index).child("containerPort"), number, problems)
        host_port = port.get("hostPort")
        if host_port and (problems := port_number(host_port)):
            errors += invalid_each(path.index(index).child("hostPort"), host_port, problems)
        protocol = port.get("protocol") or ""
        if protocol not in _PROTOCOLS:
            at = path.index(index).child("protocol")
            errors.append(not_supported(at, protocol, _PROTOCOLS) if protocol else required(at))
    return errors


def _host_port_errors(containers: Sequence[Object], path: Path) -> ErrorList:
    """No two ports of running containers share a port of the host."""
    errors: ErrorList = []
    taken: set[str] = set()
    for index, container in enumerate(containers):
        for position, port in enumerate(container.get("ports") or ()):
            host_port = port.get("hostPort")
            if not host_port:
                continue
            key = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{host_port}"
            if key in taken:
                errors.append(duplicate(path.index(index).child("ports").index(position).child("hostPort"), key))
            taken.add(key)
    return errors


def _resize_policy_errors(policies: Sequence[Object], restart_policy: str, path: Path) -> ErrorList:
    """But for repetitions, the errors name the list."""
    errors: ErrorList = []
    seen: set[str] = set()
    for index, policy in enumerate(policies):
        resource, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if resource in seen:
            errors.append(duplicate(path.index(index), resource))
        seen.add(resource)
        if resource not in _RESIZE_RESOURCES:
            errors.append(not_supported(path, resource, _RESIZE_RESOURCES) if resource else required(path))
        if restart not in _RESIZE_POLICIES:
            errors.append(not_supported(path, restart, _RESIZE_POLICIES) if restart else required(path))
        if restart_policy == "Never" and restart != "NotRequired":
            detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            errors.append(invalid(path, restart, detail))
    return errors
