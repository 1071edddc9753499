"""What the kernel tells containers in files: their cgroup (v2, as runc fills it) and their sysctls."""

from __future__ import annotations

import errno
import math
from collections.abc import Awaitable, Callable, Mapping

from minikube_py.controllers.kubelet.cri.filesystem import Stat, refusal
from minikube_py.controllers.kubelet.cri.mounts import Unchanging
from minikube_py.controllers.kubelet.usage import container_usage
from minikube_py.machinery import quantity
from minikube_py.machinery.gvr import Object

PERIOD = 100_000
"""Microseconds in which a container may use its quota of the CPU."""
LEAST_QUOTA, LEAST_SHARES, MOST_SHARES = 1000, 2, 262_144
CONTROLLERS = "cpuset cpu io memory hugetlb pids rdma misc"
SYSCTLS: Mapping[str, str] = {
    "kernel.hostname": "",
    "kernel.msgmax": "8192",
    "kernel.ostype": "Linux",
    "kernel.shm_rmid_forced": "0",
    "net.core.somaxconn": "4096",
    "net.ipv4.ip_forward": "1",
    "net.ipv4.ip_local_port_range": "32768\t60999",
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0\t2147483647",
    "net.ipv4.tcp_keepalive_time": "7200",
    "net.ipv4.tcp_syncookies": "1",
    "vm.max_map_count": "262144",
    "vm.overcommit_memory": "1",
}


class KernelFiles(Unchanging):
    """A mount of lines that are made when they are read, by path."""

    def __init__(self, lines: Callable[[], Awaitable[Mapping[str, str]]], now: Callable[[], float]) -> None:
        self._lines = lines
        self._now = now

    async def follow(self, path: str) -> tuple[str, str] | None:
        return None

    async def stat(self, path: str) -> Stat:
        lines = await self._lines()
        if path in lines:
            return Stat(False, 0, 0o644, self._now())
        if path and not any(each.startswith(f"{path}/") for each in lines):
            raise refusal(errno.ENOENT, path)
        return Stat(True, 0, 0o555, self._now())

    async def read(self, path: str) -> bytes:
        if (await self.stat(path)).is_dir:
            raise refusal(errno.EISDIR, path)
        return f"{(await self._lines())[path]}\n".encode()

    async def listdir(self, path: str) -> list[str]:
        if not (await self.stat(path)).is_dir:
            raise refusal(errno.ENOTDIR, path)
        prefix = f"{path}/" if path else ""
        lines = await self._lines()
        return sorted({each[len(prefix) :].partition("/")[0] for each in lines if each.startswith(prefix)})


def sysctls(pod: Object, hostname: str) -> dict[str, str]:
    """/proc/sys."""
    asked = (pod["spec"].get("securityContext") or {}).get("sysctls") or ()
    values = {**SYSCTLS, "kernel.hostname": hostname, **{_dotted(each["name"]): each["value"] for each in asked}}
    return {name.replace(".", "/"): value for name, value in values.items()}


def _dotted(name: str) -> str:
    """A name may have slashes in place of dots (pkg/util/sysctl NormalizeName)."""
    return name if "/" not in name or "." in name.partition("/")[0] else name.replace("/", ".")


def cgroup(pod: Object, container: Object) -> dict[str, str]:
    """/sys/fs/cgroup: of what it has by now, which its limits at the pod's level go for where it has none."""
    resources, of_pod = _actual(pod, container), (pod["spec"].get("resources") or {}).get("limits") or {}
    limits = {**of_pod, **(resources.get("limits") or {})}
    requests = resources.get("requests") or {}
    return {
        "cgroup.controllers": CONTROLLERS,
        "cpu.max": f"{_quota(limits.get('cpu', '0'))} {PERIOD}",
        "cpu.weight": str(_weight(requests.get("cpu", limits.get("cpu", "0")))),
        "memory.current": str(container_usage(container, pod["metadata"].get("annotations") or {})["memory"].value()),
        "memory.max": str(quantity.parse(limits["memory"]).value()) if "memory" in limits else "max",
        "pids.max": "max",
    }


def _actual(pod: Object, container: Object) -> Object:
    status = pod.get("status") or {}
    for field in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for each in status.get(field) or ():
            if each["name"] == container["name"] and "resources" in each:
                found: Object = each["resources"]
                return found
    return container.get("resources") or {}


def _quota(limit: str) -> str:
    milli = quantity.parse(limit).milli_value()
    return str(max(milli * PERIOD // 1000, LEAST_QUOTA)) if milli else "max"


def _weight(request: str) -> int:
    """From cgroup v1's shares, so that 1024 of these are 100 (opencontainers/cgroups utils.go
    ConvertCPUSharesToCgroupV2Value)."""
    shares = min(max(quantity.parse(request).milli_value() * 1024 // 1000, LEAST_SHARES), MOST_SHARES)
    if shares == LEAST_SHARES:
        return 1
    bits = math.log2(shares)
    return math.ceil(10 ** ((bits * bits + 125 * bits) / 612 - 7 / 34))
