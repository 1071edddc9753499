"""The Job of a CronJob for one time of its schedule."""

from __future__ import annotations

from datetime import datetime, timedelta

from minikube_py.machinery import cron
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.meta import controller_reference, name, namespace

CRON_JOB = GroupVersionKind("batch", "v1", "CronJob")
SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def job_name(cron_job: Object, when: float) -> str:
    """The same for the same minute, so that no run is made twice."""
    return f"{name(cron_job)}-{int(when) // 60}"


def job_from_template(cron_job: Object, when: float, *, stamped: bool = True) -> Object:
    """Shares the template's parts, so read-only. `stamped`: with an annotation of its time."""
    template = cron_job["spec"]["jobTemplate"]
    given = template.get("metadata") or {}
    metadata: Object = {"name": job_name(cron_job, when), "namespace": namespace(cron_job)}
    if given.get("labels"):
        metadata["labels"] = given["labels"]
    annotations = dict(given.get("annotations") or {})
    if stamped:
        annotations[SCHEDULED] = _rfc3339_in(when, cron_job["spec"].get("timeZone") or "")
    if annotations:
        metadata["annotations"] = annotations
    metadata["ownerReferences"] = [controller_reference(cron_job, CRON_JOB)]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template.get("spec") or {}}


def _rfc3339_in(when: float, zone: str) -> str:
    local = datetime.fromtimestamp(int(when), cron.load_zone(zone))
    text = local.isoformat()
    return f"{text[:19]}Z" if local.utcoffset() == timedelta() else text
