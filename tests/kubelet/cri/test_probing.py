"""Probes, as programs answer them."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from minikube_py.images import Container
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import cluster_with, forever, pod, state_of


@pytest.mark.parametrize(
    "probe",
    [
        pytest.param({"exec": {"command": ["cat", "/tmp/up"]}}, id="exec"),
        pytest.param({"httpGet": {"port": 80}}, id="http"),
        pytest.param({"tcpSocket": {"port": 81}}, id="tcp"),
    ],
)
async def test_probes_are_asked_again_and_again(probe: Object) -> None:
    async def fails(container: Container) -> None:
        """After 15 seconds, until 25 have passed."""
        up = True

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=200 if up else 503)

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        await container.files.write("/tmp/up", b"")
        await container.serve_http(80, answer)
        container.serve(81, accept)
        await container.sleep(15)
        await container.files.remove("/tmp/up")
        up, container.address = False, "10.244.0.99"  # where nobody is
        await container.sleep(10)
        await container.files.write("/tmp/up", b"")
        up, container.address = True, container.pod["status"]["podIP"]
        await container.forever()

    async with cluster_with(app=fails) as cluster:
        await cluster.client.create(PODS, pod("a", "app", readinessProbe={**probe, "failureThreshold": 1}))
        seen = []
        for _ in range(4):
            await cluster.advance(10)
            seen.append((await state_of(cluster, "a"))["ready"])
        assert seen == [True, False, True, True]


async def test_a_probe_s_command_may_say_more_than_is_told() -> None:
    probe = {"exec": {"command": ["seq", "10000"]}}
    async with cluster_with(app=forever) as cluster:
        await cluster.client.create(PODS, pod("a", "app", readinessProbe=probe))
        await cluster.settle()
        assert (await state_of(cluster, "a"))["ready"]


async def test_a_shell_is_probed_too() -> None:
    """The example of Kubernetes' documentation."""
    probe = {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}
    args = ["sh", "-c", "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"]
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, pod("a", "busybox", args=args, livenessProbe=probe))
        await cluster.advance(39)
        assert (await state_of(cluster, "a"))["restartCount"] == 0
        await cluster.advance(2)
        assert (await state_of(cluster, "a"))["restartCount"] == 1


async def test_what_annotations_say_of_probes_goes_first() -> None:
    said = pod("a", "busybox", command=["sleep", "600"], readinessProbe={"exec": {"command": ["false"]}})
    said["metadata"]["annotations"] = {"minikube-py/unready-after": "20s"}
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, said)
        seen = []
        for _ in range(2):
            await cluster.advance(19)
            seen.append((await state_of(cluster, "a"))["ready"])
        assert seen == [True, True]
        await cluster.advance(30)
        assert not (await state_of(cluster, "a"))["ready"]
