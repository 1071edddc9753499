"""CronJob: Jobs at the times of a schedule (pkg/registry/batch/cronjob, pkg/apis/batch)."""

from __future__ import annotations

import re
from typing import Any

from minikube_py.api.context import Context
from minikube_py.api.kinds.podspec.template import default_pod_template
from minikube_py.api.kinds.workload.counts import validate_nonnegative
from minikube_py.api.kinds.workload.jobpolicies import default_failure_policy
from minikube_py.api.kinds.workload.jobspec import job_spec_warnings, validate_job_spec
from minikube_py.api.kinds.workload.podtemplate import CONTAINERS, IMAGES, SPEC, containers_and_images, warn_of_name
from minikube_py.api.kinds.workload.replicas import shown_selector
from minikube_py.api.resource import AGE, NAME, Column, Resource, Since, Subresource, age
from minikube_py.api.strategy import METADATA, StatusStrategy, Strategy
from minikube_py.machinery import cron, labelselector
from minikube_py.machinery.field import ErrorList, Path, as_json, invalid, not_supported, required
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length
from minikube_py.machinery.objectmeta import validate_kube_object_meta_update

NAME_MAXIMUM = 52
"""Bytes: what a label leaves once a time is appended to make the names of Jobs."""

_JOB_SPEC = SPEC.child("jobTemplate", "spec")
_POLICIES = ("Allow", "Forbid", "Replace")
_is_zone_part = re.compile(r"[A-Za-z._0-9+][A-Za-z.\-_0-9+]{0,13}").fullmatch


class CronJobStrategy(Strategy):
    has_status = True
    has_generation = True
    reset_fields = (("status",),)

    def default(self, obj: Object) -> None:
        """pkg/apis/batch/v1 SetDefaults_CronJob. What makes a Job of the template is left to the Job."""
        spec = obj.setdefault("spec", {})
        job_spec = spec.setdefault("jobTemplate", {}).setdefault("spec", {})
        default_pod_template(job_spec.setdefault("template", {}))
        default_failure_policy(job_spec)
        if not spec.get("concurrencyPolicy"):
            spec["concurrencyPolicy"] = "Allow"
        for name, value in (("suspend", False), ("successfulJobsHistoryLimit", 3), ("failedJobsHistoryLimit", 1)):
            if spec.get(name) is None:
                spec[name] = value

    def validate(self, ctx: Context, obj: Object) -> ErrorList:
        errors = [*self.validate_metadata(ctx, obj), *validate_cron_job_spec(obj["spec"], None)]
        name = obj["metadata"].get("name") or ""
        if byte_length(name) > NAME_MAXIMUM:
            errors.append(invalid(METADATA.child("name"), name, f"must be no more than {NAME_MAXIMUM} characters"))
        return errors

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return [
            *validate_kube_object_meta_update(obj["metadata"], old["metadata"], METADATA),
            *validate_cron_job_spec(obj["spec"], old["spec"]),
        ]

    def warnings_on_create(self, ctx: Context, obj: Object) -> list[str]:
        return [*warn_of_name(obj), *job_spec_warnings(_job_spec(obj["spec"]), None, _JOB_SPEC)]

    def warnings_on_update(self, ctx: Context, obj: Object, old: Object) -> list[str]:
        warnings: list[str] = []
        if obj["metadata"].get("generation") != old["metadata"].get("generation"):
            warnings += job_spec_warnings(_job_spec(obj["spec"]), _job_spec(old["spec"]), _JOB_SPEC)
        if "TZ" in (obj["spec"].get("schedule") or ""):
            warnings.append(
                "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see "
                "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details"
            )
        return warnings


class CronJobStatusStrategy(StatusStrategy):
    """Upstream looks at nothing here."""

    def validate_update(self, ctx: Context, obj: Object, old: Object) -> ErrorList:
        return []


def _job_spec(spec: Object) -> Object:
    found: Object = (spec.get("jobTemplate") or {}).get("spec") or {}
    return found


