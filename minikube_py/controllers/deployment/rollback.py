"""The server-side rollback that apps/v1beta1 had, asked for by an annotation (pkg/controller/deployment/rollback.go).

kubectl rollout undo does not come here: it patches the template.
"""

from __future__ import annotations

from minikube_py.controllers.deployment.revisions import (
    ROLLBACK_TO,
    annotations_of,
    last_revision,
    revision,
    rolled_back_annotations,
)
from minikube_py.controllers.deployment.rollout import Rollout
from minikube_py.controllers.deployment.templatehash import same_template, without_hash
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.integers import parse_int64
from minikube_py.machinery.meta import name

NOT_FOUND = "DeploymentRollbackRevisionNotFound"
UNCHANGED = "DeploymentRollbackTemplateUnchanged"
DONE = "DeploymentRollback"


def rollback_to(deployment: Object) -> int | None:
    """The revision to go back to, 0 for the one before; None if none is asked for."""
    return parse_int64(annotations_of(deployment).get(ROLLBACK_TO, ""))


async def roll_back(rollout: Rollout, wanted: int) -> None:
    """Take a ReplicaSet's template over into the Deployment; in any case the request is taken away."""
    await rollout.sync_revision(create=True)
    target = wanted or last_revision(rollout.sets)
    if not target:
        rollout.event("Warning", NOT_FOUND, "Unable to find last revision.")
        await _give_up(rollout)
        return
    found = next((each for each in rollout.sets if revision(each) == target), None)
    if found is None:
        rollout.event("Warning", NOT_FOUND, "Unable to find the revision to rollback to.")
        await _give_up(rollout)
        return
    deployment = rollout.deployment
    if same_template(found["spec"]["template"], deployment["spec"]["template"]):
        message = f'The rollback revision contains the same template as current deployment "{name(deployment)}"'
        rollout.event("Warning", UNCHANGED, message)
        await _give_up(rollout)
        return
    await rollout.write_spec(_without_hash(found["spec"]["template"]), _cleared(rollout, found))
    rollout.event("Normal", DONE, f'Rolled back deployment "{name(deployment)}" to revision {target}')


async def _give_up(rollout: Rollout) -> None:
    annotations = {k: v for k, v in annotations_of(rollout.deployment).items() if k != ROLLBACK_TO}
    await rollout.write_spec(None, annotations)


def _cleared(rollout: Rollout, found: Object) -> dict[str, str]:
    annotations = rolled_back_annotations(rollout.deployment, found)
    annotations.pop(ROLLBACK_TO, None)
    return annotations


def _without_hash(template: Object) -> Object:
    metadata = template.get("metadata") or {}
    return {**template, "metadata": {**metadata, "labels": without_hash(metadata.get("labels") or {})}}
