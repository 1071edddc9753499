"""Job: pods that run to their end (pkg/registry/batch/job, pkg/apis/batch)."""

from __future__ import annotations

from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.core.gates import strict_job_status
from minikube_py.api.kinds.podspec.template import default_pod_template
from minikube_py.api.kinds.workload.jobpolicies import (
    default_failure_policy,
    internal_failure_policy,
    internal_success_policy,
)
from minikube_py.api.kinds.workload.jobspec import is_indexed, job_spec_warnings, validate_job_spec
from minikube_py.api.kinds.workload.jobstatus import has_condition, validate_job_status
from minikube_py.api.kinds.workload.jobtemplate import validate_template_change
from minikube_py.api.kinds.workload.podtemplate import (
    CONTAINERS,
    IMAGES,
    SPEC,
    TEMPLATE,
    containers_and_images,
    labels_of,
    template_of,
    validate_template_labels,
    warn_of_name,
)
from minikube_py.api.kinds.workload.replicas import shown_selector
from minikube_py.api.options import DeleteOptions
from minikube_py.api.resource import AGE, NAME, Column, Resource, Since, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import labelselector
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.duration import human_duration
from minikube_py.machinery.field import ErrorList, as_json, invalid, required
from minikube_py.machinery.gotext import sorted_map
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import dns1123_label
from minikube_py.machinery.objectmeta import FIELD_IMMUTABLE, validate_kube_object_meta_update

CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
JOB_NAME = "batch.kubernetes.io/job-name"
LEGACY_CONTROLLER_UID = "controller-uid"
LEGACY_JOB_NAME = "job-name"

_SELECTOR = SPEC.child("selector")
_NOTHING_LIMITS = 2**31 - 1
_ORPHANS = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)


class JobStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)
    garbage_collection = "Orphan"

    def default(self, obj: Object) -> None:
        """pkg/apis/batch/v1 SetDefaults_Job."""
        spec = obj.setdefault("spec", {})
        template = spec.setdefault("template", {})
        default_pod_template(template)
        default_failure_policy(spec)
        if spec.get("parallelism") is None:
            spec["parallelism"] = 1
            spec.setdefault("completions", 1)
        for name, value in self._defaults(spec).items():
            if spec.get(name) is None:
                spec[name] = value
        metadata = obj.setdefault("metadata", {})
        found = labels_of(template)
        if found and not metadata.get("labels"):
            # the same dict, as in upstream the same map: labels that are generated into the one stand in the other
            metadata["labels"] = found

    @staticmethod
    def _defaults(spec: Object) -> Object:
        return {
            "backoffLimit": 6 if spec.get("backoffLimitPerIndex") is None else _NOTHING_LIMITS,
            "completionMode": "NonIndexed",
            "suspend": False,
            "podReplacementPolicy": "TerminatingOrFailed" if spec.get("podFailurePolicy") is None else "Failed",
            "manualSelector": False,
        }

    def prepare_for_create(self, ctx: Context, obj: Object) -> None:
        if not obj["spec"].get("manualSelector"):
            _generate_selector(obj)
        super().prepare_for_create(ctx, obj)

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        return _validate_job(self.validate_metadata(ctx, _without_read_labels(obj)), obj, prefixed_labels=True)

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        had = labels_of(template_of(old))
        prefixed = JOB_NAME in had and CONTROLLER_UID in had
        spec, old_spec = obj["spec"], old["spec"]
        return [
            *_validate_job(self.validate_metadata(ctx, obj), obj, prefixed_labels=prefixed),
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *_validate_spec(spec),
            *_completions_errors(spec, old_spec),
            *_immutable_errors(spec, old_spec, "selector"),
            *validate_template_change(ctx.resource.type, obj, old, TEMPLATE),
            *_immutable_errors(spec, old_spec, "completionMode"),
            *_immutable_errors(spec, old_spec, "podFailurePolicy"),
            *_immutable_errors(spec, old_spec, "backoffLimitPerIndex"),
            *_immutable_errors(spec, old_spec, "managedBy"),
            *_immutable_errors(spec, old_spec, "successPolicy"),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return [*warn_of_name(obj), *job_spec_warnings(obj["spec"], None, SPEC)]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        if obj["metadata"].get("generation") == old["metadata"].get("generation"):
            return []
        return job_spec_warnings(obj["spec"], old["spec"], SPEC)

    def warnings_on_delete(self, ctx: Context, obj: Object, options: DeleteOptions) -> list[str]:
        """Orphaning is what nobody expects of the default (pkg/registry/batch/job/storage)."""
        said = options.propagation or options.orphan is not None
        return [] if said or _ORPHANS in ctx.warnings else [_ORPHANS]


def _generate_selector(obj: Object) -> None:
    """Labels that only this Job's pods have, and a selector of them (generateSelector)."""
    metadata, spec = obj["metadata"], obj["spec"]
    template_metadata = spec["template"].setdefault("metadata", {})
    shown = template_metadata.get("labels")
    shared = metadata.get("labels") is shown
    name, uid = metadata.get("name", ""), metadata.get("uid", "")
    labels = dict(shown or {})
    for key, value in ((LEGACY_JOB_NAME, name), (JOB_NAME, name), (LEGACY_CONTROLLER_UID, uid), (CONTROLLER_UID, uid)):
        labels.setdefault(key, value)
    template_metadata["labels"] = sorted_map(labels)
    if shared and shown:
        metadata["labels"] = sorted_map(labels)
    elif not metadata.get("labels"):
        metadata["labels"] = template_metadata["labels"]
    selector = spec.get("selector") or {}
    spec["selector"] = {
        **selector,
        "matchLabels": sorted_map({CONTROLLER_UID: uid, **(selector.get("matchLabels") or {})}),
    }


def _without_read_labels(obj: Object) -> Object:
    """A new Job without the labels it only gets because it is defaulted once more when it is read from storage, which
    nobody validates: the very dict that was generated for the template."""
    metadata = obj["metadata"]
    if not metadata.get("labels") or metadata["labels"] is not labels_of(template_of(obj)):
        return obj
    return {**obj, "metadata": {key: value for key, value in metadata.items() if key != "labels"}}


def _validate_job(metadata_errors: ErrorList, obj: Object, prefixed_labels: bool) -> ErrorList:
    """pkg/apis/batch/validation ValidateJob."""
    metadata, spec = obj["metadata"], obj["spec"]
    errors = [*metadata_errors, *_generated_selector_errors(obj, prefixed_labels), *_validate_spec(spec)]
    completions = spec.get("completions") or 0
    if is_indexed(spec) and completions > 0:
        name = metadata.get("name", "")
        hostname = f"{name}-{completions - 1}"
        if dns1123_label(hostname):
            detail = f"will not able to create pod with invalid DNS label: {hostname}"
            errors.append(invalid(METADATA.child("name"), name, detail))
    return errors


def _generated_selector_errors(obj: Object, prefixed_labels: bool) -> ErrorList:
    """What was generated must be there as it was made, unless the selector is the user's own."""
    spec, metadata = obj["spec"], obj["metadata"]
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return []
    name, uid = metadata.get("name", ""), metadata.get("uid", "")
    wanted = {LEGACY_CONTROLLER_UID: uid, LEGACY_JOB_NAME: name}
    if prefixed_labels:
        wanted |= {CONTROLLER_UID: uid, JOB_NAME: name}
    errors: ErrorList = [] if uid else [required(METADATA.child("uid"))]
    labels = labels_of(template_of(obj))
    for key, value in wanted.items():
        at = TEMPLATE.child("metadata", "labels").key(key)
        if key not in labels:
            errors.append(required(at, f"must be '{value}'"))
        elif labels[key] != value:
            errors.append(invalid(at, sorted_map(labels), f"must be '{value}'"))
    try:
        if not labelselector.as_selector(selector).matches(wanted):
            errors.append(invalid(_SELECTOR, shown_selector(selector), "`selector` not auto-generated"))
    except ValueError:
        return errors  # the selector's own errors say what is wrong
    return errors


def _validate_spec(spec: Object) -> ErrorList:
    """pkg/apis/batch/validation ValidateJobSpec."""
    errors = validate_job_spec(spec, SPEC)
    selector = spec.get("selector")
    if selector is None:
        errors.append(required(_SELECTOR))
    else:
        errors += labelselector.validate_label_selector(selector, _SELECTOR)
    try:
        compiled = labelselector.as_selector(selector)
    except ValueError:
        return errors
    return errors + validate_template_labels(spec.get("template") or {}, compiled, TEMPLATE)


def _completions_errors(spec: Object, old: Object) -> ErrorList:
    """Indexed Jobs scale completions and parallelism together; others never do."""
    completions = spec.get("completions")
    if completions == old.get("completions"):
        return []
    path = SPEC.child("completions")
    if not is_indexed(spec):
        return [invalid(path, as_json(completions), FIELD_IMMUTABLE)]
    if completions is None or completions == spec.get("parallelism"):
        return []
    return [invalid(path, completions, "can only be modified in tandem with spec.parallelism")]


def _immutable_errors(spec: Object, old: Object, name: str) -> ErrorList:
    value = spec.get(name)
    if value == old.get(name):
        return []
    shown: Any = value
    if name == "selector":
        shown = labelselector.in_go_order(value)
    elif name == "podFailurePolicy":
        shown = internal_failure_policy(value)
    elif name == "successPolicy":
        shown = internal_success_policy(value)
    return [invalid(SPEC.child(name), as_json(shown), FIELD_IMMUTABLE)]


_PHASES = (
    ("Complete", "Complete"),
    ("Failed", "Failed"),
    ("", "Terminating"),
    ("Suspended", "Suspended"),
    ("FailureTarget", "FailureTarget"),
    ("SuccessCriteriaMet", "SuccessCriteriaMet"),
)
"""The first condition that holds names the status shown; "" is that the Job is being deleted."""


def cells(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    return [
        obj["metadata"]["name"],
        _phase(obj, status),
        _completions(spec, status.get("succeeded", 0)),
        _duration(status),
        age(obj),
        *containers_and_images(template_of(obj)),
        labelselector.format_selector(spec.get("selector")),
    ]


def _phase(obj: Object, status: Object) -> str:
    deleting = bool(obj["metadata"].get("deletionTimestamp"))
    for condition, shown in _PHASES:
        if has_condition(status, condition) if condition else deleting:
            return shown
    return "Running"


def _completions(spec: Object, succeeded: int) -> str:
    completions, parallelism = spec.get("completions"), spec.get("parallelism") or 0
    if completions is not None:
        return f"{succeeded}/{completions}"
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(status: Object) -> str | Since:
    start, end = status.get("startTime"), status.get("completionTime")
    if start is None:
        return ""
    return Since(start) if end is None else human_duration(parse_rfc3339(end) - parse_rfc3339(start))


def _successful(obj: Object) -> str:
    return str((obj.get("status") or {}).get("succeeded", 0))


class JobStatusStrategy(StatusStrategy):
    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        errors = super().validate_update(ctx, obj, old)
        return [*errors, *validate_job_status(obj, old, strict=strict_job_status(ctx))]


_STRATEGY = JobStrategy()

RESOURCES = (
    Resource(
        group="batch",
        version="v1",
        plural="jobs",
        kind="Job",
        categories=("all",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=JobStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("Status", description="Status of the job."),
            Column("Completions", doc="io.k8s.api.batch.v1.JobStatus#succeeded"),
            Column("Duration", description="Time required to complete the job."),
            AGE,
            CONTAINERS,
            IMAGES,
            Column("Selector", priority=1, doc="io.k8s.api.batch.v1.JobSpec#selector"),
        ),
        cells=cells,
        fields={"status.successful": _successful},
    ),
)
