"""As whom processes run (pkg/securitycontext, containerd's WithUser and WithAdditionalGIDs)."""

from __future__ import annotations

from typing import NamedTuple

from minikube_py.controllers.kubelet.cri.imageconfig import config_of
from minikube_py.controllers.kubelet.securitycontext import effective
from minikube_py.machinery.gvr import Object

_NAMES = {0: "root", 65534: "nobody"}
"""That images have in /etc/passwd and /etc/group."""
PASSWD = b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
GROUP = b"root:x:0:\nnobody:x:65534:\n"


class User(NamedTuple):
    uid: int
    gid: int
    groups: tuple[int, ...]
    """All of them, the own one first."""

    @property
    def name(self) -> str:
        """ "" for one that has none."""
        return name_of(self.uid)

    @property
    def shown(self) -> str:
        """The name, or else the number."""
        return self.name or str(self.uid)

    @property
    def home(self) -> str:
        return "/" if self.uid else "/root"


ROOT = User(0, 0, (0,))


def name_of(id: int) -> str:
    """Of a user or a group, "" for one that has none."""
    return _NAMES.get(id, "")


def user_of(spec: Object, container: Object) -> User:
    """Of a container's processes: what the security contexts say, else what the image does."""
    of_pod = spec.get("securityContext") or {}
    context = effective(spec, container)
    gid = context.get("runAsGroup", 0)
    more = [*(of_pod.get("supplementalGroups") or ())]
    if "fsGroup" in of_pod:
        more.append(of_pod["fsGroup"])
    return User(
        context.get("runAsUser", config_of(container.get("image", "")).user), gid, tuple(dict.fromkeys((gid, *more)))
    )
