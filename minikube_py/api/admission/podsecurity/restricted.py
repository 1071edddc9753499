"""Checks that the level "restricted" adds: what hardening asks for (pod-security-admission/policy/check_*.go)."""

from __future__ import annotations

from minikube_py.api.admission.podsecurity import baseline
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
from minikube_py.machinery.gvr import Object

VOLUMES = (
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
)  # fmt: skip
"""Types of volumes that are allowed."""
RESTRICTED_VOLUMES = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
)  # fmt: skip

_MAY_ADD = frozenset({"NET_BIND_SERVICE"})


def unless_windows(check: Check) -> Check:
    """For pods of an operating system that knows of the matter."""
    return lambda subject: None if subject.is_windows else check(subject)


def unless_own_users(check: Check) -> Check:
    """For pods whose root is the node's."""
    return lambda subject: None if subject.has_own_users else check(subject)


def allow_privilege_escalation(subject: Subject) -> Finding | None:
    bad = [each["name"] for each in subject.containers if setting(each, "allowPrivilegeEscalation") is not False]
    if not bad:
        return None
    detail = f"{counted(bad)} must set securityContext.allowPrivilegeEscalation=false"
    return Finding("allowPrivilegeEscalation != false", detail)


def capabilities(subject: Subject) -> Finding | None:
    """check_capabilities_restricted.go."""
    keeping: list[str] = []
    adding: list[str] = []
    forbidden: set[str] = set()
    for container in subject.containers:
        if "ALL" not in (setting(container, "capabilities", "drop") or ()):
            keeping.append(container["name"])
        if added := set(setting(container, "capabilities", "add") or ()) - _MAY_ADD:
            adding.append(container["name"])
            forbidden |= added
    details = []
    if keeping:
        details.append(f'{counted(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        names = quoted(sorted(forbidden))
        details.append(f"{counted(adding)} must not include {names} in securityContext.capabilities.add")
    return Finding("unrestricted capabilities", "; ".join(details)) if details else None


def volumes(subject: Subject) -> Finding | None:
    """check_restrictedVolumes.go."""
    bad: list[str] = []
    types: set[str] = set()
    for volume in subject.spec.get("volumes") or ():
        if all(volume.get(type) is None for type in VOLUMES):
            bad.append(volume["name"])
            types.add(next((type for type in RESTRICTED_VOLUMES if volume.get(type) is not None), "unknown"))
    if not bad:
        return None
    uses = plural(len(bad), "uses", "use")
    what = counted(sorted(types), "restricted volume type", "restricted volume types")
    return Finding("restricted volume types", f"{counted(bad, 'volume', 'volumes')} {uses} {what}")


def run_as_non_root(subject: Subject) -> Finding | None:
    reason = "runAsNonRoot != true"
    if who := setters(subject, lambda owner: setting(owner, "runAsNonRoot") is False):
        return Finding(reason, f"{who} must not set securityContext.runAsNonRoot=false")
    if setting(subject.spec, "runAsNonRoot"):
        return None
    silent = [each["name"] for each in subject.containers if setting(each, "runAsNonRoot") is None]
    if not silent:
        return None
    return Finding(reason, f"pod or {counted(silent)} must set securityContext.runAsNonRoot=true")


def run_as_user(subject: Subject) -> Finding | None:
    who = setters(subject, lambda owner: setting(owner, "runAsUser") == 0)
    return Finding("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def seccomp_profile(subject: Subject) -> Finding | None:
    """check_seccompProfile_restricted.go."""
    if found := baseline.seccomp_profile(subject):
        return found

    def is_set(owner: Object) -> bool:
        return setting(owner, "seccompProfile") is not None

    silent = [] if is_set(subject.spec) else [each["name"] for each in subject.containers if not is_set(each)]
    if not silent:
        return None
    must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Finding("seccompProfile", f"pod or {counted(silent)} {must}")
