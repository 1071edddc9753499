"""Which checks hold since which version, and what they find together (pod-security-admission/policy: registry.go,
checks.go)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from minikube_py.api.admission.podsecurity import baseline, restricted
from minikube_py.api.admission.podsecurity.baseline import (
    SELINUX_TYPES,
    SYSCTLS,
    SYSCTLS_27,
    SYSCTLS_29,
    SYSCTLS_32,
    selinux_options,
    sysctls,
)
from minikube_py.api.admission.podsecurity.policy import BASELINE, PRIVILEGED, Standard
from minikube_py.api.admission.podsecurity.restricted import unless_own_users, unless_windows
from minikube_py.api.admission.podsecurity.subject import Check, Finding, Subject


class Row(NamedTuple):
    """A check as of a minor version, until the next row of its name."""

    name: str
    since: int
    check: Check
    instead_of: str = ""
    """The check of the level below that it makes superfluous."""


BASELINE_CHECKS = (
    Row("appArmorProfile", 0, baseline.app_armor_profile),
    Row("capabilities_baseline", 0, baseline.capabilities),
    Row("hostNamespaces", 0, baseline.host_namespaces),
    Row("hostPathVolumes", 0, baseline.host_path_volumes),
    Row("hostPorts", 0, baseline.host_ports),
    Row("hostProbesAndHostLifecycle", 34, baseline.host_probes_and_host_lifecycle),
    Row("privileged", 0, baseline.privileged),
    Row("procMount", 0, baseline.proc_mount),
    Row("procMount", 35, unless_own_users(baseline.proc_mount)),
    Row("seLinuxOptions", 0, selinux_options(SELINUX_TYPES)),
    Row("seLinuxOptions", 31, selinux_options(SELINUX_TYPES | {"container_engine_t"})),
    Row("seccompProfile_baseline", 0, baseline.seccomp_annotations),
    Row("seccompProfile_baseline", 19, baseline.seccomp_profile),
    Row("sysctls", 0, sysctls(SYSCTLS)),
    Row("sysctls", 27, sysctls(SYSCTLS_27)),
    Row("sysctls", 29, sysctls(SYSCTLS_29)),
    Row("sysctls", 32, sysctls(SYSCTLS_32)),
    Row("windowsHostProcess", 0, baseline.windows_host_process),
)
"""In the order in which their findings are told, and by version."""

RESTRICTED_CHECKS = (
    Row("allowPrivilegeEscalation", 8, restricted.allow_privilege_escalation),
    Row("allowPrivilegeEscalation", 25, unless_windows(restricted.allow_privilege_escalation)),
    Row("capabilities_restricted", 22, restricted.capabilities, "capabilities_baseline"),
    Row("capabilities_restricted", 25, unless_windows(restricted.capabilities), "capabilities_baseline"),
    Row("procMount_restricted", 35, baseline.proc_mount, "procMount"),
    Row("restrictedVolumes", 0, restricted.volumes, "hostPathVolumes"),
    Row("runAsNonRoot", 0, restricted.run_as_non_root),
    Row("runAsNonRoot", 35, unless_own_users(restricted.run_as_non_root)),
    Row("runAsUser", 23, restricted.run_as_user),
    Row("runAsUser", 35, unless_own_users(restricted.run_as_user)),
    Row("seccompProfile_restricted", 19, restricted.seccomp_profile, "seccompProfile_baseline"),
    Row("seccompProfile_restricted", 25, unless_windows(restricted.seccomp_profile), "seccompProfile_baseline"),
)
"""Told after those of "baseline"."""


def findings(standard: Standard, subject: Subject, newest: int) -> list[Finding]:
    """What a standard forbids of a pod. `newest`: the minor version of the server, which knows of no later one."""
    if standard.level == PRIVILEGED:
        return []
    found = (check(subject) for check in _checks(standard.level, min(standard.minor, newest)))
    return [each for each in found if each is not None]


def told(found: list[Finding]) -> str:
    """With all details."""
    return ", ".join(f"{each.reason} ({each.detail})" if each.detail else each.reason for each in found)


@lru_cache(maxsize=64)
def _checks(level: str, minor: int) -> tuple[Check, ...]:
    held = {row.name: row for row in BASELINE_CHECKS if row.since <= minor}
    if level != BASELINE:
        added = {row.name: row for row in RESTRICTED_CHECKS if row.since <= minor}
        superfluous = {row.instead_of for row in added.values()}
        held = {name: row for name, row in (held | added).items() if name not in superfluous}
    return tuple(row.check for row in held.values())
