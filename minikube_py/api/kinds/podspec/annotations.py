"""Annotations that pods give a meaning: mirror pods, deletion cost, profiles from before there were fields."""

from __future__ import annotations

import json
from collections.abc import Mapping

from minikube_py.api.kinds.podspec.paths import descending_errors
from minikube_py.api.kinds.podspec.tolerations import toleration_errors
from minikube_py.api.kinds.podspec.windows import all_containers
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid
from minikube_py.machinery.gotext import quote
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM, parse_int64

MIRROR = "kubernetes.io/config.mirror"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"

_MEANINGFUL = (MIRROR, SECCOMP_POD, SECCOMP_CONTAINER, APPARMOR, _TOLERATIONS, _DELETION_COST)
_SECCOMP_PROFILES = ("runtime/default", "docker/default", "unconfined")
_APPARMOR_PROFILES = ("", "runtime/default", "unconfined")
LOCALHOST = "localhost/"


def annotation_errors(annotations: Mapping[str, str], spec: Object, path: Path) -> ErrorList:
    """ValidatePodSpecificAnnotations; `path` is that of the annotations."""
    if not any(key.startswith(_MEANINGFUL) for key in annotations):
        return []
    errors: ErrorList = []
    if MIRROR in annotations and not spec.get("nodeName"):
        detail = "must set spec.nodeName if mirror pod annotation is set"
        errors.append(invalid(path.key(MIRROR), annotations[MIRROR], detail))
    if tolerations := annotations.get(_TOLERATIONS):
        errors += _toleration_errors(tolerations, path)
    if (cost := annotations.get(_DELETION_COST)) is not None and not _is_deletion_cost(cost):
        errors.append(invalid(path.key(_DELETION_COST), cost, "must be a 32bit integer"))
    if (profile := annotations.get(SECCOMP_POD)) is not None:
        errors += _seccomp_errors(profile, path.child(SECCOMP_POD))
    for key in sorted(annotations):
        if key.startswith(SECCOMP_CONTAINER):
            errors += _seccomp_errors(annotations[key], path.child(key))
    for key in sorted(annotations):
        if key.startswith(APPARMOR):
            errors += _apparmor_errors(key, annotations[key], spec, path.key(key))
    return errors


def _toleration_errors(text: str, path: Path) -> ErrorList:
    try:
        tolerations = json.loads(text)
    except ValueError as error:
        return [invalid(path, _TOLERATIONS, str(error))]
    return toleration_errors(tolerations or (), path.child(_TOLERATIONS))


def _is_deletion_cost(text: str) -> bool:
    """Neither "+10" nor "008"."""
    if not text or text[0] not in "-0123456789" or (text[0] == "0" and text != "0"):
        return False
    cost = parse_int64(text)
    return cost is not None and -INT32_MAXIMUM - 1 <= cost <= INT32_MAXIMUM


def _seccomp_errors(profile: str, path: Path) -> ErrorList:
    if profile in _SECCOMP_PROFILES:
        return []
    if profile.startswith(LOCALHOST):
        return descending_errors(profile.removeprefix(LOCALHOST), path)
    return [invalid(path, profile, "must be a valid seccomp profile")]


def _apparmor_errors(key: str, profile: str, spec: Object, path: Path) -> ErrorList:
    name = key.removeprefix(APPARMOR)
    errors: ErrorList = []
    if not any(container.get("name") == name for container, _ in all_containers(spec, path)):
        errors.append(invalid(path, name, "container not found"))
    if profile not in _APPARMOR_PROFILES and not profile.startswith(LOCALHOST):
        errors.append(invalid(path, profile, f"invalid AppArmor profile name: {quote(profile)}"))
    return errors


def annotation_update_errors(new: Object, old: Object, path: Path) -> ErrorList:
    """Of two pods: mirror and AppArmor annotations stay as they are (ValidatePodSpecificAnnotationUpdates)."""
    annotations: Mapping[str, str] = new["metadata"].get("annotations") or {}
    before: Mapping[str, str] = old["metadata"].get("annotations") or {}
    errors: ErrorList = []
    for key in sorted(before):
        if annotations.get(key) == before[key]:
            continue
        if key.startswith(APPARMOR):
            errors.append(forbidden(path.key(key), "may not remove or update AppArmor annotations"))
        if key == MIRROR:
            errors.append(forbidden(path.key(key), "may not remove or update mirror pod annotation"))
    for key in sorted(annotations.keys() - before.keys()):
        if key.startswith(APPARMOR):
            errors.append(forbidden(path.key(key), "may not add AppArmor annotations"))
        if key == MIRROR:
            errors.append(forbidden(path.key(key), "may not add mirror pod annotation"))
    return errors + annotation_errors(annotations, new["spec"], path)


def profile_errors(metadata: Object, spec: Object, path: Path) -> ErrorList:
    """Profiles given both as annotations and as fields must agree. `path` is the pod spec's."""
    annotations: Mapping[str, str] = metadata.get("annotations") or {}
    if not any(key.startswith((SECCOMP_POD, SECCOMP_CONTAINER, APPARMOR)) for key in annotations):
        return []
    return _seccomp_match_errors(annotations, spec, path) + _apparmor_match_errors(annotations, spec, path)


def _seccomp_match_errors(annotations: Mapping[str, str], spec: Object, path: Path) -> ErrorList:
    errors: ErrorList = []
    profile = (spec.get("securityContext") or {}).get("seccompProfile")
    if profile and (annotation := annotations.get(SECCOMP_POD)) is not None:
        errors += _match_errors("seccomp", annotation, profile, path.child("securityContext", "seccompProfile"))
    for container, at in all_containers(spec, path):
        profile = (container.get("securityContext") or {}).get("seccompProfile")
        annotation = annotations.get(SECCOMP_CONTAINER + container.get("name", ""))
        if profile and annotation is not None:
            errors += _match_errors("seccomp", annotation, profile, at.child("securityContext", "seccompProfile"))
    return errors


def _apparmor_match_errors(annotations: Mapping[str, str], spec: Object, path: Path) -> ErrorList:
    if (spec.get("os") or {}).get("name") == "windows":
        return []
    errors: ErrorList = []
    pod_profile = (spec.get("securityContext") or {}).get("appArmorProfile")
    for container, at in all_containers(spec, path):
        profile = (container.get("securityContext") or {}).get("appArmorProfile") or pod_profile
        annotation = annotations.get(APPARMOR + container.get("name", ""))
        if profile and annotation is not None:
            errors += _match_errors("apparmor", annotation, profile, at.child("securityContext", "appArmorProfile"))
    return errors


def _match_errors(what: str, annotation: str, profile: Object, path: Path) -> ErrorList:
    kind = profile.get("type")
    mismatch = [forbidden(path.child("type"), f"{what} type in annotation and field must match")]
    if kind == "Unconfined":
        return [] if annotation == "unconfined" else mismatch
    if kind == "RuntimeDefault":
        fine = annotation == "runtime/default" or (what == "seccomp" and annotation == "docker/default")
        return [] if fine else mismatch
    if kind != "Localhost":
        return []
    if not annotation.startswith(LOCALHOST):
        return mismatch
    if annotation.removeprefix(LOCALHOST) != profile.get("localhostProfile"):
        return [forbidden(path.child("localhostProfile"), f"{what} profile in annotation and field must match")]
    return []
