"""What a container is told of the machine that it takes itself to be on."""

from __future__ import annotations

from typing import Any

import pytest

from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.cri.kernel import cgroup
from minikube_py.controllers.kubelet.cri.machinecommands import machine_commands
from minikube_py.controllers.kubelet.cri.programs import MACHINE_COMMANDS
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import log_of, pod, run_in


@pytest.mark.parametrize(
    ("resources", "of_pod", "expected"),
    [
        pytest.param({}, {}, ("max 100000", "1", "max"), id="none"),
        pytest.param({"requests": {"cpu": "1"}}, {}, ("max 100000", "100", "max"), id="request"),
        pytest.param(
            {"limits": {"cpu": "50m", "memory": "64Mi"}}, {}, ("5000 100000", "11", str(64 << 20)), id="limits-alone"
        ),
        pytest.param({"limits": {"cpu": "1m"}, "requests": {"cpu": "1m"}}, {}, ("1000 100000", "1", "max"), id="least"),
        pytest.param({}, {"limits": {"memory": "1Ki"}}, ("max 100000", "1", "1024"), id="pod"),
    ],
)
def test_cgroup(resources: Object, of_pod: Object, expected: tuple[str, str, str]) -> None:
    """The values are those of runc."""
    container = {"name": "c", "resources": {"limits": {"cpu": "9"}}}
    status = {"containerStatuses": [{"name": "c", "resources": resources}]}
    told = cgroup({"metadata": {}, "spec": {"resources": of_pod}, "status": status}, container)
    assert (told["cpu.max"], told["cpu.weight"], told["memory.max"]) == expected


async def test_commands() -> None:
    async with Cluster(port=None, clock="virtual", nodes=1) as cluster:
        script = "ip link add dummy0 type dummy; echo $?; mount -t cgroup2; hostname -i; sysctl kernel/shm_rmid_forced"
        made = pod("a", "busybox", restart="Never", command=["sh", "-c", f"{script}; ping -c 2 localhost; ip route"])
        made["spec"]["securityContext"] = {"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1"}]}
        await cluster.client.create(PODS, made)
        await cluster.advance(2)
        assert await log_of(cluster, "a") == (
            "ip: RTNETLINK answers: Operation not permitted\n2\n"
            "cgroup on /sys/fs/cgroup type cgroup2 (ro,nosuid,nodev,noexec,relatime)\n10.244.0.2\n"
            "kernel.shm_rmid_forced = 1\nPING localhost (127.0.0.1): 56 data bytes\n"
            "64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.100 ms\n64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.100 ms\n"
            "\n--- localhost ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n"
            "round-trip min/avg/max = 0.100/0.100/0.100 ms\n"
            "default via 10.244.0.1 dev eth0 \n10.244.0.0/24 dev eth0 scope link  src 10.244.0.2 \n"
        )


async def test_what_is_seen_of_a_resize_and_of_images() -> None:
    async with Cluster(port=None, clock="virtual", nodes=1) as cluster:
        resources: dict[str, Any] = {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}
        mounts = [{"name": "i", "mountPath": "/i"}]
        made = pod("a", "busybox", command=["sleep", "1000"], resources=resources, volumeMounts=mounts)
        made["spec"]["volumes"] = [{"name": "i", "image": {"reference": "alpine:3"}}]
        await cluster.client.create(PODS, made)
        await cluster.settle()
        assert await run_in(cluster, "a", "head", "-n1", "/sys/fs/cgroup/cpu.max") == (0, "20000 100000\n")
        resized = {"spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": "400m"}}}]}}
        await cluster.client.patch(PODS, "default", "a", resized, subresource="resize")
        await cluster.settle()
        assert await run_in(cluster, "a", "cat", "/sys/fs/cgroup/cpu.max") == (0, "40000 100000\n")
        assert (await run_in(cluster, "a", "sh", "-c", "head -n1 /i/etc/os-release && touch /i/x"))[1] == (
            'NAME="Alpine Linux"\ntouch: /i/x: Read-only file system\n'
        )


def test_all_of_them_are_understood() -> None:
    assert set(machine_commands(None)) == MACHINE_COMMANDS  # type: ignore[arg-type]  # nothing is run
