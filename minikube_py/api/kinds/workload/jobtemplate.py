"""How a Job's pod template may change: not at all, but while the Job is suspended and nothing of it runs
(pkg/apis/batch/validation validatePodTemplateUpdate)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.kinds.workload.internal import internal_pod_spec, internal_pod_template
from minikube_py.api.kinds.workload.jobstatus import has_condition
from minikube_py.api.schema.types import Type
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE

_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")
_METADATA = ("annotations", "labels")


def validate_template_change(job: Type, obj: Object, old: Object, path: Path) -> ErrorList:
    """`job` is the compiled type of Job, `path` that of the template."""
    new, before = obj["spec"]["template"], old["spec"]["template"]
    if new == before:
        return []
    type = job.fields["spec"].type.fields["template"].type
    if _may_change(old):
        before = _with_scheduling_of(new, before)
    if not old["spec"].get("suspend"):
        return [] if new == before else [invalid(path, as_json(internal_pod_template(type, new)), FIELD_IMMUTABLE)]
    if not _may_change(old):
        return [invalid(path, as_json(internal_pod_template(type, new)), FIELD_IMMUTABLE)]
    spec = new["spec"]
    if _with_resources_of(spec, before["spec"]) == spec:
        return []
    shown = internal_pod_spec(type.fields["spec"].type, spec)
    return [invalid(path.child("spec"), as_json(shown), FIELD_IMMUTABLE)]


def _may_change(old: Object) -> bool:
    """Suspended, and not started or suspended since, and without pods (shouldAllowMutablePodTemplate)."""
    status = old.get("status") or {}
    idle = status.get("startTime") is None or has_condition(status, "Suspended")
    return bool(old["spec"].get("suspend")) and idle and not status.get("active")


def _taken_over(names: tuple[str, ...], new: Object, old: Object) -> Object:
    """The old mapping with these fields as they are in the new one."""
    kept = {name: value for name, value in old.items() if name not in names}
    return kept | {name: new[name] for name in names if name in new}


def _with_scheduling_of(new: Object, old: Object) -> Object:
    """The old template with what the new one says about where pods run."""
    spec = _taken_over(_SCHEDULING, new["spec"], old["spec"])
    affinity, old_affinity = new["spec"].get("affinity"), old["spec"].get("affinity")
    if affinity is not None or old_affinity is not None:
        merged = _taken_over(("nodeAffinity",), affinity or {}, old_affinity or {})
        spec.pop("affinity", None)
        if merged or affinity is not None:
            spec["affinity"] = merged
    metadata = _taken_over(_METADATA, new.get("metadata") or {}, old.get("metadata") or {})
    return {**old, "metadata": metadata, "spec": spec} if metadata or "metadata" in old else {**old, "spec": spec}


def _with_resources_of(new: Object, old: Object) -> Object:
    """The old pod spec with the resources of the new one's containers."""
    changed = dict(old)
    for name in ("containers", "initContainers"):
        ours, theirs = old.get(name) or [], new.get(name) or []
        if ours and len(ours) == len(theirs):
            changed[name] = [_with_resources(*pair) for pair in zip(ours, theirs, strict=True)]
    return changed


def _with_resources(old: Any, new: Any) -> Any:
    return _taken_over(("resources",), new, old) if old.get("name") == new.get("name") else old
