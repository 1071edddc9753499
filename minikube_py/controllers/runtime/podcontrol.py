"""Creating and deleting pods on behalf of their owner, with events on it (pkg/controller RealPodControl)."""

from __future__ import annotations

from minikube_py.client.events import EventRecorder
from minikube_py.client.protocol import Client
from minikube_py.machinery.clock import Turns
from minikube_py.machinery.errors import StatusError, is_not_found
from minikube_py.machinery.gvr import GroupVersionKind, Object
from minikube_py.machinery.meta import controller_reference, name, namespace
from minikube_py.machinery.names import name_is_dns_subdomain
from minikube_py.machinery.wellknown import PODS

NAMESPACE_TERMINATING = "NamespaceTerminating"
"""The cause of an error that says that nothing can be created any more."""


def pod_from_template(template: Object, owner: Object, kind: GroupVersionKind) -> Object:
    """The pod to be created for an owner; shares the template's spec, so read-only."""
    metadata = template.get("metadata") or {}
    prefix = f"{name(owner)}-"
    made: Object = {"generateName": name(owner) if name_is_dns_subdomain(prefix, True) else prefix}
    for field in ("labels", "annotations", "finalizers"):
        if metadata.get(field):
            made[field] = metadata[field]
    made["ownerReferences"] = [controller_reference(owner, kind)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": made, "spec": template.get("spec") or {}}


class PodControl:
    """Lets others have their turn now and then: its callers create and delete hundreds of pods in a row."""

    def __init__(self, client: Client, recorder: EventRecorder) -> None:
        self._client = client
        self._recorder = recorder
        self._turns = Turns()

    async def create(self, pod: Object, owner: Object) -> Object:
        """Raises StatusError; ValueError for a pod without labels, which nobody could select."""
        if not pod["metadata"].get("labels"):
            raise ValueError("unable to create pods, no labels")
        try:
            created = await self._client.create(PODS, pod, namespace=namespace(owner))
        except StatusError as error:
            if not error.has_cause(NAMESPACE_TERMINATING):
                self._recorder.event(owner, "Warning", "FailedCreate", f"Error creating: {error}")
            raise
        self._recorder.event(owner, "Normal", "SuccessfulCreate", f"Created pod: {name(created)}")
        await self._turns.step()
        return created

    async def delete(self, pod: Object, owner: Object) -> None:
        """Raises StatusError: NotFound as it is, others with what was tried before their message."""
        try:
            await self._client.delete(PODS, namespace(pod), name(pod))
        except StatusError as error:
            if is_not_found(error):
                raise
            self._recorder.event(owner, "Warning", "FailedDelete", f"Error deleting: {error}")
            message = f"unable to delete pods: {error}"
            raise StatusError(error.code, error.reason, message, error.details) from error
        self._recorder.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name(pod)}")
        await self._turns.step()
