"""Windows: its security options, and what pods of an operating system may not have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, invalid_each, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_subdomain

OPERATING_SYSTEMS = ("linux", "windows")
_NOT_ON_WINDOWS = "cannot be set for a windows pod"
_NOT_ON_LINUX = "windows options cannot be set for a linux pod"
_CREDENTIAL_SPEC_KIB = 64
_DOMAIN_MAXIMUM = 256
_USER_MAXIMUM = 104

_has_control = re.compile(r"[\x00-\x1f\x7f]").search
_is_net_bios = re.compile(r'[^\\/:\*\?"<>|\.][^\\/:\*\?"<>|]{0,14}').fullmatch
_DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_is_dns_domain = re.compile(rf"{_DNS_LABEL}(?:\.{_DNS_LABEL})*").fullmatch
_has_bad_character = re.compile(r'["/\\:;|=,\+\*\?<>@\[\]]').search
_is_dots_and_spaces = re.compile(r"[\. ]+").fullmatch

_POD_FIELDS = (
    "securityContext.appArmorProfile",
    "securityContext.seLinuxOptions",
    "hostUsers",
    "hostPID",
    "hostIPC",
    "securityContext.seccompProfile",
    "securityContext.fsGroup",
    "securityContext.fsGroupChangePolicy",
    "securityContext.sysctls",
    "shareProcessNamespace",
    "securityContext.runAsUser",
    "securityContext.runAsGroup",
    "securityContext.supplementalGroups",
    "securityContext.supplementalGroupsPolicy",
    "securityContext.seLinuxChangePolicy",
)
"""What a windows pod may not have, in the order of complaint."""
_CONTAINER_FIELDS = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)


def all_containers(spec: Object, path: Path) -> Iterator[tuple[Object, Path]]:
    """Every container with its path: init, regular, ephemeral. `path` is the pod spec's."""
    for side in ("initContainers", "containers", "ephemeralContainers"):
        containers = spec.get(side)
        if containers:
            at = path.child(side)
            for index, container in enumerate(containers):
                yield container, at.index(index)


def os_errors(spec: Object, path: Path) -> ErrorList:
    """`os`, and what the rest of the pod spec at `path` may not have there."""
    name = spec["os"].get("name") or ""
    if not name:
        return [required(path.child("os", "name"))]
    if name not in OPERATING_SYSTEMS:
        return [not_supported(path.child("os"), name, OPERATING_SYSTEMS)]
    return _linux_errors(spec, path) if name == "linux" else _windows_errors(spec, path)


def _linux_errors(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    if "windowsOptions" in (spec.get("securityContext") or {}):
        errors.append(forbidden(path.child("securityContext", "windowsOptions"), _NOT_ON_LINUX))
    for container, at in all_containers(spec, path):
        if "windowsOptions" in (container.get("securityContext") or {}):
            errors.append(forbidden(at.child("securityContext", "windowsOptions"), _NOT_ON_LINUX))
    return errors


def _windows_errors(spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    context = spec.get("securityContext") or {}
    for field in _POD_FIELDS:
        outer, _, inner = field.partition(".")
        given = inner in context if inner else spec.get(outer) is not None
        if given:
            errors.append(forbidden(path.child(outer, inner) if inner else path.child(outer), _NOT_ON_WINDOWS))
    for container, at in all_containers(spec, path):
        own = container.get("securityContext") or {}
        errors += [
            forbidden(at.child("securityContext", name), _NOT_ON_WINDOWS) for name in _CONTAINER_FIELDS if name in own
        ]
    return errors


def windows_option_errors(options: Object, path: Path) -> ErrorList:
    """A WindowsSecurityContextOptions."""
    errors: ErrorList = []
    if (name := options.get("gmsaCredentialSpecName")) is not None:
        errors += invalid_each(path.child("gmsaCredentialSpecName"), name, dns1123_subdomain(name))
    if (credentials := options.get("gmsaCredentialSpec")) is not None:
        at = path.child("gmsaCredentialSpec")
        if not credentials:
            errors.append(invalid(at, credentials, "gmsaCredentialSpec cannot be an empty string"))
        elif byte_length(credentials) > _CREDENTIAL_SPEC_KIB * 1024:
            detail = f"gmsaCredentialSpec size must be under {_CREDENTIAL_SPEC_KIB} KiB"
            errors.append(invalid(at, credentials, detail))
    if (user := options.get("runAsUserName")) is not None:
        errors += invalid_each(path.child("runAsUserName"), user, _user_name_problems(user))
    return errors


def _user_name_problems(name: str) -> list[str]:
    """ "DOMAIN\\user" or "user"."""
    if not name:
        return ["runAsUserName cannot be an empty string"]
    if _has_control(name):
        return ["runAsUserName cannot contain control characters"]
    if name.count("\\") > 1:
        return ["runAsUserName cannot contain more than one backslash"]
    domain, backslash, user = name.rpartition("\\")
    problems = []
    if byte_length(domain) >= _DOMAIN_MAXIMUM:
        problems.append(f"runAsUserName's Domain length must be under {_DOMAIN_MAXIMUM} characters")
    if backslash and not (_is_net_bios(domain) or _is_dns_domain(domain)):
        problems.append("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    if not user:
        problems.append("runAsUserName's User cannot be empty")
    elif byte_length(user) > _USER_MAXIMUM:
        problems.append(f"runAsUserName's User length must not be longer than {_USER_MAXIMUM} characters")
    if _is_dots_and_spaces(user):
        problems.append("runAsUserName's User cannot contain only periods or spaces")
    if _has_bad_character(user):
        problems.append("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]")
    return problems


def host_process_errors(spec: Object, path: Path) -> ErrorList:
    """HostProcess containers: all of a pod's or none, and only on the host's network. `path` is the pod spec's."""
    options = (spec.get("securityContext") or {}).get("windowsOptions")
    pod = None if options is None else options.get("hostProcess")
    errors: ErrorList = []
    count = host_processes = 0
    for container, at in all_containers(spec, path):
        count += 1
        context = container.get("securityContext")
        own = ((context or {}).get("windowsOptions") or {}).get("hostProcess")
        if pod is not None and own is not None and pod != own:
            shown = "true" if pod else "false"
            detail = f"pod hostProcess value must be identical if both are specified, was {shown}"
            errors.append(invalid(at.child("securityContext", "windowsOptions", "hostProcess"), own, detail))
        host_processes += bool(pod if own is None else own)
    if not host_processes:
        return errors
    if host_processes != count:
        detail = "If pod contains any hostProcess containers then all containers must be HostProcess containers"
        errors.append(invalid(path, "", detail))
    if not spec.get("hostNetwork"):
        detail = "hostNetwork must be true if pod contains any hostProcess containers"
        errors.append(invalid(path.child("hostNetwork"), False, detail))
    return errors
