"""A Job's podFailurePolicy and successPolicy (pkg/controller/job/pod_failure_policy.go, success_policy.go)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from minikube_py.controllers.job.indexes import Intervals, overlap, parse, total
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import key

IGNORE, FAIL_JOB, FAIL_INDEX, COUNT = "Ignore", "FailJob", "FailIndex", "Count"


class FailureMatch(NamedTuple):
    """What the policy says of a failed pod; without a rule that matches it just counts."""

    action: str = ""
    counts: bool = True
    """Whether it counts towards the back-off limits."""
    message: str = ""
    """Why the whole Job fails, if it does."""


_NO_RULE = FailureMatch()


def match_failure(policy: Object | None, pod: Object) -> FailureMatch:
    """By the first rule that matches the pod."""
    for index, rule in enumerate((policy or {}).get("rules") or ()):
        what = _matched(rule, pod)
        if what:
            action = rule["action"]
            message = f"{what} matching FailJob rule at index {index}" if action == FAIL_JOB else ""
            return FailureMatch(action, action != IGNORE, message)
    return _NO_RULE


def _matched(rule: Object, pod: Object) -> str:
    """What of the pod a rule matches, in words; "" for nothing."""
    status = pod.get("status") or {}
    if (wanted := rule.get("onExitCodes")) is not None:
        lists = (status.get("containerStatuses") or (), status.get("initContainerStatuses") or ())
        for container in (each for statuses in lists for each in statuses):
            ended = (container.get("state") or {}).get("terminated")
            if ended is not None and _matches_exit(wanted, container["name"], ended.get("exitCode", 0)):
                return f"Container {container['name']} for pod {key(pod)} failed with exit code {ended['exitCode']}"
    else:
        for condition in status.get("conditions") or ():
            if any(_is(condition, pattern) for pattern in rule.get("onPodConditions") or ()):
                return f"Pod {key(pod)} has condition {condition['type']}"
    return ""


def _matches_exit(wanted: Object, container: str, code: int) -> bool:
    if code == 0 or wanted.get("containerName", container) != container:
        return False
    return bool((code in wanted["values"]) == (wanted["operator"] == "In"))


def _is(condition: Object, pattern: Object) -> bool:
    return bool(condition["type"] == pattern["type"] and condition["status"] == (pattern.get("status") or "True"))


def match_success(policy: Object | None, completions: int, succeeded: Intervals) -> str:
    """The message of the first rule that is met; "" if none is."""
    rules: Iterable[Object] = (policy or {}).get("rules") or ()
    for index, rule in enumerate(rules) if succeeded else ():
        if _is_met(rule, completions, succeeded):
            return f"Matched rules at index {index}"
    return ""


def _is_met(rule: Object, completions: int, succeeded: Intervals) -> bool:
    count = rule.get("succeededCount")
    if rule.get("succeededIndexes") is None:
        return count is not None and total(succeeded) >= count
    wanted = parse(rule["succeededIndexes"], completions)
    if not wanted:
        return False
    there = overlap(wanted, succeeded)
    return there == total(wanted) or (count is not None and there >= count)
