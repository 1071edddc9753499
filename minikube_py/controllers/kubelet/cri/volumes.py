"""What is in a pod's volumes, and where its containers see it (pkg/volume: configmap, secret, projected, downwardapi,
emptydir, hostpath, and claims)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from minikube_py.client.protocol import Client
from minikube_py.controllers.kubelet.cri import downward, ownership
from minikube_py.controllers.kubelet.cri.atomicwriter import IN_MEMORY, ON_DISK, Content
from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.environment import Sources, expand
from minikube_py.controllers.kubelet.cri.filesystem import Mount
from minikube_py.controllers.kubelet.cri.hosts import hosts_of_node
from minikube_py.controllers.kubelet.cri.imageconfig import config_of
from minikube_py.controllers.kubelet.cri.mounts import Part
from minikube_py.machinery.errors import StatusError
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS, SERVICE_ACCOUNTS

MODE = 0o644
EVERYBODYS = 0o1777
"""The mode of a node's /tmp."""
SPARE, A_DAY = 0.2, 24 * 3600
"""The part of a token's lifetime that is to be left of it, and seconds after which it is old in any case."""
Entries = dict[str, tuple[bytes, int]]

_CONTAINERS = ("containers", "initContainers")
_CONTENTS = ("configMap", "secret", "downwardAPI", "projected")


class Volumes:
    """All volumes of one cluster that hold anything: emptyDirs for as long as their pod is there, others for ever."""

    def __init__(self, client: Client, now: Callable[[], float]) -> None:
        self._client = client
        self._now = now
        self._directories: dict[tuple[str, str], dict[str, Directory]] = {}
        """By whose they are, then by name."""

    def forget(self, uid: str) -> None:
        """A pod is gone, and its emptyDirs with it."""
        self._directories.pop(("pod", uid), None)

    def mounts(
        self, pod: Object, container: Object, env: Mapping[str, str], allocatable: Mapping[str, str]
    ) -> dict[str, Mount]:
        """By the path at which the container sees them."""
        volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
        found: dict[str, Mount] = {}
        for mount in container.get("volumeMounts") or ():
            volume = volumes.get(mount["name"])
            if volume is None:
                continue
            whole = self._volume(pod, container, volume, allocatable)
            part = mount.get("subPath") or expand(mount.get("subPathExpr") or "", env)
            if part and isinstance(whole, Directory):
                whole.ensure(part)
            found[mount["mountPath"]] = (
                Part(whole, part, bool(mount.get("readOnly"))) if part or mount.get("readOnly") else whole
            )
        return found

    def _volume(self, pod: Object, container: Object, volume: Object, allocatable: Mapping[str, str]) -> Mount:
        kind = next((key for key in _CONTENTS if key in volume), "")
        if kind:
            content = _PodContent(self._client, self._now, pod, container, allocatable)
            mode = ON_DISK if kind == "configMap" else IN_MEMORY
            return Content(lambda: content.of(kind, volume[kind]), self._now, mode, _group(pod))
        if "hostPath" in volume:
            return self._on_node(pod, volume["hostPath"])
        if "image" in volume:
            return Part(Directory(self._now, config_of(volume["image"].get("reference", "")).files()), read_only=True)
        return self._directory(_place(pod, volume), pod, volume)

    def _on_node(self, pod: Object, source: Object) -> Mount:
        """A directory or a file of the node, where all of its pods find it."""
        path, root = source["path"], self._node(pod)
        if source.get("type") == "FileOrCreate" and not root.has(path):
            root.put(path, b"")
        root.ensure(path)
        return Part(root, path)

    def _node(self, pod: Object) -> Directory:
        name = pod["spec"].get("nodeName", "")
        directories = self._directories.setdefault(("node", name), {})
        root = directories.get("/")
        if root is None:
            root = directories["/"] = Directory(self._now)
            root.put_directory("tmp", EVERYBODYS)
            root.put("etc/hostname", f"{name}\n".encode())
            root.put("etc/hosts", hosts_of_node(name, (pod.get("status") or {}).get("hostIP", "")))
        return root

    def _directory(self, place: tuple[str, str, str], pod: Object, volume: Object) -> Directory:
        kind, owner, name = place
        directories = self._directories.setdefault((kind, owner), {})
        directory = directories.get(name)
        if directory is None:
            directory = directories[name] = self._new_directory(pod, volume)
        return directory

    def _new_directory(self, pod: Object, volume: Object) -> Directory:
        in_memory = (volume.get("emptyDir") or {}).get("medium") == "Memory"
        group, mode = _group(pod), IN_MEMORY if in_memory else ON_DISK
        return Directory(self._now, mode=ownership.folder(mode, group), gid=group, in_memory=in_memory)


