"""The pods of a Job, from its template."""

from __future__ import annotations

from minikube_py.controllers.job import indexes
from minikube_py.controllers.job.indexes import COMPLETION_INDEX, FAILURE_COUNT, IGNORED_FAILURE_COUNT
from minikube_py.controllers.job.policies import match_failure
from minikube_py.controllers.job.survey import TRACKING, is_indexed
from minikube_py.controllers.runtime.podcontrol import pod_from_template
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import name
from minikube_py.machinery.wellknown import JOB

INDEX_VARIABLE = "JOB_COMPLETION_INDEX"

_LONGEST_PREFIX = 58
"""Characters of a generateName that are kept (storage/names MaxGeneratedNameLength)."""


def base_pod(job: Object, *, index_label: bool = True) -> Object:
    """What all pods of a Job have in common; shares the template's parts, so read-only. `index_label`: whether their
    index is a label, or an annotation alone."""
    pod = pod_from_template(job["spec"]["template"], job, JOB)
    finalizers = pod["metadata"].get("finalizers") or []
    if TRACKING not in finalizers:
        pod["metadata"]["finalizers"] = [*finalizers, TRACKING]
    if is_indexed(job):
        field = "labels" if index_label else "annotations"
        source = {"fieldRef": {"fieldPath": f"metadata.{field}['{COMPLETION_INDEX}']"}}
        pod["spec"] = _with_index_variable(pod["spec"], {"name": INDEX_VARIABLE, "valueFrom": source})
    return pod


def _with_index_variable(spec: Object, variable: Object) -> Object:
    changed = {**spec, "containers": [_with_variable(each, variable) for each in spec["containers"]]}
    if spec.get("initContainers"):
        changed["initContainers"] = [_with_variable(each, variable) for each in spec["initContainers"]]
    return changed


def _with_variable(container: Object, variable: Object) -> Object:
    env = container.get("env") or []
    if any(each["name"] == INDEX_VARIABLE for each in env):
        return container
    return {**container, "env": [*env, variable]}


def indexed_pod(base: Object, job: Object, index: int, replaced: Object | None, *, index_label: bool = True) -> Object:
    """The pod of an index. `replaced` is the failed one that it replaces, whose count of failures it carries on."""
    metadata = dict(base["metadata"])
    metadata["generateName"] = generate_name(name(job), index)
    if index_label:
        metadata["labels"] = {**(metadata.get("labels") or {}), COMPLETION_INDEX: str(index)}
    annotations = {**(metadata.get("annotations") or {}), COMPLETION_INDEX: str(index)}
    if job["spec"].get("backoffLimitPerIndex") is not None:
        annotations.update(_failure_counts(job, replaced))
    metadata["annotations"] = annotations
    return {**base, "metadata": metadata, "spec": {**base["spec"], "hostname": f"{name(job)}-{index}"}}


def generate_name(job: str, index: int) -> str:
    """Shortened so that the index stays."""
    ending = f"-{index}-"
    return job[: _LONGEST_PREFIX - len(ending)] + ending


def _failure_counts(job: Object, replaced: Object | None) -> dict[str, str]:
    failures = ignored = 0
    if replaced is not None:
        counts = match_failure(job["spec"].get("podFailurePolicy"), replaced).counts
        failures = indexes.failure_count(replaced) + counts
        ignored = indexes.ignored_failure_count(replaced) + (not counts)
    found = {FAILURE_COUNT: str(failures)}
    return {**found, IGNORED_FAILURE_COUNT: str(ignored)} if ignored else found
