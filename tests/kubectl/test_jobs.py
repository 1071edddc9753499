"""Jobs, CronJobs and quotas as kubectl's users handle them, with pods that run."""

from __future__ import annotations

import pytest

from tests.served import Kubectl


@pytest.mark.parametrize(
    ("command", "condition", "counts"),
    [
        pytest.param(("sh", "-c", "exit 0"), "complete", "1 ", id="well"),
        pytest.param(("sh", "-c", "exit 1"), "failed", " 1", id="badly"),
    ],
)
def test_a_job_ends(kubectl: Kubectl, command: tuple[str, ...], condition: str, counts: str) -> None:
    made = kubectl("create", "job", "x", "--image=busybox", "--dry-run=client", "-o", "yaml", "--", *command)
    kubectl("apply", "-f", "-", input=made.replace("spec:\n  template:", "spec:\n  backoffLimit: 0\n  template:"))
    kubectl("wait", f"--for=condition={condition}", "job/x", "--timeout=20s")
    assert kubectl("get", "job", "x", "-o", "jsonpath={.status.succeeded} {.status.failed}") == counts
    assert "Created pod: x-" in kubectl("describe", "job", "x")


def test_a_job_is_shown_and_deleted(kubectl: Kubectl) -> None:
    kubectl("create", "job", "x", "--image=busybox", "--", "true")
    kubectl("wait", "--for=condition=complete", "job/x", "--timeout=20s")
    assert kubectl("get", "job", "x", "--no-headers").split()[1:3] == ["Complete", "1/1"]
    assert kubectl("get", "pods", "--no-headers").split()[1:3] == ["0/1", "Completed"]
    assert kubectl("delete", "job", "x", "--timeout=20s").startswith('job.batch "x" deleted')
    kubectl("wait", "--for=delete", "pod", "-l", "job-name=x", "--timeout=20s")


def test_a_job_from_a_cron_job(kubectl: Kubectl) -> None:
    kubectl("create", "cronjob", "c", "--image=busybox", "--schedule=0 0 1 1 *", "--", "true")
    assert kubectl("create", "job", "now", "--from=cronjob/c") == "job.batch/now created\n"
    kubectl("wait", "--for=condition=complete", "job/now", "--timeout=20s")


def test_a_quota(kubectl: Kubectl) -> None:
    kubectl("create", "quota", "q", "--hard=pods=1,configmaps=9")
    kubectl("wait", "--for=jsonpath={.status.used.pods}=0", "quota/q", "--timeout=20s")
    kubectl("run", "a", "--image=nginx")
    refused = kubectl.fails("run", "b", "--image=nginx")
    assert 'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1' in refused
    kubectl("delete", "pod", "a", "--now")
    kubectl("wait", "--for=jsonpath={.status.used.pods}=0", "quota/q", "--timeout=20s")
    assert kubectl("describe", "quota", "q").splitlines()[-1].split() == ["pods", "0", "1"]
