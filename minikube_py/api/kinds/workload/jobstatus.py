"""What a Job's status may say, and how it may change (pkg/apis/batch/validation, pkg/registry/batch/job).

Most rules hold only for what an update changes, so that a status that is wrong already can still be told other news.
"""

from __future__ import annotations

from typing import Any

from minikube_py.api.kinds.workload.counts import validate_nonnegative
from minikube_py.api.kinds.workload.indexes import count_indexes, first_overlap
from minikube_py.api.kinds.workload.jobspec import is_indexed
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.field import OMITTED, ErrorList, FieldError, Path, as_json, duplicate, invalid, required
from minikube_py.machinery.gvr import Object

_STATUS = Path("status")
_CONDITIONS = _STATUS.child("conditions")


def has_condition(status: Object, kind: str, value: str = "True") -> bool:
    return any(each.get("type") == kind and each.get("status") == value for each in status.get("conditions") or ())


def is_finished(status: Object) -> bool:
    return has_condition(status, "Complete") or has_condition(status, "Failed")


class _Update:
    """A status update: new, old, and the spec it is about."""

    def __init__(self, obj: Object, old: Object) -> None:
        self.spec: Object = obj["spec"]
        self.new: Object = obj.get("status") or {}
        self.old: Object = old.get("status") or {}

    def changed(self, *names: str) -> bool:
        """Whether one of these fields has another value. Absent counters are 0."""
        return any((self.new.get(name) or None) != (self.old.get(name) or None) for name in names)

    def differs(self, name: str) -> bool:
        """As `changed`, of a field whose absence means something."""
        return bool(self.new.get(name) != self.old.get(name))

    def turned(self, *kinds: str) -> bool:
        """Whether one of these conditions came or went."""
        return any(has_condition(self.new, kind) != has_condition(self.old, kind) for kind in kinds)

    @property
    def finish_turned(self) -> bool:
        return is_finished(self.new) != is_finished(self.old)


def validate_job_status(obj: Object, old: Object, *, strict: bool = True) -> ErrorList:
    """Errors of the status alone, then those of its change, in upstream's order (ValidateJobStatusUpdate). `strict`:
    whether it is looked at what follows from what."""
    update = _Update(obj, old)
    counts = validate_nonnegative(update.new, _STATUS, "active", "succeeded", "failed", "ready", "terminating")
    if not strict:
        return [*counts, *_uncounted_errors(update.new), *_success_errors(update)]
    return [
        *counts,
        *_uncounted_errors(update.new),
        *_completion_errors(update),
        *_finish_errors(update),
        *_index_errors(update),
        *_counter_errors(update),
        *_success_errors(update),
        *_change_errors(update),
    ]


def _about_conditions(detail: str) -> FieldError:
    return invalid(_CONDITIONS, OMITTED, detail)


def _uncounted_errors(status: Object) -> ErrorList:
    uncounted = status.get("uncountedTerminatedPods") or {}
    path = _STATUS.child("uncountedTerminatedPods")
    seen: set[str] = set()
    errors: ErrorList = []
    for name in ("succeeded", "failed"):
        for index, uid in enumerate(uncounted.get(name) or ()):
            at = path.child(name).index(index)
            if not uid:
                errors.append(invalid(at, as_json(uid), "must not be empty"))
            elif uid in seen:
                errors.append(duplicate(at, as_json(uid)))
            seen.add(uid)
    return errors


def _completion_errors(update: _Update) -> ErrorList:
    new = update.new
    complete, failed = has_condition(new, "Complete"), has_condition(new, "Failed")
    start, end = new.get("startTime"), new.get("completionTime")
    path = _STATUS.child("completionTime")
    end_changed = update.turned("Complete") or update.differs("completionTime")
    errors: ErrorList = []
    if complete and failed and update.turned("Complete", "Failed"):
        errors.append(_about_conditions("cannot set Complete=True and Failed=true conditions"))
    if complete and has_condition(new, "FailureTarget") and update.turned("Complete", "FailureTarget"):
        errors.append(_about_conditions("cannot set Complete=True and FailureTarget=true conditions"))
    if end_changed and end is not None and not complete:
        detail = "cannot set completionTime when there is no Complete=True condition"
        errors.append(invalid(path, as_json(end), detail))
    if end_changed and end is None and complete:
        errors.append(required(path, "completionTime is required for Complete jobs"))
    times_changed = update.differs("startTime") or update.differs("completionTime")
    if times_changed and start is not None and end is not None and parse_rfc3339(end) < parse_rfc3339(start):
        errors.append(invalid(path, as_json(end), "must be equal to or after `startTime`"))
    failure_changed = update.turned("Failed") or update.differs("failedIndexes")
    if failed and not has_condition(new, "FailureTarget") and failure_changed:
        errors.append(_about_conditions("cannot set Failed=True condition without the FailureTarget=true condition"))
    if complete and not has_condition(new, "SuccessCriteriaMet") and update.turned("Complete", "SuccessCriteriaMet"):
        detail = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"
        errors.append(_about_conditions(detail))
    return errors


