"""Validation of pods, new and changed: ValidatePodCreate and kin of pkg/apis/core/validation/validation.go.

Each answers what follows the errors of metadata.
"""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.api.kinds.podspec.annotations import (
    MIRROR,
    annotation_errors,
    annotation_update_errors,
    profile_errors,
)
from minikube_py.api.kinds.podspec.containers import image_padding_errors
from minikube_py.api.kinds.podspec.godiff import diff
from minikube_py.api.kinds.podspec.nodemutation import gated_node_errors, with_old_node_constraints
from minikube_py.api.kinds.podspec.spec import pod_spec_errors
from minikube_py.api.kinds.podspec.tolerations import added_toleration_errors
from minikube_py.machinery.field import ErrorList, Path, as_json, forbidden, invalid, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import INT32_MAXIMUM
from minikube_py.machinery.names import range_error

SPEC = Path("spec")
ANNOTATIONS = Path("metadata", "annotations")
_UPDATABLE = ",".join(
    (
        "`spec.containers[*].image`",
        "`spec.initContainers[*].image`",
        "`spec.activeDeadlineSeconds`",
        "`spec.tolerations` (only additions to existing tolerations)",
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    )
)


def pod_errors(pod: Object) -> ErrorList:
    """What holds for every pod at every time (validatePodMetadataAndSpec)."""
    metadata, spec = pod["metadata"], pod["spec"]
    errors: ErrorList = []
    if annotations := metadata.get("annotations"):
        errors += annotation_errors(annotations, spec, ANNOTATIONS)
    errors += pod_spec_errors(spec, metadata, SPEC)
    if not spec.get("serviceAccountName") and spec.get("volumes"):
        errors += _token_errors(spec["volumes"])
    for side in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(side) or ()):
            image = container.get("image") or ""
            if image and (image[0].isspace() or image[-1].isspace()):
                errors += image_padding_errors(container, SPEC.child(side).index(index))
    return errors


def _token_errors(volumes: Sequence[Object]) -> ErrorList:
    errors: ErrorList = []
    for index, volume in enumerate(volumes):
        for position, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if "serviceAccountToken" in source:
                at = SPEC.child("volumes").index(index).child("projected", "sources").index(position)
                detail = "must not be specified when serviceAccountName is not set"
                errors.append(forbidden(at.child("serviceAccountToken"), detail))
    return errors


def create_errors(pod: Object) -> ErrorList:
    """Of a new pod."""
    spec = pod["spec"]
    errors = pod_errors(pod)
    if spec.get("ephemeralContainers"):
        errors.append(forbidden(SPEC.child("ephemeralContainers"), "cannot be set on create"))
    if spec.get("schedulingGates") and spec.get("nodeName"):
        detail = "cannot be set until all schedulingGates have been cleared"
        errors.append(forbidden(SPEC.child("nodeName"), detail))
    if pod["metadata"].get("annotations"):
        errors += profile_errors(pod["metadata"], spec, SPEC)
    return errors


def update_errors(pod: Object, old: Object) -> ErrorList:
    """Of a pod as a user changes it: images, deadline, tolerations and gates, and little else."""
    errors = pod_errors(pod) + annotation_update_errors(pod, old, ANNOTATIONS)
    spec, old_spec = pod["spec"], old["spec"]
    for side in ("containers", "initContainers"):
        found, stop = _container_update_errors(spec.get(side) or (), old_spec.get(side) or (), SPEC.child(side))
        errors += found
        if stop:
            return errors
    found, stop = _deadline_errors(spec.get("activeDeadlineSeconds"), old_spec.get("activeDeadlineSeconds"))
    errors += found
    if stop:
        return errors
    new_tolerations, old_tolerations = spec.get("tolerations") or (), old_spec.get("tolerations") or ()
    errors += added_toleration_errors(new_tolerations, old_tolerations, SPEC.child("tolerations"))
    errors += _gate_errors(spec.get("schedulingGates") or (), old_spec.get("schedulingGates") or ())
    return errors if spec == old_spec else errors + _immutable_errors(spec, old_spec)


