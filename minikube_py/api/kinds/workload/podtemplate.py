"""The pod template within a workload: what the controllers' kinds ask of it beyond a template's own rules."""

from __future__ import annotations

from collections.abc import Mapping

from minikube_py.api.kinds.podspec.template import template_warnings, validate_pod_template
from minikube_py.api.resource import Column
from minikube_py.machinery.field import ErrorList, Path, forbidden, invalid, not_supported
from minikube_py.machinery.gotext import sorted_map
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.labels import Selector
from minikube_py.machinery.names import dns1123_label

SPEC = Path("spec")
TEMPLATE = SPEC.child("template")

CONTAINERS = Column("Containers", priority=1, description="Names of each container in the template.")
IMAGES = Column("Images", priority=1, description="Images referenced by each container in the template.")


def template_of(obj: Object) -> Object:
    """The template of an object as a mapping, also where a body had none."""
    template: Object = obj["spec"].get("template") or {}
    return template


def labels_of(template: Object) -> Object:
    return (template.get("metadata") or {}).get("labels") or {}


def format_labels(labels: Mapping[str, str] | None) -> str:
    """As tables show labels: "a=1,b=2", or "<none>" (labels.FormatLabels)."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) if labels else "<none>"


def containers_and_images(template: Object) -> list[str]:
    """The cells of the columns CONTAINERS and IMAGES."""
    containers = (template.get("spec") or {}).get("containers") or []
    return [",".join(each["name"] for each in containers), ",".join(each.get("image") or "" for each in containers)]


def validate_template_labels(template: Object, selector: Selector, path: Path) -> ErrorList:
    """The labels must be those the selector looks for, or the controller would make pods for ever."""
    labels = labels_of(template)
    if selector.matches(labels):
        return []
    shown = sorted_map(labels) or None
    return [invalid(path.child("metadata", "labels"), shown, "`selector` does not match template `labels`")]


def validate_replica_template(template: Object, selector: Selector, path: Path, kind: str = "ReplicaSet") -> ErrorList:
    """The template of a ReplicaSet, a Deployment or a ReplicationController (ValidatePodTemplateSpecForReplicaSet)."""
    errors = validate_template_labels(template, selector, path)
    errors += validate_pod_template(template, path)
    return errors + validate_runs_forever(template, path, kind)


def validate_runs_forever(template: Object, path: Path, kind: str) -> ErrorList:
    """Pods that are replaced when they end must not end by themselves."""
    errors: ErrorList = []
    spec = template.get("spec") or {}
    restart_policy = spec.get("restartPolicy") or ""
    if restart_policy != "Always":
        errors.append(not_supported(path.child("spec", "restartPolicy"), restart_policy, ["Always"]))
    if spec.get("activeDeadlineSeconds") is not None:
        detail = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(forbidden(path.child("spec", "activeDeadlineSeconds"), detail))
    return errors


def warnings_on_create(obj: Object, *, name_is_hostname: bool = True) -> list[str]:
    """What upstream warns of when a workload is created. `name_is_hostname`: its name becomes that of its pods."""
    found = warn_of_name(obj) if name_is_hostname else []
    return [*found, *template_warnings(template_of(obj), None, TEMPLATE)]


def warnings_on_update(obj: Object, old: Object) -> list[str]:
    """Warnings about the template, if the update made a new generation."""
    if obj["metadata"].get("generation") == old["metadata"].get("generation"):
        return []
    return template_warnings(template_of(obj), template_of(old), TEMPLATE)


def warn_of_name(obj: Object) -> list[str]:
    problems = dns1123_label(obj["metadata"].get("name") or "")
    if not problems:
        return []
    return [
        "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; "
        f"a DNS label is recommended: [{' '.join(problems)}]"
    ]