def validate_cron_job_spec(spec: Object, old: Object | None) -> ErrorList:
    """pkg/apis/batch/validation validateCronJobSpec; `old` is the spec before an update."""
    errors = _schedule_errors(spec, old, SPEC.child("schedule"))
    errors += validate_nonnegative(spec, SPEC, "startingDeadlineSeconds")
    if old is None or spec.get("timeZone") != old.get("timeZone"):
        errors += _time_zone_errors(spec.get("timeZone"), SPEC.child("timeZone"))
    policy = spec.get("concurrencyPolicy") or ""
    if policy not in _POLICIES:
        path = SPEC.child("concurrencyPolicy")
        errors.append(not_supported(path, as_json(policy), _POLICIES) if policy else required(path))
    errors += _job_template_errors(_job_spec(spec))
    return errors + validate_nonnegative(spec, SPEC, "successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def _schedule_errors(spec: Object, old: Object | None, path: Path) -> ErrorList:
    """A zone within the schedule may only stay where one stood before."""
    schedule = spec.get("schedule") or ""
    if not schedule:
        return [required(path)]
    errors: ErrorList = []
    try:
        cron.parse(schedule)
    except ValueError as error:
        errors.append(invalid(path, schedule, str(error)))
    if "TZ" in schedule:
        if old is None or "TZ" not in (old.get("schedule") or ""):
            detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            errors.append(invalid(path, schedule, detail))
        elif spec.get("timeZone") is not None:
            detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
            errors.append(invalid(path, schedule, detail))
    return errors


def _time_zone_errors(name: str | None, path: Path) -> ErrorList:
    if name is None:
        return []
    if not name:
        return [invalid(path, name, "timeZone must be nil or non-empty string")]
    if any(part in (".", "..") or not _is_zone_part(part) for part in name.split("/")):
        return [invalid(path, name, f"unknown time zone {name}")]
    errors: ErrorList = []
    if name.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        errors.append(invalid(path, name, detail))
        if name == "Local":
            return errors
    try:
        cron.load_zone(name)
    except ValueError as error:
        errors.append(invalid(path, name, str(error)))
    return errors


def _job_template_errors(job_spec: Object) -> ErrorList:
    """The selector is the Job's business (ValidateJobTemplateSpec)."""
    errors = validate_job_spec(job_spec, _JOB_SPEC)
    selector = job_spec.get("selector")
    if selector is not None:
        path = _JOB_SPEC.child("selector")
        errors.append(invalid(path, shown_selector(selector), "`selector` will be auto-generated"))
    if job_spec.get("manualSelector"):
        errors.append(not_supported(_JOB_SPEC.child("manualSelector"), True, ["nil", "false"]))
    return errors


_SUSPENDED = {None: "<unset>", True: "True", False: "False"}


def cells(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    job_spec = _job_spec(spec)
    last, zone = status.get("lastScheduleTime"), spec.get("timeZone")
    return [
        obj["metadata"]["name"],
        spec.get("schedule") or "",
        "<none>" if zone is None else zone,
        _SUSPENDED[spec.get("suspend")],
        len(status.get("active") or ()),
        "<none>" if last is None else Since(last),
        age(obj),
        *containers_and_images(job_spec.get("template") or {}),
        labelselector.format_selector(job_spec.get("selector")),
    ]


_STRATEGY = CronJobStrategy()
_DOC = "io.k8s.api.batch.v1."

RESOURCES = (
    Resource(
        group="batch",
        version="v1",
        plural="cronjobs",
        kind="CronJob",
        short_names=("cj",),
        categories=("all",),
        strategy=_STRATEGY,
        subresources=(Subresource("status", strategy=CronJobStatusStrategy(_STRATEGY)),),
        columns=(
            NAME,
            Column("Schedule", doc=_DOC + "CronJobSpec#schedule"),
            Column("Timezone", doc=_DOC + "CronJobSpec#timeZone"),
            Column("Suspend", type="boolean", doc=_DOC + "CronJobSpec#suspend"),
            Column("Active", type="integer", doc=_DOC + "CronJobStatus#active"),
            Column("Last Schedule", doc=_DOC + "CronJobStatus#lastScheduleTime"),
            AGE,
            CONTAINERS,
            IMAGES,
            Column("Selector", priority=1, doc=_DOC + "JobSpec#selector"),
        ),
        cells=cells,
    ),
)