def _container_update_errors(new: Sequence[Object], old: Sequence[Object], path: Path) -> tuple[ErrorList, bool]:
    if len(new) != len(old):
        return [forbidden(path, "pod updates may not add or remove containers")], True
    errors: ErrorList = []
    for index, container in enumerate(new):
        if not container.get("image"):
            errors.append(required(path.index(index).child("image")))
        errors += image_padding_errors(container, path.index(index))
    return errors, False


def _deadline_errors(new: int | None, old: int | None) -> tuple[ErrorList, bool]:
    """A deadline may be set, and brought nearer."""
    path = SPEC.child("activeDeadlineSeconds")
    if new is None:
        detail = "must not update from a positive integer to nil value"
        return ([] if old is None else [invalid(path, as_json(None), detail)]), False
    if not 0 <= new <= INT32_MAXIMUM:
        return [invalid(path, new, range_error(0, INT32_MAXIMUM))], True
    if old is not None and old < new:
        return [invalid(path, new, "must be less than or equal to previous value")], True
    return [], False


def _gate_errors(new: Sequence[Object], old: Sequence[Object]) -> ErrorList:
    known = {gate.get("name") for gate in old}
    errors: ErrorList = []
    for index, gate in enumerate(new):
        if (name := gate.get("name", "")) not in known:
            detail = f"only deletion is allowed, but found new scheduling gate '{name}'"
            errors.append(forbidden(SPEC.child("schedulingGates").index(index).child("name"), detail))
    return errors


def _immutable_errors(spec: Object, old: Object) -> ErrorList:
    """Whatever else changed may not. What may is taken over from the old spec before the two are compared."""
    errors: ErrorList = []
    munged = dict(spec)
    for side in ("containers", "initContainers"):
        if spec.get(side):
            munged[side] = [
                _take_over(container, before, "image") for container, before in zip(spec[side], old[side], strict=True)
            ]
    munged = _take_over(munged, old, "activeDeadlineSeconds", "schedulingGates", "tolerations")
    if old.get("terminationGracePeriodSeconds", 0) < 0 and munged.get("terminationGracePeriodSeconds") == 1:
        munged = _take_over(munged, old, "terminationGracePeriodSeconds")
    if old.get("schedulingGates"):
        errors += gated_node_errors(munged, old, SPEC)
        munged = with_old_node_constraints(munged, old)
    if munged != old:
        detail = f"pod updates may not change fields other than {_UPDATABLE}\n{diff(old, munged)}"
        errors.append(forbidden(SPEC, detail))
    return errors


def _take_over(new: Object, old: Object, *fields: str) -> Object:
    """`new` with these fields as they are in `old`."""
    made = {key: value for key, value in new.items() if key not in fields}
    made.update((field, old[field]) for field in fields if field in old)
    return made


def ephemeral_container_update_errors(pod: Object, old: Object) -> ErrorList:
    """Of pods that differ in ephemeral containers alone: they come, and never change or go."""
    if MIRROR in (old["metadata"].get("annotations") or ()):
        return [forbidden(Path(""), "static pods do not support ephemeral containers")]
    errors = pod_errors(pod) + annotation_update_errors(pod, old, ANNOTATIONS)
    path = SPEC.child("ephemeralContainers")
    new = {container.get("name"): container for container in pod["spec"].get("ephemeralContainers") or ()}
    for before in old["spec"].get("ephemeralContainers") or ():
        name = before.get("name", "")
        if name not in new:
            errors.append(forbidden(path, f'existing ephemeral containers "{name}" may not be removed\n'))
        elif new[name] != before:
            text = diff(before, new[name])
            errors.append(forbidden(path, f'existing ephemeral containers "{name}" may not be changed\n{text}'))
    return errors
