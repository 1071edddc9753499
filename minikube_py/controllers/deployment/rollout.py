"""One reconcile of a Deployment: its ReplicaSets as they are now, and the writes that change them
(pkg/controller/deployment/sync.go).

Each write's answer replaces the object it changed, so that later decisions and writes of the same reconcile stand on
it.
"""

from __future__ import annotations

from collections.abc import Sequence

from minikube_py.client.events import EventRecorder, EventType
from minikube_py.client.indexer import Lister
from minikube_py.client.protocol import Client
from minikube_py.controllers.deployment.conditions import (
    FOUND_NEW_REPLICA_SET,
    NEW_REPLICA_SET_CREATED,
    PROGRESSING,
    REPLICA_SET_CREATE_ERROR,
    conditions_of,
    new_condition,
    with_condition,
)
from minikube_py.controllers.deployment.counts import replicas
from minikube_py.controllers.deployment.revisions import (
    REVISION,
    Annotations,
    annotations_of,
    find_new,
    max_revision,
    new_annotations,
    old_sets,
    replicas_annotations,
    superfluous,
)
from minikube_py.controllers.deployment.rolling import Scaling, new_size
from minikube_py.controllers.deployment.status import Status, has_deadline
from minikube_py.controllers.deployment.templatehash import LABEL, replica_set_name, same_template, template_hash
from minikube_py.controllers.runtime.podcontrol import NAMESPACE_TERMINATING
from minikube_py.machinery.clock import Clock
from minikube_py.machinery.conditions import find
from minikube_py.machinery.errors import StatusError, is_already_exists, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import controller_reference, is_controlled_by, name, namespace, resource_version, uid
from minikube_py.machinery.wellknown import DEPLOYMENT, DEPLOYMENTS, REPLICA_SETS


