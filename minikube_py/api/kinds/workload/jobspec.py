"""The spec that a Job and a CronJob's jobTemplate share (pkg/apis/batch/validation validateJobSpec)."""

from __future__ import annotations

import re

from minikube_py.api.kinds.podspec.template import template_warnings, validate_pod_template
from minikube_py.api.kinds.workload.counts import validate_nonnegative
from minikube_py.api.kinds.workload.jobpolicies import (
    internal_success_policy,
    validate_failure_policy,
    validate_success_policy,
)
from minikube_py.machinery.field import (
    ErrorList,
    Path,
    as_json,
    invalid,
    invalid_each,
    not_supported,
    required,
    too_long,
)
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.names import byte_length, dns1123_subdomain, regex_error

_COUNTERS = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_LONGEST_MANAGED_BY = 63
"""Bytes."""
_MOST_PARALLEL = 100_000
_MOST_FAILED = 100_000
_MANY_COMPLETIONS = 100_000
_MOST_AT_MANY_COMPLETIONS = 10_000

_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_is_path = re.compile(_PATH).fullmatch

_TRACKING = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes "
    "might not be able to track completedIndexes when a big number of indexes fail"
)


def is_indexed(spec: Object) -> bool:
    return spec.get("completionMode") == "Indexed"


def validate_job_spec(spec: Object, path: Path) -> ErrorList:
    errors = validate_nonnegative(spec, path, *_COUNTERS)
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        errors.append(required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"))
    errors += _managed_by_errors(spec.get("managedBy"), path.child("managedBy"))
    errors += _mode_errors(spec, path)
    if spec.get("podFailurePolicy") is not None:
        errors += validate_failure_policy(spec, path.child("podFailurePolicy"))
    policy = spec.get("successPolicy")
    if policy is not None:
        at = path.child("successPolicy")
        if is_indexed(spec):
            errors += validate_success_policy(spec, at)
        else:
            errors.append(invalid(at, as_json(internal_success_policy(policy)), "requires indexed completion mode"))
    errors += _replacement_errors(spec, path.child("podReplacementPolicy"))
    template = spec.get("template") or {}
    errors += validate_pod_template(template, path.child("template"))
    return errors + _restart_errors(spec, template, path.child("template", "spec", "restartPolicy"))


def _managed_by_errors(manager: str | None, path: Path) -> ErrorList:
    """A domain-prefixed path: "kueue.x-k8s.io/multikueue"."""
    if manager is None:
        return []
    domain, _, rest = manager.partition("/")
    if not manager:
        errors = [required(path)]
    elif not domain or not rest:
        errors = [invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    else:
        errors = invalid_each(path, domain, dns1123_subdomain(domain))
        if not _is_path(rest):
            errors.append(invalid(path, rest, regex_error("Invalid path", _PATH)))
    if byte_length(manager) > _LONGEST_MANAGED_BY:
        errors.append(too_long(path, _LONGEST_MANAGED_BY))
    return errors


def _mode_errors(spec: Object, path: Path) -> ErrorList:
    mode = spec.get("completionMode")
    errors: ErrorList = []
    if mode not in (None, "NonIndexed", "Indexed"):
        errors.append(not_supported(path.child("completionMode"), as_json(mode), ["NonIndexed", "Indexed"]))
    if mode == "Indexed":
        errors += _indexed_errors(spec, path)
    if mode in (None, "NonIndexed"):
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(name) is not None:
                errors.append(invalid(path.child(name), spec[name], "requires indexed completion mode"))
    return errors


def _indexed_errors(spec: Object, path: Path) -> ErrorList:
    completions, parallelism, failed = spec.get("completions"), spec.get("parallelism"), spec.get("maxFailedIndexes")
    at = path.child("maxFailedIndexes")
    errors: ErrorList = []
    if completions is None:
        errors.append(required(path.child("completions"), "when completion mode is Indexed"))
    if parallelism is not None and parallelism > _MOST_PARALLEL:
        detail = f"must be less than or equal to {_MOST_PARALLEL} when completion mode is Indexed"
        errors.append(invalid(path.child("parallelism"), parallelism, detail))
    if completions is not None and failed is not None and failed > completions:
        errors.append(invalid(at, failed, "must be less than or equal to completions"))
    if failed is not None and failed > _MOST_FAILED:
        errors.append(invalid(at, failed, f"must be less than or equal to {_MOST_FAILED}"))
    if completions is not None and completions > _MANY_COMPLETIONS and spec.get("backoffLimitPerIndex") is not None:
        errors += _many_completions_errors(parallelism, failed, path)
    return errors


def _many_completions_errors(parallelism: int | None, failed: int | None, path: Path) -> ErrorList:
    """Lists of indexes must stay short."""
    detail = (
        f"must be less than or equal to {_MOST_AT_MANY_COMPLETIONS} when completions are above {_MANY_COMPLETIONS} "
        "and used with backoff limit per index"
    )
    errors: ErrorList = []
    if failed is None:
        above = f"must be specified when completions is above {_MANY_COMPLETIONS}"
        errors.append(required(path.child("maxFailedIndexes"), above))
    if parallelism is not None and parallelism > _MOST_AT_MANY_COMPLETIONS:
        errors.append(invalid(path.child("parallelism"), parallelism, detail))
    if failed is not None and failed > _MOST_AT_MANY_COMPLETIONS:
        errors.append(invalid(path.child("maxFailedIndexes"), failed, detail))
    return errors


def _replacement_errors(spec: Object, path: Path) -> ErrorList:
    """With a failure policy, a pod is replaced only once it has failed."""
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return []
    allowed = ["Failed"] if spec.get("podFailurePolicy") is not None else ["Failed", "TerminatingOrFailed"]
    return [] if policy in allowed else [not_supported(path, as_json(policy), allowed)]


def _restart_errors(spec: Object, template: Object, path: Path) -> ErrorList:
    """Always, the default of pods, is no policy for what shall end."""
    policy = (template.get("spec") or {}).get("restartPolicy") or ""
    if policy in ("", "Always"):
        return [required(path, 'valid values: "OnFailure", "Never"')]
    if policy not in ("OnFailure", "Never"):
        return [not_supported(path, as_json(policy), ["OnFailure", "Never"])]
    if spec.get("podFailurePolicy") is not None and policy != "Never":
        return [invalid(path, as_json(policy), 'only "Never" is supported when podFailurePolicy is specified')]
    return []


def job_spec_warnings(spec: Object, old: Object | None, path: Path) -> list[str]:
    """pkg/api/job WarningsForJobSpec."""
    warnings: list[str] = []
    many = (spec.get("completions") or 0) > _MANY_COMPLETIONS
    if is_indexed(spec) and many and (spec.get("parallelism") or 0) > _MOST_AT_MANY_COMPLETIONS:
        warnings.append(f"{path}: {_TRACKING}")
    old_template = None if old is None else old.get("template") or {}
    return [*warnings, *template_warnings(spec.get("template") or {}, old_template, path.child("template"))]
