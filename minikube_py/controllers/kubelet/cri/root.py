"""A container's own tree of files, before anything has been written to it."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.controllers.kubelet.cri.directory import Directory
from minikube_py.controllers.kubelet.cri.hosts import hostname, hosts, resolv_conf
from minikube_py.controllers.kubelet.cri.nginximage import FILES, is_nginx
from minikube_py.controllers.kubelet.cri.user import GROUP, PASSWD
from minikube_py.machinery.gvr import Object


def new_root(now: Callable[[], float]) -> Directory:
    root = Directory(now)
    for path in ("tmp", "root", "etc", "var", "home", "usr/bin", "usr/share", "bin", "proc", "opt"):
        root.put_directory(path)
    return root


def prepare(root: Directory, pod: Object, container: Object) -> None:
    """Put there what the image has, and what the kubelet and the container runtime add to it."""
    root.put("etc/hostname", f"{hostname(pod)}\n".encode())
    root.put("etc/hosts", hosts(pod))
    root.put("etc/resolv.conf", resolv_conf(pod))
    root.put("etc/passwd", PASSWD)
    root.put("etc/group", GROUP)
    if is_nginx(container["image"]):
        for path, data in FILES.items():
            root.put(path, data)