def _finish_errors(update: _Update) -> ErrorList:
    """A finished Job has started, and has nothing left to do."""
    new = update.new
    if not is_finished(new):
        return []
    errors: ErrorList = []
    active = new.get("active") or 0
    if active > 0 and (update.finish_turned or update.changed("active")):
        errors.append(invalid(_STATUS.child("active"), active, "active>0 is invalid for finished job"))
    nothing_to_do = update.spec.get("suspend") is True and update.spec.get("completions") == 0
    started_changed = update.finish_turned or update.differs("startTime")
    if new.get("startTime") is None and started_changed and not nothing_to_do:
        errors.append(required(_STATUS.child("startTime"), "startTime is required for finished job"))
    uncounted = new.get("uncountedTerminatedPods") or {}
    left = uncounted.get("failed") or uncounted.get("succeeded")
    if left and (update.finish_turned or update.differs("uncountedTerminatedPods")):
        shown = {"Succeeded": uncounted.get("succeeded"), "Failed": uncounted.get("failed")}
        path = _STATUS.child("uncountedTerminatedPods")
        errors.append(invalid(path, as_json(shown), "must be empty for finished job"))
    return errors


def _index_errors(update: _Update) -> ErrorList:
    spec, new = update.spec, update.new
    completions, per_index = spec.get("completions"), spec.get("backoffLimitPerIndex")
    completed, failed = new.get("completedIndexes") or "", new.get("failedIndexes")
    completed_changed, failed_changed = update.changed("completedIndexes"), update.differs("failedIndexes")
    errors: ErrorList = []
    if completed_changed and completions is not None:
        errors += _format_errors("completedIndexes", completed, completions)
    if failed_changed and completions is not None and per_index is not None and failed is not None:
        errors += _format_errors("failedIndexes", failed, completions)
    if completed_changed and completed and not is_indexed(spec):
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        errors.append(invalid(_STATUS.child("completedIndexes"), completed, detail))
    path = _STATUS.child("failedIndexes")
    if failed_changed and failed is not None and per_index is None:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        errors.append(invalid(path, failed, detail))
    if (failed_changed or completed_changed) and completions is not None and failed is not None:
        overlap = first_overlap(completed, failed, completions)
        if overlap is not None:
            errors.append(invalid(path, failed, f"failedIndexes and completedIndexes overlap at index: {overlap}"))
    return errors


def _format_errors(name: str, text: str, completions: int) -> ErrorList:
    try:
        count_indexes(text, completions)
    except ValueError as error:
        return [invalid(_STATUS.child(name), text, f"error parsing {name}: {error}")]
    return []


def _counter_errors(update: _Update) -> ErrorList:
    new = update.new
    terminating, ready = new.get("terminating"), new.get("ready")
    errors: ErrorList = []
    terminating_changed = update.finish_turned or update.differs("terminating")
    if terminating_changed and (terminating or 0) > 0 and is_finished(new):
        path = _STATUS.child("terminating")
        errors.append(invalid(path, terminating, "terminating>0 is invalid for finished job"))
    if ready is not None and ready > (new.get("active") or 0) and (update.differs("ready") or update.changed("active")):
        errors.append(invalid(_STATUS.child("ready"), ready, "cannot set more ready pods than active"))
    return errors


def _success_errors(update: _Update) -> ErrorList:
    new = update.new
    if has_condition(new, "SuccessCriteriaMet"):
        return [
            _about_conditions(f"cannot set SuccessCriteriaMet=True and {kind}=true conditions")
            for kind in ("Failed", "FailureTarget")
            if has_condition(new, kind)
        ]
    if update.spec.get("successPolicy") is not None and has_condition(new, "Complete"):
        detail = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
        return [_about_conditions(detail)]
    return []


def _change_errors(update: _Update) -> ErrorList:
    """What may not be taken back."""
    new, old = update.new, update.old
    errors: ErrorList = [
        _about_conditions(f"cannot disable the terminal {kind}=True condition")
        for kind in ("Failed", "Complete", "FailureTarget")
        if has_condition(old, kind) and not has_condition(new, kind)
    ]
    scales_down = is_indexed(update.spec) and update.spec.get("completions") == update.spec.get("parallelism")
    for name in ("failed", "succeeded"):
        count: Any = new.get(name) or 0
        if count < (old.get(name) or 0) and not (name == "succeeded" and scales_down):
            errors.append(invalid(_STATUS.child(name), count, f"cannot decrease the {name} counter"))
    errors += _time_errors(update)
    criteria, old_criteria = has_condition(new, "SuccessCriteriaMet"), has_condition(old, "SuccessCriteriaMet")
    if old_criteria and not criteria:
        errors.append(_about_conditions("cannot disable the SuccessCriteriaMet=True condition"))
    if has_condition(old, "Complete") and not old_criteria and criteria:
        detail = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        errors.append(_about_conditions(detail))
    return errors


def _time_errors(update: _Update) -> ErrorList:
    new, old = update.new, update.old
    errors: ErrorList = []
    end = new.get("completionTime")
    if end is not None and old.get("completionTime") is not None and update.differs("completionTime"):
        errors.append(invalid(_STATUS.child("completionTime"), as_json(end), "field is immutable"))
    resuming = has_condition(old, "Suspended") and has_condition(new, "Suspended", "False")
    started = old.get("startTime") is not None and update.differs("startTime")
    if started and not resuming and not update.spec.get("suspend"):
        detail = "field is immutable for unsuspended job once set"
        errors.append(invalid(_STATUS.child("startTime"), as_json(new.get("startTime")), detail))
    return errors
