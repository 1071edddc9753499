"""Making and removing a StatefulSet's pods with their claims, and telling it
(pkg/controller/statefulset/stateful_pod_control.go)."""

from __future__ import annotations

from minikube_py.client.events import EventRecorder
from minikube_py.client.indexer import Lister
from minikube_py.client.protocol import Client
from minikube_py.controllers.runtime.consistency import Consistency
from minikube_py.controllers.runtime.reconciler import ReconcileFailure
from minikube_py.controllers.statefulset.identity import (
    claim_names,
    identity_matches,
    new_claims,
    ordinal,
    storage_matches,
    with_identity,
    with_storage,
)
from minikube_py.controllers.statefulset.retention import has_unexpected_controller, is_up_to_date, with_owners
from minikube_py.machinery.errors import StatusError, is_already_exists, is_conflict, is_not_found
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.meta import is_deleting, key, name, namespace, uid
from minikube_py.machinery.wellknown import PERSISTENT_VOLUME_CLAIMS, PODS

CONFLICT_RETRIES = 4


class ClaimError(ReconcileFailure):
    """A pod's claims are not as they should be."""


class StatefulPodControl:
    """Every method raises StatusError or ClaimError; whatever is done or fails becomes an event of the set."""

    def __init__(
        self,
        client: Client,
        recorder: EventRecorder,
        claims: Lister,
        consistency: Consistency,
        index_label: bool,
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._claims = claims
        self._consistency = consistency
        self._index_label = index_label

    async def create(self, stateful_set: Object, pod: Object) -> None:
        """The claims first, so that the pod finds them."""
        try:
            await self._create_claims(stateful_set, pod)
        except ClaimError as error:
            self._tell_pod("Create", stateful_set, pod, error)
            raise
        failure: StatusError | None = None
        try:
            created = await self._client.create(PODS, pod)
            self._consistency.wrote(key(stateful_set), PODS, created)
        except StatusError as error:
            if is_already_exists(error):
                raise
            failure = error
        await self._own_claims_or_tell(stateful_set, pod)
        self._tell_pod("Create", stateful_set, pod, failure)
        if failure is not None:
            raise failure

    async def delete(self, stateful_set: Object, pod: Object) -> bool:
        """Whether it was there. Its namesake, of which a cache may not know yet, stays."""
        was_there = True
        try:
            await self._client.delete(PODS, namespace(pod), name(pod), uid=uid(pod))
        except StatusError as error:
            if is_conflict(error):
                return False
            if not is_not_found(error):
                self._tell_pod("Delete", stateful_set, pod, error)
                raise
            was_there = False
        self._tell_pod("Delete", stateful_set, pod, None)
        return was_there

    async def update(self, stateful_set: Object, pod: Object) -> None:
        """Make its identity, its storage and its claims' owners right."""
        if not storage_matches(stateful_set, pod):
            try:
                await self._create_claims(stateful_set, pod)
            except ClaimError as error:
                self._tell_pod("Update", stateful_set, pod, error)
                raise
        await self._own_claims_or_tell(stateful_set, pod)
        try:
            await self._update_pod(stateful_set, pod)
        except StatusError as error:
            self._tell_pod("Update", stateful_set, pod, error)
            raise
        self._tell_pod("Update", stateful_set, pod, None)

    async def _update_pod(self, stateful_set: Object, pod: Object) -> None:
        for tries_left in range(CONFLICT_RETRIES, -1, -1):
            wanted = pod if identity_matches(stateful_set, pod) else with_identity(pod, self._index_label)
            wanted = wanted if storage_matches(stateful_set, pod) else with_storage(stateful_set, wanted)
            try:
                updated = await self._client.update(PODS, wanted)
                self._consistency.wrote(key(stateful_set), PODS, updated)
                return
            except StatusError as error:
                if not (is_conflict(error) and tries_left):
                    raise
            pod = await self._client.get(PODS, namespace(pod), name(pod))

    # Claims

    async def create_claims(self, stateful_set: Object, pod: Object) -> None:
        """Those that are missing, each with its right owners."""
        await self._create_claims(stateful_set, pod)
        await self._own_claims_or_tell(stateful_set, pod)

    async def own_claims(self, stateful_set: Object, pod: Object) -> None:
        """Give the pod's claims the owners that the retention policy wants."""
        for claim_name in claim_names(stateful_set, ordinal(pod)):
            claim = self._claims.get(namespace(stateful_set), claim_name)
            if claim is None:
                continue
            if has_unexpected_controller(claim, stateful_set, pod):
                message = (
                    f"PersistentVolumeClaim {claim_name} has a conflicting OwnerReference that acts as a manging "
                    "controller, the retention policy is ignored for this claim"
                )
                self._recorder.event(stateful_set, "Warning", "ConflictingController", message)
            if is_up_to_date(claim, stateful_set, pod):
                continue
            try:
                wanted = with_owners(claim, stateful_set, pod)
                updated = await self._client.update(PERSISTENT_VOLUME_CLAIMS, wanted)
            except StatusError as error:
                message = f"could not update claim {claim_name} for delete policy ownerRefs: {error}"
                raise ClaimError(message) from error
            self._consistency.wrote(key(stateful_set), PERSISTENT_VOLUME_CLAIMS, updated)

    async def _own_claims_or_tell(self, stateful_set: Object, pod: Object) -> None:
        try:
            await self.own_claims(stateful_set, pod)
        except ClaimError as error:
            self._tell_pod("Update", stateful_set, pod, error)
            raise

    async def _create_claims(self, stateful_set: Object, pod: Object) -> None:
        problems = []
        for claim in new_claims(stateful_set, ordinal(pod)):
            there = self._claims.get(namespace(claim), name(claim))
            if there is None:
                problem = await self._create_claim(stateful_set, pod, claim)
            else:
                problem = f"pvc {name(claim)} is being deleted" if is_deleting(there) else ""
            if problem:
                problems.append(problem)
        if problems:
            raise ClaimError(problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")

    async def _create_claim(self, stateful_set: Object, pod: Object, claim: Object) -> str:
        """What went wrong; "" if it is there now."""
        try:
            created = await self._client.create(PERSISTENT_VOLUME_CLAIMS, claim)
        except StatusError as error:
            if not is_already_exists(error):
                what = f"Create Claim {name(claim)} for Pod {name(pod)} in StatefulSet {name(stateful_set)}"
                self._recorder.event(stateful_set, "Warning", "FailedCreate", f"{what} failed error: {error}")
            return f"failed to create PVC {name(claim)}: {error}"
        self._consistency.wrote(key(stateful_set), PERSISTENT_VOLUME_CLAIMS, created)
        what = f"Create Claim {name(claim)} Pod {name(pod)} in StatefulSet {name(stateful_set)}"
        self._recorder.event(stateful_set, "Normal", "SuccessfulCreate", f"{what} success")
        return ""

    def _tell_pod(self, verb: str, stateful_set: Object, pod: Object, error: Exception | None) -> None:
        what = f"{verb} Pod {name(pod)} in StatefulSet {name(stateful_set)}"
        if error is None:
            self._recorder.event(stateful_set, "Normal", f"Successful{verb}", f"{what} successful")
        else:
            self._recorder.event(stateful_set, "Warning", f"Failed{verb}", f"{what} failed error: {error}")
