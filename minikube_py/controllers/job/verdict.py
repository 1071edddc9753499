"""Whether a Job has succeeded or failed, and why."""

from __future__ import annotations

from minikube_py.controllers.job import conditions, indexes
from minikube_py.controllers.job.policies import match_failure, match_success
from minikube_py.controllers.job.survey import Survey, is_failed, is_suspended
from minikube_py.controllers.runtime.pods import phase
from minikube_py.machinery.clock import parse_rfc3339
from minikube_py.machinery.conditions import find, is_true
from minikube_py.machinery.gvr import Object


def verdict(survey: Survey) -> Object | None:
    """The condition by which it ends; None while it goes on.

    In this order: what an earlier sync decided, the failure policy, the back-off limit, the deadline, failed indexes,
    the success policy. That all completions are reached is judged later, once pods are managed (`completed`).
    """
    return _decided(survey) or _failure(survey) or _index_failure(survey) or _policy_success(survey)


def _decided(survey: Survey) -> Object | None:
    known = survey.status.get("conditions")
    if is_true(known, conditions.SUCCESS_CRITERIA_MET):
        return find(known, conditions.SUCCESS_CRITERIA_MET)
    if is_true(known, conditions.FAILURE_TARGET):
        target = find(known, conditions.FAILURE_TARGET) or {}
        reason, message = target.get("reason", ""), target.get("message", "")
        return conditions.new(conditions.FAILED, reason, message, survey.now)
    return None


def _failure(survey: Survey) -> Object | None:
    message = _policy_failure(survey)
    if message:
        return conditions.new(conditions.FAILURE_TARGET, conditions.POD_FAILURE_POLICY, message, survey.now)
    if survey.failed > survey.spec["backoffLimit"] or _restarts_exceed(survey):
        return _target(survey, conditions.BACKOFF_LIMIT_EXCEEDED)
    left = until_deadline(survey)
    return _target(survey, conditions.DEADLINE_EXCEEDED) if left is not None and left <= 0 else None


def _target(survey: Survey, why: tuple[str, str]) -> Object:
    type = conditions.FAILURE_TARGET if survey.features.interim_conditions else conditions.FAILED
    return conditions.new(type, *why, survey.now)


def _policy_failure(survey: Survey) -> str:
    policy = survey.spec.get("podFailurePolicy")
    if policy is None:
        return ""
    messages = (match_failure(policy, pod).message for pod in survey.pods if is_failed(pod, survey.job))
    return next(filter(None, messages), "")


def _restarts_exceed(survey: Survey) -> bool:
    """Pods that restart in place count by their restarts."""
    if survey.spec["template"]["spec"].get("restartPolicy") != "OnFailure":
        return False
    restarts = 0
    for pod in survey.pods:
        if phase(pod) in ("Running", "Pending"):
            for field in ("initContainerStatuses", "containerStatuses"):
                restarts += sum(each.get("restartCount", 0) for each in pod["status"].get(field) or ())
    return bool(restarts >= max(1, survey.spec["backoffLimit"]))


def until_deadline(survey: Survey) -> float | None:
    """Seconds until activeDeadlineSeconds are over; None if they do not run."""
    deadline, started = survey.spec.get("activeDeadlineSeconds"), survey.status.get("startTime")
    if deadline is None or is_suspended(survey.job):
        return None
    begun = parse_rfc3339(started) if started else survey.now
    return float(begun + deadline - survey.now)


def _index_failure(survey: Survey) -> Object | None:
    failed = indexes.total(survey.failed_indexes or ())
    most = survey.spec.get("maxFailedIndexes")
    if most is not None and failed > most:
        return _target(survey, conditions.MAX_FAILED_INDEXES_EXCEEDED)
    if failed and failed + indexes.total(survey.succeeded_indexes) >= survey.limit:
        return _target(survey, conditions.FAILED_INDEXES)
    return None


def _policy_success(survey: Survey) -> Object | None:
    if not survey.indexed:
        return None
    message = match_success(survey.spec.get("successPolicy"), survey.limit, survey.succeeded_indexes)
    if not message:
        return None
    return conditions.new(conditions.SUCCESS_CRITERIA_MET, conditions.SUCCESS_POLICY, message, survey.now)


def completed(survey: Survey, active: int) -> Object | None:
    """The condition of a Job whose completions are reached, with that many pods active: without a number of
    completions one success will do, once all others have ended too."""
    enough = 1 if survey.completions is None else survey.completions
    if active or survey.succeeded < enough:
        return None
    if not survey.features.interim_conditions:
        return conditions.new(conditions.COMPLETE, "", "", survey.now)
    return conditions.new(conditions.SUCCESS_CRITERIA_MET, *conditions.COMPLETIONS_REACHED, survey.now)
