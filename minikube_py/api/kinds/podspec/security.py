"""Security contexts of pods and containers."""

from __future__ import annotations

import re

from minikube_py.api.kinds.podspec.gostructs import as_go
from minikube_py.api.kinds.podspec.paths import descending_errors
from minikube_py.api.kinds.podspec.windows import windows_option_errors
from minikube_py.machinery.field import (
    ErrorList,
    FieldError,
    Path,
    duplicate,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_long,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, group_id, user_id

_PROC_MOUNTS = ("Default", "Unmasked")
_PROFILE_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")
_GROUP_CHANGE_POLICIES = ("Always", "OnRootMismatch")
_GROUPS_POLICIES = ("Merge", "Strict")
_SELINUX_CHANGE_POLICIES = ("Recursive",)
_PROFILE_MAXIMUM = 4095

_SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL = f"^({_SYSCTL_SEGMENT}[\\./])*{_SYSCTL_SEGMENT}$"
_SYSCTL_MAXIMUM = 253
_is_sysctl = re.compile("[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*").fullmatch
_IPC_SYSCTLS = frozenset(
    {
        "kernel.sem",
        "kernel.shm",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
        "kernel.msg",
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
    }
)


def security_context_errors(context: Object, host_users: bool, path: Path) -> ErrorList:
    """A container's."""
    errors = _id_errors(context, path)
    if (mount := context.get("procMount")) is not None:
        at = path.child("procMount")
        if mount not in _PROC_MOUNTS:
            errors.append(not_supported(at, mount, _PROC_MOUNTS))
        if host_users and mount == "Unmasked":
            errors.append(invalid(at, mount, "`hostUsers` must be false to use `Unmasked`"))
    if "seccompProfile" in context:
        errors += seccomp_errors(context["seccompProfile"], path.child("seccompProfile"))
    if context.get("allowPrivilegeEscalation") is False:
        errors += _escalation_errors(context, path)
    if "windowsOptions" in context:
        errors += windows_option_errors(context["windowsOptions"], path.child("windowsOptions"))
    if "appArmorProfile" in context:
        errors += apparmor_errors(context["appArmorProfile"], path.child("appArmorProfile"))
    return errors


def _id_errors(context: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if (user := context.get("runAsUser")) is not None and (problems := user_id(user)):
        errors += invalid_each(path.child("runAsUser"), user, problems)
    if (group := context.get("runAsGroup")) is not None and (problems := group_id(group)):
        errors += invalid_each(path.child("runAsGroup"), group, problems)
    return errors


def _escalation_errors(context: Object, path: Path) -> ErrorList:
    details = []
    if context.get("privileged"):
        details.append("cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
    for capability in (context.get("capabilities") or {}).get("add") or ():
        if capability == "CAP_SYS_ADMIN":
            details.append("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")
    return [invalid(path, as_go("SecurityContext", context), detail) for detail in details]


def seccomp_errors(profile: Object, path: Path) -> ErrorList:
    """A SeccompProfile."""
    kind, file = profile.get("type") or "", profile.get("localhostProfile")
    errors: ErrorList = []
    if not kind:
        errors.append(required(path.child("type"), "type is required when seccompProfile is set"))
    elif kind not in _PROFILE_TYPES:
        errors.append(not_supported(path.child("type"), kind, _PROFILE_TYPES))
    at = path.child("localhostProfile")
    if kind == "Localhost":
        if file is None:
            errors.append(required(at, "must be set when seccomp type is Localhost"))
        else:
            errors += descending_errors(file, at)
    elif file is not None:
        detail = "can only be set when seccomp type is Localhost"
        errors.append(invalid(at, as_go("SeccompProfile", profile), detail))
    return errors


def apparmor_errors(profile: Object, path: Path) -> ErrorList:
    """An AppArmorProfile."""
    kind, name = profile.get("type") or "", profile.get("localhostProfile")
    at = path.child("localhostProfile")
    if not kind:
        return [required(path.child("type"), "type is required when appArmorProfile is set")]
    if kind not in _PROFILE_TYPES:
        return [not_supported(path.child("type"), kind, _PROFILE_TYPES)]
    if kind != "Localhost":
        return [] if name is None else [invalid(at, name, "can only be set when AppArmor type is Localhost")]
    if name is None:
        return [required(at, "must be set when AppArmor type is Localhost")]
    errors: ErrorList = []
    if name.strip() != name:
        errors.append(invalid(at, name, "must not be padded with whitespace"))
    elif not name:
        errors.append(required(at, "must be set when AppArmor type is Localhost"))
    if byte_length(name) > _PROFILE_MAXIMUM:
        errors.append(too_long(at, _PROFILE_MAXIMUM))
    return errors


def pod_security_context_errors(spec: Object, path: Path) -> ErrorList:
    """The pod's own; `path` is that of `securityContext`."""
    context = spec.get("securityContext") or {}
    errors: ErrorList = []
    if (group := context.get("fsGroup")) is not None and (problems := group_id(group)):
        errors += invalid_each(path.child("fsGroup"), group, problems)
    errors += _id_errors(context, path)
    for index, group in enumerate(context.get("supplementalGroups") or ()):
        if problems := group_id(group):
            errors += invalid_each(path.child("supplementalGroups").index(index), group, problems)
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        errors.append(invalid(path.child("shareProcessNamespace"), True, detail))
    for index, sysctl in enumerate(context.get("sysctls") or ()):
        at = path.child("sysctls").index(index).child("name")
        errors += _sysctl_errors(sysctl.get("name") or "", index, spec, at)
    errors += _choice(context, "fsGroupChangePolicy", _GROUP_CHANGE_POLICIES, path)
    if "seccompProfile" in context:
        errors += seccomp_errors(context["seccompProfile"], path.child("seccompProfile"))
    if "windowsOptions" in context:
        errors += windows_option_errors(context["windowsOptions"], path.child("windowsOptions"))
    if "appArmorProfile" in context:
        errors += apparmor_errors(context["appArmorProfile"], path.child("appArmorProfile"))
    errors += _choice(context, "supplementalGroupsPolicy", _GROUPS_POLICIES, path)
    errors += _choice(context, "seLinuxChangePolicy", _SELINUX_CHANGE_POLICIES, path)
    return errors


def _choice(context: Object, field: str, supported: tuple[str, ...], path: Path) -> ErrorList:
    value = context.get(field)
    if value is None or value in supported:
        return []
    return [not_supported(path.child(field), value, supported)]


def _sysctl_errors(name: str, index: int, spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if not name:
        errors.append(required(path))
    elif len(name) > _SYSCTL_MAXIMUM or not _is_sysctl(name):
        detail = f"must have at most {_SYSCTL_MAXIMUM} characters and match regex {_SYSCTL}"
        errors.append(invalid(path, name, detail))
    elif any(name == sysctl.get("name") for sysctl in spec["securityContext"]["sysctls"][:index]):
        errors.append(duplicate(path, name))
    if error := _host_sysctl_error(name, spec, path):
        errors.append(error)
    return errors


def _host_sysctl_error(name: str, spec: Object, path: Path) -> FieldError | None:
    """A sysctl of a namespace that the pod shares with its host."""
    namespace = _sysctl_namespace(name)
    if spec.get("hostNetwork") and namespace == "net":
        return invalid(path, name, "may not be specified when 'hostNetwork' is true")
    if spec.get("hostIPC") and namespace == "ipc":
        return invalid(path, name, "may not be specified when 'hostIPC' is true")
    return None


def _sysctl_namespace(name: str) -> str:
    """component-helpers' node/util/sysctl: "net/ipv4.conf" is "net.ipv4/conf"."""
    separator = next((char for char in name if char in "./"), ".")
    if separator == "/":
        name = name.translate({ord("."): "/", ord("/"): "."})
    name = name.partition("*")[0]
    if name in _IPC_SYSCTLS or name.startswith("fs.mqueue."):
        return "ipc"
    return "net" if name.startswith("net.") else ""
