"""AppArmor profiles from before there was a field: a new pod's annotations become fields (strategy.go)."""

from __future__ import annotations

from minikube_py.api.kinds.podspec.annotations import APPARMOR, LOCALHOST
from minikube_py.api.kinds.podspec.security import apparmor_errors
from minikube_py.api.kinds.podspec.windows import all_containers
from minikube_py.machinery.field import Path
from minikube_py.machinery.gvr import Object


def profile_of_annotation(annotation: str) -> Object | None:
    """The AppArmorProfile that an annotation's value means; None for a value that means none."""
    if annotation == "unconfined":
        return {"type": "Unconfined"}
    if annotation == "runtime/default":
        return {"type": "RuntimeDefault"}
    if annotation.startswith(LOCALHOST) and annotation != LOCALHOST:
        return {"type": "Localhost", "localhostProfile": annotation.removeprefix(LOCALHOST)}
    return None


def adopt_annotations(pod: Object) -> list[str]:
    """Write the profiles of a draft's annotations into the fields; returns the warnings."""
    annotations = pod["metadata"].get("annotations")
    spec = pod["spec"]
    if not annotations or (spec.get("os") or {}).get("name") == "windows":
        return []
    pod_profile = (spec.get("securityContext") or {}).get("appArmorProfile")
    warnings = []
    for container, _ in all_containers(spec, Path("spec")):
        key = APPARMOR + container.get("name", "")
        if key not in annotations or "appArmorProfile" in (container.get("securityContext") or ()):
            continue
        profile = profile_of_annotation(annotations[key])
        if profile is not None and apparmor_errors(profile, Path("")):
            profile = None
        if profile is not None and profile == pod_profile:
            continue
        if profile is not None:
            container["securityContext"] = {**(container.get("securityContext") or {}), "appArmorProfile": profile}
        field = Path("metadata", "annotations").key(key)
        warnings.append(f'{field}: deprecated since v1.30; use the "appArmorProfile" field instead')
    return warnings