def _group(pod: Object) -> int:
    return int((pod["spec"].get("securityContext") or {}).get("fsGroup") or 0)


def _place(pod: Object, volume: Object) -> tuple[str, str, str]:
    """Whose the content is: the kind and the name of who shares it, and its own name there."""
    metadata = pod["metadata"]
    if (claim := volume.get("persistentVolumeClaim")) is not None:
        return ("claim", metadata["namespace"], claim["claimName"])
    if "ephemeral" in volume:
        return ("claim", metadata["namespace"], f"{metadata['name']}-{volume['name']}")
    return ("pod", metadata["uid"], volume["name"])


class _PodContent:
    """The files of volumes that tell of objects, as they are now."""

    def __init__(
        self,
        client: Client,
        now: Callable[[], float],
        pod: Object,
        container: Object,
        allocatable: Mapping[str, str],
    ) -> None:
        self._client = client
        self._now = now
        self._pod = pod
        self._container = container
        self._allocatable = allocatable
        self._tokens: dict[str, tuple[str, float]] = {}
        """By path, with the time at which another is wanted."""

    async def of(self, kind: str, source: Object) -> Entries:
        """Raises CommandFailed for what refers to something that is not there."""
        sources = Sources(self._client, self._pod["metadata"]["namespace"])
        mode = source.get("defaultMode", MODE)
        if kind != "projected":
            return await self._part(sources, kind, source, mode)
        found: Entries = {}
        for part in source.get("sources") or ():
            for key, value in part.items():
                found.update(await self._part(sources, key, value, mode))
        return found

    async def _part(self, sources: Sources, kind: str, source: Object, mode: int) -> Entries:
        optional = bool(source.get("optional"))
        if kind == "configMap":
            return _chosen(await sources.config_map(source.get("name", ""), optional), source, mode)
        if kind == "secret":
            name = source.get("secretName") or source.get("name", "")
            return _chosen(await sources.secret(name, optional), source, mode)
        if kind == "downwardAPI":
            return await self._downward(source.get("items") or (), mode)
        if kind == "serviceAccountToken":
            return {source["path"]: ((await self._token(source)).encode(), mode)}
        return {}

    async def _downward(self, items: Iterable[Object], mode: int) -> Entries:
        found: Entries = {}
        pod = await self._pod_now()
        for item in items:
            if (reference := item.get("fieldRef")) is not None:
                text = downward.field(pod, reference["fieldPath"])
            else:
                container = _named(pod, self._container)
                text = downward.resource(pod, container, item["resourceFieldRef"], self._allocatable)
            found[item["path"]] = (text.encode(), item.get("mode", mode))
        return found

    async def _pod_now(self) -> Object:
        """What it was last, where there is another of its name or none."""
        metadata = self._pod["metadata"]
        try:
            found = await self._client.get(PODS, metadata["namespace"], metadata["name"])
        except StatusError:
            return self._pod
        if found["metadata"]["uid"] == metadata["uid"]:
            self._pod = found
        return self._pod

    async def _token(self, source: Object) -> str:
        """A token of the pod's account, bound to the pod; another one once a fifth of its time is left, or after a day
        (pkg/kubelet/token requiresRefresh)."""
        kept, until = self._tokens.get(source["path"], ("", 0.0))
        if self._now() < until:
            return kept
        token = await self._new_token(source)
        lifetime = source.get("expirationSeconds", 3600)
        self._tokens[source["path"]] = (token, self._now() + min(lifetime * (1 - SPARE), A_DAY))
        return token

    async def _new_token(self, source: Object) -> str:
        metadata, spec = self._pod["metadata"], self._pod["spec"]
        bound = {"kind": "Pod", "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"]}
        asked: Object = {"expirationSeconds": source.get("expirationSeconds", 3600), "boundObjectRef": bound}
        if source.get("audience"):
            asked["audiences"] = [source["audience"]]
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": asked}
        account = spec.get("serviceAccountName") or "default"
        try:
            made = await self._client.create(
                SERVICE_ACCOUNTS, request, namespace=metadata["namespace"], name=account, subresource="token"
            )
        except StatusError as error:
            raise OSError(str(error)) from None
        token: str = made["status"]["token"]
        return token


def _named(pod: Object, container: Object) -> Object:
    """A container as it is now."""
    listed = (each for field in _CONTAINERS for each in pod["spec"].get(field) or ())
    return next((each for each in listed if each["name"] == container["name"]), container)


def _chosen(data: Mapping[str, bytes] | None, source: Object, mode: int) -> Entries:
    """All keys under their own names, or those asked for under the paths they are asked at."""
    if data is None:
        return {}
    items = source.get("items")
    if not items:
        return {key: (value, mode) for key, value in data.items()}
    return {item["path"]: (data[item["key"]], item.get("mode", mode)) for item in items if item["key"] in data}
