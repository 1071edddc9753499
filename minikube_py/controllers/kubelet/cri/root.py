"""A container's own tree of files, before anything has been written to it."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.hosts import hostname, hosts
from minikube_py.controllers.kubelet.cri.imageconfig import config_of
from minikube_py.controllers.kubelet.cri.resolvconf import resolv_conf
from minikube_py.controllers.kubelet.cri.user import GROUP, PASSWD
from minikube_py.machinery.gvr import Object

READABLE, EXECUTABLE = 0o644, 0o755


def new_root(now: Callable[[], float]) -> Directory:
    root = Directory(now)
    for path in ("tmp", "root", "etc", "var", "home", "usr/bin", "usr/share", "bin", "proc", "opt"):
        root.put_directory(path)
    return root


def prepare(root: Directory, pod: Object, container: Object) -> None:
    """Put there what the image has, and what the kubelet and the container runtime add to it."""
    root.put("etc/hostname", f"{hostname(pod)}\n".encode())
    root.put("etc/hosts", hosts(pod))
    root.put("etc/resolv.conf", resolv_conf(pod).encode())
    root.put("etc/passwd", PASSWD)
    root.put("etc/group", GROUP)
    config = config_of(container["image"])
    for path, data in config.files().items():
        root.put(path, data, EXECUTABLE if path in config.programs else READABLE)
