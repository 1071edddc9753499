"""One volume: its attachments follow the pods that use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from minikube_py.controllers.attachdetach.mounts import Mounts, in_use, is_ready
from minikube_py.controllers.attachdetach.patience import TIMEOUT, Patience, timed_out
from minikube_py.controllers.attachdetach.plan import Plan, message, plan, refusal
from minikube_py.controllers.attachdetach.users import VolumeUsers
from minikube_py.controllers.attachdetach.volumes import (
    COMPONENT,
    CSI_DRIVERS,
    MANAGED,
    VOLUME_ATTACHMENTS,
    allows_many,
    attach_error,
    is_attached,
    is_ours,
    needs_attaching,
    new_attachment,
    node_of,
    source_of,
    unique_name,
    volume_of,
)
from minikube_py.controllers.runtime import Context, Controller, Result
from minikube_py.machinery import meta
from minikube_py.machinery.errors import StatusError, is_already_exists, is_not_found
from minikube_py.machinery.gvr import NamespacedName, Object
from minikube_py.machinery.meta import name
from minikube_py.machinery.wellknown import NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS

BY_VOLUME = "attachments by volume"


def _concerns(old: Object | None, new: Object | None) -> bool:
    """Whether a change of a node may be one of what is to be attached to it."""
    return old is None or new is None or _view(old) != _view(new)


def _view(node: Object) -> tuple[str, list[str], bool, list[Object]]:
    managed, mounted = meta.annotations(node).get(MANAGED, ""), in_use(node)
    return managed, mounted, bool(mounted) and is_ready(node), (node.get("spec") or {}).get("taints") or []


class VolumeReconciler:
    """Its keys are the names of volumes."""

    def __init__(self, context: Context, controller: Controller) -> None:
        self._client = context.client
        self._controller = controller
        self._volumes = context.lister(PERSISTENT_VOLUMES)
        self._nodes = context.lister(NODES)
        self._drivers = context.lister(CSI_DRIVERS)
        self._users = VolumeUsers(context)
        self._mounts = Mounts(context)
        self._patience = Patience(context.clock)
        self._informer = context.informer(VOLUME_ATTACHMENTS)
        self._informer.add_index(BY_VOLUME, lambda each: (volume_of(each),) if is_ours(each) else ())
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
        self._informer.add_handler(self._attachment_added, self._attachment_updated, self._attachment_deleted)

    def _keys(self, volumes: Iterable[str]) -> Iterator[NamespacedName]:
        """Of those of them that could be attached."""
        for each in volumes:
            volume = self._volumes.get("", each) if each else None
            if volume is not None and source_of(volume) is not None:
                yield NamespacedName("", each)

    def _of_node(self, node: Object) -> Iterator[NamespacedName]:
        yield from self._keys(self._users.volumes_on(name(node)))
        for each in self._informer.lister.list():
            if node_of(each) == name(node) and is_ours(each):
                yield NamespacedName("", volume_of(each))

    def _attachment_added(self, attachment: Object) -> None:
        if not is_ours(attachment):
            return
        self._pending.discard((volume_of(attachment), node_of(attachment)))
        self._enqueue(attachment)

    def _attachment_deleted(self, attachment: Object) -> None:
        if not is_ours(attachment):
            return
        volume, node = volume_of(attachment), node_of(attachment)
        self._patience.forget(volume, node)
        found = self._volumes.get("", volume)
        if found is not None:
            self._mounts.detached(unique_name(found), node)
        self._enqueue(attachment)

    def _enqueue(self, attachment: Object) -> None:
        self._controller.enqueue(NamespacedName("", volume_of(attachment)), attachment)

    def _attachment_updated(self, old: Object, new: Object) -> None:
        if not is_ours(new):
            return
        volume, error = volume_of(new), attach_error(new)
        if is_attached(new) and not is_attached(old):
            self._tell(new, "SuccessfulAttachVolume", message("AttachVolume.Attach succeeded", volume))
        if error and error != attach_error(old):
            self._tell(new, "FailedAttachVolume", message("AttachVolume.Attach failed", volume, f": {error}"))
        self._enqueue(new)

    def _tell(self, attachment: Object, reason: str, text: str) -> None:
        """The pods that wait for it."""
        for pod in self._users.of(volume_of(attachment)).get(node_of(attachment), ()):
            self._recorder.event(pod, "Normal" if reason == "SuccessfulAttachVolume" else "Warning", reason, text)

    async def reconcile(self, where: NamespacedName) -> Result | None:
        volume = self._volumes.get(*where)
        attachments = {node_of(each): each for each in self._informer.lister.by_index(BY_VOLUME, where.name)}
        pods = self._users.of(where.name)
        wanted = [node for node in pods if self._is_managed(node)] if self._is_attachable(volume) else []
        holds = self._holds(volume, attachments, wanted)
        pending = [node for each, node in self._pending if each == where.name and node not in attachments]
        holding = [node for node, seconds in holds.items() if seconds != 0]
        found = plan(wanted, [*attachments, *pending], holding, volume is None or allows_many(volume))
        for node in found.detach:
            if node in attachments:
                await self._detach(attachments[node])
        self._refuse(where.name, found, pods, [*attachments, *pending])
        for node in found.attach:
            assert volume is not None
            await self._attach(volume, node)
        waits = self._await_attachers(volume, wanted, attachments) if volume is not None else []
        soon = [seconds for seconds in (*holds.values(), *waits) if seconds]
        return Result(requeue_after=min(soon)) if soon else None

    def _holds(
        self, volume: Object | None, attachments: Iterable[str], wanted: Sequence[str]
    ) -> dict[str, float | None]:
        """Seconds for which nodes that it is not wanted on keep it at most, by node; see Mounts."""
        if volume is None:
            return {}
        unique = unique_name(volume)
        for node in wanted:
            self._mounts.wanted(unique, node)
        return {node: self._mounts.hold(unique, node) for node in attachments if node not in wanted}

    def _refuse(self, volume: str, found: Plan, pods: Mapping[str, Sequence[Object]], holders: Iterable[str]) -> None:
        """Tell pods once that they must wait for those of other nodes."""
        self._refused = {each for each in self._refused if each[0] != volume or each[1] in found.refuse}
        for node in found.refuse:
            if (volume, node) not in self._refused:
                self._refused.add((volume, node))
                for pod in pods[node]:
                    why = refusal(pod, volume, {each: pods.get(each, []) for each in holders})
                    self._recorder.event(pod, "Warning", "FailedAttachVolume", why)

    def _await_attachers(
        self, volume: Object, wanted: Iterable[str], attachments: Mapping[str, Object]
    ) -> Iterator[float]:
        """Seconds until pods are told that an attacher does nothing."""
        for node in wanted:
            made = attachments.get(node)
            if made is None or is_attached(made) or attach_error(made):
                self._patience.forget(name(volume), node)
                continue
            remaining = self._patience.remaining(name(volume), node)
            if not remaining:
                why = message("AttachVolume.Attach failed", name(volume), timed_out(volume))
                self._tell(made, "FailedAttachVolume", why)
            yield remaining or TIMEOUT

    def _is_attachable(self, volume: Object | None) -> bool:
        if volume is None:
            return False
        driver = (source_of(volume) or {}).get("driver") or ""
        return needs_attaching(volume, self._drivers.get("", driver))

    def _is_managed(self, node: str) -> bool:
        found = self._nodes.get("", node)
        return found is not None and MANAGED in meta.annotations(found)

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
