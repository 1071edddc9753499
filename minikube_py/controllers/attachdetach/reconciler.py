"""One volume: its attachments follow the pods that use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minikube_py.controllers.attachdetach.plan import message, plan, refusal
from minikube_py.controllers.attachdetach.users import VolumeUsers
from minikube_py.controllers.attachdetach.volumes import (
    COMPONENT,
    CSI_DRIVERS,
    MANAGED,
    VOLUME_ATTACHMENTS,
    allows_many,
    attach_error,
    is_attached,
    needs_attaching,
    new_attachment,
    node_of,
    source_of,
    unique_name,
    volume_of,
)
from minikube_py.controllers.runtime import Context, Controller
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_already_exists, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import name
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS

OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
"""The taint of nodes that are known to be off: what they have mounted does not count."""

BY_VOLUME = "attachments by volume"


def _concerns(old: Object | None, new: Object | None) -> bool:
    """Whether a change of a node may be one of what is to be attached to it."""
    return old is None or new is None or _view(old) != _view(new)


def _view(node: Object) -> tuple[str, list[str], list[Object]]:
    managed = meta.annotations(node).get(MANAGED, "")
    return managed, in_use(node), (node.get("spec") or {}).get("taints") or []


def in_use(node: Object) -> list[str]:
    """Volumes that its kubelet has mounted."""
    return (node.get("status") or {}).get("volumesInUse") or []


def is_out_of_service(node: Object) -> bool:
    return any(taint.get("key") == OUT_OF_SERVICE for taint in (node.get("spec") or {}).get("taints") or ())


class VolumeReconciler:
    """Its keys are the names of volumes."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._volumes = context.lister(PERSISTENT_VOLUMES)
        self._nodes = context.lister(NODES)
        self._drivers = context.lister(CSI_DRIVERS)
        self._users = VolumeUsers(context)
        self._informer = context.informer(VOLUME_ATTACHMENTS)
        self._informer.add_index(BY_VOLUME, lambda each: (volume_of(each),))
        self._recorder = context.recorder(COMPONENT)
        self._refused: set[tuple[str, str]] = set()
        """Volumes and nodes whose pods have been told that they must wait."""
        self._pending: set[tuple[str, str]] = set()
        """Volumes and nodes whose attachments were made and are not in the cache yet."""

    def watch(self) -> None:
        watches = self._controller.watches
        watches(PODS, lambda pod: self._keys(self._users.volumes_of(pod)))
        watches(PERSISTENT_VOLUME_CLAIMS, lambda claim: self._keys([claim["spec"].get("volumeName") or ""]))
        watches(PERSISTENT_VOLUMES, lambda volume: self._keys([name(volume)]))
        watches(NODES, self._of_node, when=_concerns)
        watches(CSI_DRIVERS, lambda _: self._keys(name(each) for each in self._volumes.list()))
        self._informer.add_handler(self._attachment_added, self._attachment_updated, self._enqueue)

    def _keys(self, volumes: Iterable[str]) -> Iterator[NamespacedName]:
        """Of those of them that could be attached."""
        for each in volumes:
            volume = self._volumes.get("", each) if each else None
            if volume is not None and source_of(volume) is not None:
                yield NamespacedName("", each)

    def _of_node(self, node: Object) -> Iterator[NamespacedName]:
        yield from self._keys(self._users.volumes_on(name(node)))
        for each in self._informer.lister.list():
            if node_of(each) == name(node) and volume_of(each):
                yield NamespacedName("", volume_of(each))

    def _attachment_added(self, attachment: Object) -> None:
        self._pending.discard((volume_of(attachment), node_of(attachment)))
        self._enqueue(attachment)

    def _enqueue(self, attachment: Object) -> None:
        if volume_of(attachment):
            self._controller.enqueue(NamespacedName("", volume_of(attachment)), attachment)

    def _attachment_updated(self, old: Object, new: Object) -> None:
        volume, error = volume_of(new), attach_error(new)
        if not volume:
            return
        if is_attached(new) and not is_attached(old):
            self._tell(new, "SuccessfulAttachVolume", message("AttachVolume.Attach succeeded", volume))
        if error and error != attach_error(old):
            self._tell(new, "FailedAttachVolume", message("AttachVolume.Attach failed", volume, f": {error}"))
        self._enqueue(new)

    def _tell(self, attachment: Object, reason: str, text: str) -> None:
        """The pods that wait for it."""
        for pod in self._users.of(volume_of(attachment)).get(node_of(attachment), ()):
            self._recorder.event(pod, "Normal" if reason == "SuccessfulAttachVolume" else "Warning", reason, text)

    async def reconcile(self, where: NamespacedName) -> None:
        volume = self._volumes.get(*where)
        attachments = {node_of(each): each for each in self._informer.lister.by_index(BY_VOLUME, where.name)}
        pods = self._users.of(where.name)
        wanted = [node for node in pods if self._is_managed(node)] if self._is_attachable(volume) else []
        holding = [node for node in attachments if volume is not None and self._has_mounted(node, volume)]
        pending = [node for each, node in self._pending if each == where.name and node not in attachments]
        found = plan(wanted, [*attachments, *pending], holding, volume is None or allows_many(volume))
        for node in found.detach:
            if node in attachments:
                await self._detach(attachments[node])
        self._refused = {each for each in self._refused if each[0] != where.name or each[1] in found.refuse}
        for node in found.refuse:
            if (where.name, node) not in self._refused:
                self._refused.add((where.name, node))
                holders = {each: pods.get(each, []) for each in (*attachments, *pending)}
                for pod in pods[node]:
                    why = refusal(pod, where.name, holders)
                    self._recorder.event(pod, "Warning", "FailedAttachVolume", why)
        for node in found.attach:
            assert volume is not None
            await self._attach(volume, node)

    def _is_attachable(self, volume: Object | None) -> bool:
        if volume is None:
            return False
        driver = (source_of(volume) or {}).get("driver") or ""
        return needs_attaching(volume, self._drivers.get("", driver))

    def _is_managed(self, node: str) -> bool:
        found = self._nodes.get("", node)
        return found is not None and meta.annotations(found).get(MANAGED) == "true"

    def _has_mounted(self, node: str, volume: Object) -> bool:
        found = self._nodes.get("", node)
        return found is not None and unique_name(volume) in in_use(found) and not is_out_of_service(found)

    async def _attach(self, volume: Object, node: str) -> None:
        """Raises StatusError. One that is there already will be in the cache soon."""
        self._pending.add((name(volume), node))
        try:
            await self._client.create(VOLUME_ATTACHMENTS, new_attachment(volume, node))
        except StatusError as error:
            self._pending.discard((name(volume), node))
            if not is_already_exists(error):
                raise

    async def _detach(self, attachment: Object) -> None:
        """Raises StatusError."""
        if meta.is_deleting(attachment):
            return
        try:
            await self._client.delete(VOLUME_ATTACHMENTS, "", name(attachment), uid=meta.uid(attachment))
        except StatusError as error:
            if not is_not_found(error):
                raise
