"""Job and CronJob."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minikube_py.api.options import DeleteOptions

Make = Callable[..., Any]

GENERATED = {
    "batch.kubernetes.io/controller-uid": "u-1",
    "batch.kubernetes.io/job-name": "j",
    "controller-uid": "u-1",
    "job-name": "j",
}
TRUE = {"status": "True"}


@pytest.mark.parametrize(
    ("labels", "template_labels", "shown"),
    [
        pytest.param(None, None, GENERATED, id="read-from-the-template"),
        pytest.param(None, {"app": "x"}, {"app": "x", **GENERATED}, id="shared-with-the-template"),
        pytest.param({"own": "1"}, {"app": "x"}, {"own": "1"}, id="its-own"),
        pytest.param({"app": "x"}, {"app": "x"}, {"app": "x"}, id="its-own-though-equal"),
    ],
)
def test_labels(
    kind: Make,
    jobs: Make,
    labels: dict[str, str] | None,
    template_labels: dict[str, str] | None,
    shown: dict[str, str],
) -> None:
    body = jobs()
    if labels:
        body["metadata"]["labels"] = labels
    if template_labels:
        body["spec"]["template"]["metadata"] = {"labels": template_labels}
    made = kind("Job").create(body)
    assert made["metadata"]["labels"] == shown
    assert made["spec"]["template"]["metadata"]["labels"] == {**(template_labels or {}), **GENERATED}
    assert made["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": "u-1"}}


@pytest.mark.parametrize(
    ("given", "defaults"),
    [
        pytest.param({}, {"parallelism": 1, "completions": 1, "backoffLimit": 6}, id="neither"),
        pytest.param({"completions": 3}, {"parallelism": 1, "completions": 3}, id="completions"),
        pytest.param({"parallelism": 3}, {"parallelism": 3, "completions": None}, id="parallelism"),
        pytest.param(
            {"completionMode": "Indexed", "backoffLimitPerIndex": 1},
            {"backoffLimit": 2**31 - 1, "completions": 1},
            id="per-index",
        ),
        pytest.param(
            {"podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "X"}]}]}},
            {
                "podReplacementPolicy": "Failed",
                "podFailurePolicy": {
                    "rules": [{"action": "Ignore", "onPodConditions": [{"type": "X", "status": "True"}]}]
                },
            },
            id="failure-policy",
        ),
    ],
)
def test_defaults(kind: Make, jobs: Make, given: dict[str, Any], defaults: dict[str, Any]) -> None:
    spec = kind("Job").create(jobs(**given))["spec"]
    assert {name: spec.get(name) for name in defaults} == defaults


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        pytest.param(
            {"selector": {"matchLabels": {"app": "x"}}},
            [
                'spec.selector: Invalid value: {"matchLabels":{"app":"x",'
                '"batch.kubernetes.io/controller-uid":"u-1"}}: `selector` not auto-generated',
                'spec.template.metadata.labels: Invalid value: {"batch.kubernetes.io/controller-uid":"u-1",'
                '"batch.kubernetes.io/job-name":"j","controller-uid":"u-1","job-name":"j"}: '
                "`selector` does not match template `labels`",
            ],
            id="selector-without-manual",
        ),
        pytest.param(
            {"manualSelector": True},
            [
                "spec.selector: Required value",
                "spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`",
            ],
            id="manual-without-selector",
        ),
        pytest.param(
            {"completionMode": "Indexed", "completions": 200_000, "backoffLimitPerIndex": 1, "parallelism": 10_001},
            [
                "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
                "spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 when completions are "
                "above 100000 and used with backoff limit per index",
            ],
            id="many-completions",
        ),
        pytest.param(
            {"maxFailedIndexes": 1},
            [
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
                "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode",
            ],
            id="failed-indexes",
        ),
        pytest.param(
            {"managedBy": "acme.io"},
            ['spec.managedBy: Invalid value: "acme.io": must be a domain-prefixed path (such as "acme.io/foo")'],
            id="managed-by",
        ),
        pytest.param(
            {"podFailurePolicy": {"rules": [{"onExitCodes": {"operator": "In", "values": [0, 2, 1, 1]}}]}},
            [
                "spec.podFailurePolicy.rules[0].action: Required value: "
                'valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
                "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: "
                "must not be 0 for the In operator",
                "spec.podFailurePolicy.rules[0].onExitCodes.values[3]: Duplicate value: 1",
                "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [0,2,1,1]: must be ordered",
            ],
            id="exit-codes",
        ),
        pytest.param(
            {
                "completionMode": "Indexed",
                "completions": 9,
                "successPolicy": {
                    "rules": [
                        {"succeededIndexes": "0-2,5", "succeededCount": 5},
                        {"succeededIndexes": "4,1"},
                        {"succeededIndexes": "1-2-3"},
                    ]
                },
            },
            [
                "spec.successPolicy.rules[0].succeededCount: Invalid value: 5: must be less than or equal to 4 "
                "(the number of indexes in the specified succeededIndexes field)",
                'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "4,1": '
                "error parsing succeededIndexes: non-increasing order, previous: 4, current: 1",
                'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "1-2-3": error parsing '
                'succeededIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at '
                "most two parts separated by '-'",
            ],
            id="success-policy",
        ),
    ],
)
def test_rules(kind: Make, jobs: Make, spec: dict[str, Any], messages: list[str]) -> None:
    assert kind("Job").errors(jobs(**spec)) == messages


@pytest.mark.parametrize(
    ("old", "patch", "messages"),
    [
        pytest.param({}, {"parallelism": 2, "backoffLimit": 1, "suspend": True}, [], id="mutable"),
        pytest.param(
            {}, {"completions": 2}, ["spec.completions: Invalid value: 2: field is immutable"], id="completions"
        ),
        pytest.param(
            {"completionMode": "Indexed", "completions": 2, "parallelism": 2},
            {"completions": 3, "parallelism": 3},
            [],
            id="indexed-in-tandem",
        ),
        pytest.param(
            {"completionMode": "Indexed", "completions": 2, "parallelism": 2},
            {"completions": 3},
            ["spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"],
            id="indexed-alone",
        ),
        pytest.param({"suspend": True}, {"template": {"spec": {"nodeSelector": {"a": "b"}}}}, [], id="suspended-node"),
        pytest.param(
            {"suspend": True},
            {"template": {"spec": {"affinity": {"nodeAffinity": {}}}, "metadata": {"annotations": {"a": "b"}}}},
            [],
            id="suspended-affinity",
        ),
        pytest.param(
            {"podFailurePolicy": {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "X"}]}]}},
            {"podFailurePolicy": None},
            ["spec.podFailurePolicy: Invalid value: null: field is immutable"],
            id="failure-policy",
        ),
    ],
)
def test_updates(kind: Make, jobs: Make, old: dict[str, Any], patch: dict[str, Any], messages: list[str]) -> None:
    some = kind("Job")
    assert some.update_errors(some.create(jobs(**old)), {"spec": patch}) == messages


@pytest.mark.parametrize("suspend", [False, True])
def test_immutable_template_is_shown_as_upstream_prints_it(kind: Make, jobs: Make, suspend: bool) -> None:
    some = kind("Job")
    patch = {"spec": {"template": {"spec": {"hostNetwork": True}}}}
    (message,) = some.update_errors(some.create(jobs(suspend=suspend)), patch)
    place, _, shown = message.partition(": Invalid value: ")
    assert place == ("spec.template.spec" if suspend else "spec.template")
    assert ('"Spec":{"Volumes":null,' in shown) is not suspend
    assert '"Containers":[{"Name":"c","Image":"busybox","Command":null,' in shown
    assert '"SecurityContext":{"HostNetwork":true,"HostPID":false,' in shown
    assert shown.endswith("}: field is immutable")


@pytest.mark.parametrize(
    ("spec", "old", "new", "messages"),
    [
        pytest.param({}, {}, {"startTime": "2024-01-01T00:00:00Z", "active": 1, "ready": 1}, [], id="starts"),
        pytest.param(
            {}, {}, {"ready": 1}, ["status.ready: Invalid value: 1: cannot set more ready pods than active"], id="ready"
        ),
        pytest.param(
            {},
            {"succeeded": 2, "failed": 1},
            {"succeeded": 1, "failed": 0},
            [
                "status.failed: Invalid value: 0: cannot decrease the failed counter",
                "status.succeeded: Invalid value: 1: cannot decrease the succeeded counter",
            ],
            id="counters",
        ),
        pytest.param(
            {},
            {},
            {"conditions": [{"type": "Complete", **TRUE}]},
            [
                "status.completionTime: Required value: completionTime is required for Complete jobs",
                "status.conditions: Invalid value: cannot set Complete=True condition without the "
                "SuccessCriteriaMet=true condition",
                "status.startTime: Required value: startTime is required for finished job",
            ],
            id="complete-alone",
        ),
        pytest.param(
            {},
            {"startTime": "2024-01-01T00:00:00Z"},
            {
                "completionTime": "2023-01-01T00:00:00Z",
                "conditions": [{"type": "SuccessCriteriaMet", **TRUE}, {"type": "Complete", **TRUE}],
            },
            ['status.completionTime: Invalid value: "2023-01-01T00:00:00Z": must be equal to or after `startTime`'],
            id="ends-before-it-starts",
        ),
        pytest.param(
            {"completionMode": "Indexed", "completions": 5, "backoffLimitPerIndex": 1},
            {},
            {"completedIndexes": "0-2", "failedIndexes": "2,7"},
            [
                'status.failedIndexes: Invalid value: "2,7": error parsing failedIndexes: too large index: "7"',
                'status.failedIndexes: Invalid value: "2,7": failedIndexes and completedIndexes overlap at index: 2',
            ],
            id="indexes",
        ),
        pytest.param(
            {},
            {"startTime": "2024-01-01T00:00:00Z", "conditions": [{"type": "Suspended", **TRUE}]},
            {"startTime": "2024-02-01T00:00:00Z", "conditions": [{"type": "Suspended", "status": "False"}]},
            [],
            id="resumes",
        ),
    ],
)
def test_status(
    kind: Make, jobs: Make, spec: dict[str, Any], old: dict[str, Any], new: dict[str, Any], messages: list[str]
) -> None:
    some = kind("Job")
    made = some.create(jobs(**spec))
    made["status"] = old
    assert some.update_errors(made, {"status": new}, "status") == messages


@pytest.mark.parametrize(
    ("spec", "status", "cells"),
    [
        pytest.param({}, {}, ["Running", "0/1", ""], id="new"),
        pytest.param({"parallelism": 3}, {"succeeded": 1}, ["Running", "1/1 of 3", ""], id="any-number"),
        pytest.param({}, {"startTime": "2024-01-01T00:00:00Z"}, ["Running", "0/1", "<age>"], id="started"),
        pytest.param(
            {},
            {
                "succeeded": 1,
                "startTime": "2024-01-01T00:00:00Z",
                "completionTime": "2024-01-01T00:01:05Z",
                "conditions": [{"type": "Complete", **TRUE}],
            },
            ["Complete", "1/1", "65s"],
            id="complete",
        ),
        pytest.param({}, {"conditions": [{"type": "Suspended", **TRUE}]}, ["Suspended", "0/1", ""], id="suspended"),
    ],
)
def test_cells(kind: Make, jobs: Make, spec: dict[str, Any], status: dict[str, Any], cells: list[str]) -> None:
    some = kind("Job")
    made = some.create(jobs(**spec))
    made["status"] = status
    assert some.cells(made)[1:4] == cells


def cron(**spec: Any) -> dict[str, Any]:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}
    job_template = {"spec": {"template": template}}
    return {"metadata": {"name": "c"}, "spec": {"schedule": "*/5 * * * *", "jobTemplate": job_template, **spec}}


@pytest.mark.parametrize(
    ("spec", "messages"),
    [
        pytest.param({"schedule": "@every 1h", "timeZone": "Europe/Berlin"}, [], id="fine"),
        pytest.param({"schedule": None}, ["spec.schedule: Required value"], id="no-schedule"),
        pytest.param(
            {"schedule": "often"},
            ['spec.schedule: Invalid value: "often": expected exactly 5 fields, found 1: [often]'],
            id="schedule",
        ),
        pytest.param(
            {"schedule": "TZ=UTC 0 * * * *"},
            [
                'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, '
                "use timeZone field instead"
            ],
            id="zone-inside",
        ),
        pytest.param(
            {"timeZone": "Mars/Base"},
            ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
            id="unknown-zone",
        ),
        pytest.param(
            {"timeZone": "Local"},
            [
                'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in '
                "https://www.iana.org/time-zones"
            ],
            id="local-zone",
        ),
        pytest.param(
            {"concurrencyPolicy": "Nope"},
            ['spec.concurrencyPolicy: Unsupported value: "Nope": supported values: "Allow", "Forbid", "Replace"'],
            id="concurrency",
        ),
        pytest.param(
            {"jobTemplate": {}},
            [
                "spec.jobTemplate.spec.template.spec.containers: Required value",
                'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
            ],
            id="no-template",
        ),
    ],
)
def test_cron_job_rules(kind: Make, spec: dict[str, Any], messages: list[str]) -> None:
    assert kind("CronJob").errors(cron(**spec)) == messages


def test_cron_job_defaults_and_cells(kind: Make) -> None:
    some = kind("CronJob")
    made = some.create(cron())
    assert {name: made["spec"][name] for name in made["spec"].keys() - {"schedule", "jobTemplate"}} == {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    }
    row = ["c", "*/5 * * * *", "<none>", "False", 0, "<none>", "<age>", "c", "busybox", "<none>"]
    assert some.cells(made) == row
    status = {"active": [{"kind": "Job", "name": "j"}], "lastScheduleTime": "2024-01-01T00:00:00Z"}
    assert some.cells(some.update(made, {"status": status}, "status"))[4:7] == [1, "<age>", "<age>"]


def test_a_zone_may_stay_where_it_stood(kind: Make) -> None:
    some = kind("CronJob")
    made = some.create(cron())
    made["spec"]["schedule"] = "TZ=UTC 0 * * * *"
    some.update(made, {"spec": {"suspend": True}})
    assert len(some.warnings) == 1 and "cannot use TZ or CRON_TZ" in some.warnings[0]
    assert some.update_errors(made, {"spec": {"timeZone": "UTC"}}) == [
        'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule'
    ]


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        pytest.param(DeleteOptions(), True, id="nothing-said"),
        pytest.param(DeleteOptions(propagation="Background"), False, id="propagation"),
        pytest.param(DeleteOptions(orphan=True), False, id="orphan-dependents"),
    ],
)
def test_orphaning_by_default_is_warned_of(kind: Make, jobs: Make, options: DeleteOptions, warned: bool) -> None:
    some = kind("Job")
    ctx, made = some.context(), some.create(jobs())
    for _ in range(2):
        ctx.warnings.extend(some.resource.strategy.warnings_on_delete(ctx, made, options))
    assert [text.partition(";")[0] for text in ctx.warnings] == [
        "child pods are preserved by default when jobs are deleted"
    ] * warned
