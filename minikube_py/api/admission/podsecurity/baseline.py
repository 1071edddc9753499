"""Checks of the level "baseline": nothing that is known to lead out of a pod (pod-security-admission/policy,
check_*.go).

Each takes a pod and tells what it forbids of it. Upstream's file is named where its name is another.
"""

from __future__ import annotations

from collections.abc import Iterator

from minikube_py.api.admission.podsecurity.subject import (
    Check,
    Finding,
    Subject,
    counted,
    plural,
    quoted,
    setters,
    setting,
)
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object

_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_PROFILES = ("RuntimeDefault", "Localhost")

CAPABILITIES = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip
"""Those of a container that asks for none."""

SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})

SYSCTLS = frozenset({
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
})  # fmt: skip
SYSCTLS_27 = SYSCTLS | {"net.ipv4.ip_local_reserved_ports"}
SYSCTLS_29 = SYSCTLS_27 | {
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}  # fmt: skip
SYSCTLS_32 = SYSCTLS_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}


def app_armor_profile(subject: Subject) -> Finding | None:
    values: set[str] = set()

    def is_bad(owner: Object) -> bool:
        profile = setting(owner, "appArmorProfile")
        if profile is None or profile.get("type") in _PROFILES:
            return False
        values.add(profile.get("type") or "")
        return True

    who = setters(subject, is_bad)
    annotations = sorted(
        f"{key}={quote(value)}"
        for key, value in subject.annotations.items()
        if key.startswith(_APP_ARMOR) and value not in ("", "runtime/default") and not value.startswith("localhost/")
    )
    if annotations:
        told = plural(len(annotations), "annotation", "annotations")
        who = f"{who} and {told}" if who else told
    if not who:
        return None
    forbidden = [*sorted(values), *annotations]
    reason = plural(len(forbidden), "forbidden AppArmor profile", "forbidden AppArmor profiles")
    return Finding(reason, f"{who} must not set AppArmor profile type to {quoted(forbidden)}")


def capabilities(subject: Subject) -> Finding | None:
    """check_capabilities_baseline.go."""
    added = {
        each["name"]: set(setting(each, "capabilities", "add") or ()) - CAPABILITIES for each in subject.containers
    }
    bad = [name for name, forbidden in added.items() if forbidden]
    if not bad:
        return None
    names = quoted(sorted(set().union(*added.values())))
    detail = f"{counted(bad)} must not include {names} in securityContext.capabilities.add"
    return Finding("non-default capabilities", detail)


def host_namespaces(subject: Subject) -> Finding | None:
    shared = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if subject.spec.get(field)]
    return Finding("host namespaces", ", ".join(shared)) if shared else None


def host_path_volumes(subject: Subject) -> Finding | None:
    bad = [each["name"] for each in subject.spec.get("volumes") or () if each.get("hostPath") is not None]
    return Finding("hostPath volumes", counted(bad, "volume", "volumes")) if bad else None


def host_ports(subject: Subject) -> Finding | None:
    bad, taken = [], set()
    for container in subject.containers:
        if ports := [str(port["hostPort"]) for port in container.get("ports") or () if port.get("hostPort")]:
            bad.append(container["name"])
            taken.update(ports)
    if not bad:
        return None
    uses, ports_word = plural(len(bad), "uses", "use"), plural(len(taken), "hostPort", "hostPorts")
    return Finding("hostPort", f"{counted(bad)} {uses} {ports_word} {', '.join(sorted(taken))}")


def host_probes_and_host_lifecycle(subject: Subject) -> Finding | None:
    bad, hosts = set(), set()
    for container in subject.containers:
        if found := set(_hosts(container)):
            bad.add(container["name"])
            hosts |= found
    if not bad:
        return None
    uses = plural(len(bad), "uses", "use")
    what = counted(sorted(hosts), "probe or lifecycle host", "probe or lifecycle hosts")
    return Finding("probe or lifecycle host", f"{counted(sorted(bad))} {uses} {what}")


def _hosts(container: Object) -> Iterator[str]:
    """Those that its probes and hooks name."""
    lifecycle = container.get("lifecycle") or {}
    probes = [container.get(field) for field in ("livenessProbe", "readinessProbe", "startupProbe")]
    for handler in (*probes, lifecycle.get("postStart"), lifecycle.get("preStop")):
        for action in ("httpGet", "tcpSocket"):
            if host := ((handler or {}).get(action) or {}).get("host"):
                yield host


def privileged(subject: Subject) -> Finding | None:
    bad = [each["name"] for each in subject.containers if setting(each, "privileged")]
    return Finding("privileged", f"{counted(bad)} must not set securityContext.privileged=true") if bad else None


def proc_mount(subject: Subject) -> Finding | None:
    mounts = {each["name"]: setting(each, "procMount") for each in subject.containers}
    bad = {name: mount for name, mount in mounts.items() if mount not in (None, "Default")}
    if not bad:
        return None
    names = quoted(sorted(set(bad.values())))
    return Finding("procMount", f"{counted(list(bad))} must not set securityContext.procMount to {names}")


def selinux_options(allowed: frozenset[str]) -> Check:
    """check_seLinuxOptions.go, by the types that may be set."""

    def check(subject: Subject) -> Finding | None:
        types: set[str] = set()
        roles: set[str] = set()

        def is_bad(owner: Object) -> bool:
            options = setting(owner, "seLinuxOptions") or {}
            wrong = {options.get("type") or ""} - allowed
            named = {field for field in ("user", "role") if options.get(field)}
            types.update(wrong)
            roles.update(named)
            return bool(wrong or named)

        who = setters(subject, is_bad)
        if not who:
            return None
        data = [counted(sorted(types), "type", "types")] if types else []
        data += [f"{field} may not be set" for field in ("user", "role") if field in roles]
        return Finding("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}")

    return check


def seccomp_annotations(subject: Subject) -> Finding | None:
    """check_seccompProfile_baseline.go, before there were fields."""
    keys = (_SECCOMP_POD, *(f"{_SECCOMP_CONTAINER}{each['name']}" for each in subject.containers))
    forbidden = {
        f"{key}={quote(value)}"
        for key in keys
        if (value := subject.annotations.get(key)) is not None
        and value not in ("runtime/default", "docker/default")
        and not value.startswith("localhost/")
    }
    if not forbidden:
        return None
    word = plural(len(forbidden), "annotation", "annotations")
    return Finding("seccompProfile", f"forbidden {word} {', '.join(sorted(forbidden))}")


def seccomp_profile(subject: Subject) -> Finding | None:
    """check_seccompProfile_baseline.go."""
    values: set[str] = set()

    def is_bad(owner: Object) -> bool:
        profile = setting(owner, "seccompProfile")
        if profile is None or profile.get("type") in _PROFILES:
            return False
        values.add(profile.get("type") or "")
        return True

    who = setters(subject, is_bad)
    if not who:
        return None
    names = quoted(sorted(values))
    return Finding("seccompProfile", f"{who} must not set securityContext.seccompProfile.type to {names}")


def sysctls(allowed: frozenset[str]) -> Check:
    def check(subject: Subject) -> Finding | None:
        names = [each["name"] for each in setting(subject.spec, "sysctls") or ()]
        forbidden = [name for name in names if name not in allowed]
        return Finding("forbidden sysctls", ", ".join(forbidden)) if forbidden else None

    return check


def windows_host_process(subject: Subject) -> Finding | None:
    who = setters(subject, lambda owner: bool(setting(owner, "windowsOptions", "hostProcess")))
    if not who:
        return None
    return Finding("hostProcess", f"{who} must not set securityContext.windowsOptions.hostProcess=true")