class Rollout:
    """`deployment` and `sets` are the latest states known; `new` is the ReplicaSet of the current template, once
    `sync_revision` was called and if there is one."""

    def __init__(
        self,
        client: Client,
        recorder: EventRecorder,
        clock: Clock,
        cached_sets: Lister,
        deployment: Object,
        sets: Sequence[Object],
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._clock = clock
        self._cached_sets = cached_sets
        self.deployment = deployment
        self.sets = list(sets)
        self.new: Object | None = None

    @property
    def old(self) -> list[Object]:
        """All ReplicaSets but the new one, oldest first."""
        return old_sets(self.sets, self.new)

    @property
    def now(self) -> float:
        return self._clock.now()

    # Writing the Deployment

    async def write_status(self, status: Status, annotations: Annotations | None = None) -> bool:
        """Returns whether anything changed: fields that the server's version does not know do not. The status
        subresource takes annotations too."""
        current = self.deployment
        if (current.get("status") or {}) == status and annotations is None:
            return False
        changed = {**current, "status": status}
        if annotations is not None:
            changed["metadata"] = {**current["metadata"], "annotations": annotations}
        self.deployment = await self._client.update(DEPLOYMENTS, changed, subresource="status")
        return resource_version(self.deployment) != resource_version(current)

    async def write_spec(self, template: Object | None, annotations: Annotations) -> None:
        current = self.deployment
        changed = {**current, "metadata": {**current["metadata"], "annotations": annotations}}
        if template is not None:
            changed["spec"] = {**current["spec"], "template": template}
        self.deployment = await self._client.update(DEPLOYMENTS, changed)

    def status_with(self, condition: Object) -> Status:
        status = self.deployment.get("status") or {}
        return {**status, "conditions": with_condition(conditions_of(self.deployment), condition)}

    def progress(self, status: str, reason: str, message: str) -> Object:
        return new_condition(PROGRESSING, status, reason, message, self.now)

    def event(self, type: EventType, reason: str, message: str) -> None:
        self._recorder.event(self.deployment, type, reason, message)

    # The new ReplicaSet

    async def sync_revision(self, *, create: bool) -> None:
        """Find the new ReplicaSet, or create it if asked to; give it the next revision and the Deployment's
        annotations, and the Deployment its revision."""
        self.new = find_new(self.deployment, self.sets)
        newest = max_revision(self.old) + 1
        if self.new is not None:
            await self._sync_existing(self.new, newest)
        elif create:
            await self._create_new(newest)

    async def _sync_existing(self, new: Object, newest: int) -> None:
        annotations = new_annotations(self.deployment, annotations_of(new), newest)
        min_ready = self.deployment["spec"].get("minReadySeconds") or 0
        if annotations != annotations_of(new) or min_ready != (new["spec"].get("minReadySeconds") or 0):
            changed = {**new, "metadata": {**new["metadata"], "annotations": annotations}}
            changed["spec"] = {**new["spec"], "minReadySeconds": min_ready}
            self._replace(await self._client.update(REPLICA_SETS, changed))
            return
        condition: Object | None = None
        if has_deadline(self.deployment) and find(conditions_of(self.deployment), PROGRESSING) is None:
            condition = self.progress("True", FOUND_NEW_REPLICA_SET, f'Found new replica set "{name(new)}"')
        await self._note_revision(annotations.get(REVISION, ""), condition)

    async def _note_revision(self, revision: str, condition: Object | None) -> None:
        annotations: Annotations | None = None
        if annotations_of(self.deployment).get(REVISION, "") != revision:
            annotations = {**annotations_of(self.deployment), REVISION: revision}
        if annotations is None and condition is None:
            return
        status = self.deployment.get("status") or {} if condition is None else self.status_with(condition)
        await self.write_status(status, annotations)

    async def _create_new(self, newest: int) -> None:
        wanted = self._new_replica_set(newest)
        size = replicas(wanted)
        try:
            created = await self._client.create(REPLICA_SETS, wanted, namespace=namespace(self.deployment))
        except StatusError as error:
            if not is_already_exists(error):
                await self._report_failed_creation(wanted, error)
                raise
            created = await self._existing_or_collision(wanted, error)
            condition = None
        else:
            if size > 0:
                self.event("Normal", "ScalingReplicaSet", f"Scaled up replica set {name(created)} from 0 to {size}")
            condition = None
            if has_deadline(self.deployment):
                message = f'Created new replica set "{name(created)}"'
                condition = self.progress("True", NEW_REPLICA_SET_CREATED, message)
        self.new = created
        self.sets.append(created)
        await self._note_revision(str(newest), condition)

    def _new_replica_set(self, newest: int) -> Object:
        deployment = self.deployment
        spec = deployment["spec"]
        template = spec["template"]
        hash = template_hash(template, (deployment.get("status") or {}).get("collisionCount"))
        metadata = template.get("metadata") or {}
        labels = {**(metadata.get("labels") or {}), LABEL: hash}
        selector = spec.get("selector") or {}
        made: Object = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": replica_set_name(name(deployment), hash),
                "namespace": namespace(deployment),
                "labels": labels,
                "annotations": new_annotations(deployment, None, newest),
                "ownerReferences": [controller_reference(deployment, DEPLOYMENT)],
            },
            "spec": {
                "replicas": new_size(deployment, self.sets, None),
                "selector": {**selector, "matchLabels": {**(selector.get("matchLabels") or {}), LABEL: hash}},
                "template": {**template, "metadata": {**metadata, "labels": labels}},
            },
        }
        if spec.get("minReadySeconds"):
            made["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        return made

    async def _existing_or_collision(self, wanted: Object, error: StatusError) -> Object:
        """What stands under the name: ours, which the cache did not show yet, or another's template with the same
        hash, which is counted so that the next try hashes differently. Raises."""
        there = self._cached_sets.get(namespace(wanted), name(wanted))
        if there is None:
            raise error
        template = self.deployment["spec"]["template"]
        if is_controlled_by(there, self.deployment) and same_template(there["spec"]["template"], template):
            return there
        status = self.deployment.get("status") or {}
        await self.write_status({**status, "collisionCount": (status.get("collisionCount") or 0) + 1})
        raise error

    async def _report_failed_creation(self, wanted: Object, error: StatusError) -> None:
        if error.has_cause(NAMESPACE_TERMINATING):
            return
        message = f'Failed to create new replica set "{name(wanted)}": {error}'
        self.event("Warning", REPLICA_SET_CREATE_ERROR, message)
        if has_deadline(self.deployment):
            try:
                await self.write_status(self.status_with(self.progress("False", REPLICA_SET_CREATE_ERROR, message)))
            except StatusError:
                return  # the failed creation is what is told

    # Scaling and cleaning up

    async def scale(self, plan: Sequence[Scaling], *, update_annotations: bool = False) -> bool:
        """Give ReplicaSets the sizes planned, in order. Returns whether a size changed."""
        scaled = False
        for replica_set, size in plan:
            scaled |= await self._scale(uid(replica_set), size, update_annotations)
        return scaled

    async def _scale(self, set_uid: str, size: int, update_annotations: bool) -> bool:
        replica_set = next(each for each in self.sets if uid(each) == set_uid)
        before = replicas(replica_set)
        annotations = {**annotations_of(replica_set), **replicas_annotations(self.deployment)}
        if before == size and not (update_annotations and annotations != annotations_of(replica_set)):
            return False
        changed = {**replica_set, "metadata": {**replica_set["metadata"], "annotations": annotations}}
        changed["spec"] = {**replica_set["spec"], "replicas": size}
        self._replace(await self._client.update(REPLICA_SETS, changed))
        if before == size:
            return False
        direction = "up" if before < size else "down"
        message = f"Scaled {direction} replica set {name(replica_set)} from {before} to {size}"
        self.event("Normal", "ScalingReplicaSet", message)
        return True

    async def clean_up(self) -> None:
        """Delete old ReplicaSets beyond the history limit."""
        for replica_set in superfluous(self.deployment, self.old):
            try:
                await self._client.delete(REPLICA_SETS, namespace(replica_set), name(replica_set))
            except StatusError as error:
                if not is_not_found(error):
                    raise

    def _replace(self, updated: Object) -> None:
        self.sets = [updated if uid(each) == uid(updated) else each for each in self.sets]
        if self.new is not None and uid(self.new) == uid(updated):
            self.new = updated
