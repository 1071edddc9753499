"""Pod templates, as workloads carry them."""

from __future__ import annotations

from minikube_py.api.kinds.podspec.annotations import annotation_errors, profile_errors
from minikube_py.api.kinds.podspec.defaults import default_pod_spec, drop_init_container_annotations
from minikube_py.api.kinds.podspec.spec import pod_spec_errors
from minikube_py.api.kinds.podspec.warnings import pod_warnings
from minikube_py.machinery import objectmeta
from minikube_py.machinery.field import FieldError, Path, forbidden
from minikube_py.machinery.gvr import Object


def default_pod_template(template: Object) -> None:
    """In place. Unlike a Pod, a template gets no requests from limits and no host ports."""
    default_pod_spec(template.setdefault("spec", {}))
    drop_init_container_annotations(template.get("metadata"))


def validate_pod_template(template: Object, path: Path) -> list[FieldError]:
    """Errors of a PodTemplateSpec at `path`, in upstream's order (validation.go ValidatePodTemplateSpec)."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    errors: list[FieldError] = []
    if labels := metadata.get("labels"):
        errors += objectmeta.validate_labels(labels, path.child("labels"))
    if annotations := metadata.get("annotations"):
        errors += objectmeta.validate_annotations(annotations, path.child("annotations"))
        errors += annotation_errors(annotations, spec, path.child("annotations"))
    at = path.child("spec")
    errors += pod_spec_errors(spec, None, at)
    errors += profile_errors(metadata, spec, at)
    if spec.get("ephemeralContainers"):
        errors.append(forbidden(at.child("ephemeralContainers"), "ephemeral containers not allowed in pod template"))
    return errors


def template_warnings(template: Object, old_template: Object | None, path: Path) -> list[str]:
    """Warnings about the PodTemplateSpec at `path`; they do not depend on what it was before."""
    return pod_warnings(template, path)
