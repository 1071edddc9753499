"""Programs as containers: how they start, end, are restarted and stopped, and what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from minikube_py.cluster import Cluster
from minikube_py.images import Container, Program
from minikube_py.machinery.wellknown import CONFIG_MAPS, EVENTS, PODS, SECRETS, SERVICES
from tests.kubelet.cri.programs import cluster_with, log_of, pod, state_of


@pytest.mark.parametrize(
    ("code", "restart", "phase", "reason"),
    [
        pytest.param(0, "Never", "Succeeded", "Completed", id="well"),
        pytest.param(3, "Never", "Failed", "Error", id="badly"),
        pytest.param(0, "OnFailure", "Succeeded", "Completed", id="well, restarted on failure"),
    ],
)
async def test_its_end_is_the_container_s(code: int, restart: str, phase: str, reason: str) -> None:
    async def ends(container: Container) -> int:
        container.print("working")
        await container.sleep(5)
        return code

    async with cluster_with(worker=ends) as cluster:
        await cluster.client.create(PODS, pod("a", "worker", restart=restart))
        await cluster.settle()
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(5)
        ended = (await state_of(cluster, "a"))["state"]["terminated"]
        assert (ended["exitCode"], ended["reason"]) == (code, reason)
        assert (await cluster.client.get(PODS, "default", "a"))["status"]["phase"] == phase
        assert await log_of(cluster, "a") == "working\n"


async def test_an_image_that_there_is_not() -> None:
    async with cluster_with(**{"web:404": None}) as cluster:
        await cluster.client.create(PODS, pod("a", "web:404"))
        await cluster.client.create(PODS, pod("b", "web:1"))
        await cluster.settle()
        assert (await state_of(cluster, "a"))["state"]["waiting"]["reason"] == "ErrImagePull"
        assert "running" in (await state_of(cluster, "b"))["state"]


async def test_it_is_started_anew_and_its_logs_are_kept() -> None:
    lives: list[int] = []

    async def crashes(container: Container) -> int:
        lives.append(len(lives) + 1)
        container.print(f"life {lives[-1]}")
        return 1 if len(lives) < 3 else await container.forever() or 0

    async with cluster_with(flaky=crashes) as cluster:
        await cluster.client.create(PODS, pod("a", "flaky"))
        await cluster.settle()
        assert lives == [1, 2]
        assert (await state_of(cluster, "a"))["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        await cluster.advance(10)
        assert lives == [1, 2, 3]
        assert "running" in (await state_of(cluster, "a"))["state"]
        assert await log_of(cluster, "a") == "life 3\n"
        assert await log_of(cluster, "a", previous=True) == "life 2\n"


async def test_it_takes_its_time_to_stop() -> None:
    said: list[str] = []

    async def drains(container: Container) -> int:
        try:
            await container.forever()
        except asyncio.CancelledError:
            said.append("draining")
            await container.sleep(7)
            said.append("done")
        return 0

    async with cluster_with(server=drains) as cluster:
        await cluster.client.create(PODS, pod("a", "server"))
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(6)
        assert said == ["draining"]
        assert [each["metadata"]["name"] for each in (await cluster.client.list(PODS)).items] == ["a"]
        await cluster.advance(1)
        assert said == ["draining", "done"]
        assert not (await cluster.client.list(PODS)).items


async def test_it_is_killed_once_its_grace_is_over() -> None:
    stubborn_ended = asyncio.Event()

    async def stubborn(container: Container) -> None:
        while True:
            try:
                await container.forever()
            except asyncio.CancelledError:
                if stubborn_ended.is_set():
                    raise
                stubborn_ended.set()

    async with cluster_with(server=stubborn) as cluster:
        created = pod("a", "server")
        created["spec"]["terminationGracePeriodSeconds"] = 5
        created["metadata"]["finalizers"] = ["example.com/keep"]
        await cluster.client.create(PODS, created)
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(4)
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(2)
        assert (await state_of(cluster, "a"))["state"]["terminated"]["exitCode"] == 137


async def test_what_it_sees() -> None:
    seen: dict[str, Any] = {}

    async def looks(container: Container) -> None:
        seen.update(
            argv=container.argv,
            env={name: container.env.get(name) for name in ("COLOR", "TOKEN", "IP", "BOTH", "prefix_color")},
            config=await container.files.read("/etc/config/color"),
            secret=await container.files.read("/etc/secret/deep/token"),
            names=await container.files.listdir("/etc/config/..data"),
            account=await container.files.listdir("/var/run/secrets/kubernetes.io/serviceaccount/..data"),
            hostname=container.hostname,
        )
        await container.files.write("/data/shared", b"from looks")
        await container.forever()

    async def peers(container: Container) -> None:
        seen["shared"] = await container.files.read("/data/shared")

    async with cluster_with(looks=looks, peers=peers) as cluster:
        meta = {"name": "settings", "namespace": "default"}
        await cluster.client.create(CONFIG_MAPS, {"metadata": meta, "data": {"color": "blue", "size": "xl"}})
        await cluster.client.create(SECRETS, {"metadata": meta, "stringData": {"token": "s3cret"}})
        made = pod("a", "looks", restart="Never", command=["serve"], args=["--ip=$(IP)", "$(NOT)"])
        container = made["spec"]["containers"][0]
        container["env"] = [
            {"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}},
            {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "settings", "key": "token"}}},
            {"name": "NONE", "valueFrom": {"secretKeyRef": {"name": "none", "key": "a", "optional": True}}},
            {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "BOTH", "value": "$(COLOR) $(TOKEN)"},
        ]
        container["envFrom"] = [{"prefix": "prefix_", "configMapRef": {"name": "settings"}}]
        container["volumeMounts"] = [
            {"name": "config", "mountPath": "/etc/config"},
            {"name": "secret", "mountPath": "/etc/secret"},
            {"name": "data", "mountPath": "/data"},
        ]
        second = {"name": "d", "image": "peers", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
        made["spec"]["containers"].append(second)
        made["spec"]["volumes"] = [
            {"name": "config", "configMap": {"name": "settings"}},
            {"name": "secret", "secret": {"secretName": "settings", "items": [{"key": "token", "path": "deep/token"}]}},
            {"name": "data", "emptyDir": {}},
        ]
        await cluster.client.create(PODS, made)
        await cluster.settle()
        address = (await cluster.client.get(PODS, "default", "a"))["status"]["podIP"]
    assert seen["argv"] == ("serve", f"--ip={address}", "$(NOT)")
    assert seen["env"] == {
        "COLOR": "blue",
        "TOKEN": "s3cret",
        "IP": address,
        "BOTH": "blue s3cret",
        "prefix_color": "blue",
    }
    assert (seen["config"], seen["secret"], seen["shared"]) == (b"blue", b"s3cret", b"from looks")
    assert seen["names"] == ["color", "size"]
    assert seen["account"] == ["ca.crt", "namespace", "token"]
    assert seen["hostname"] == "a"


async def test_on_the_node_s_network_it_has_the_node_s_name() -> None:
    async def says(container: Container) -> None:
        container.print(container.hostname, (await container.files.read("/etc/hostname")).decode().strip())

    async with cluster_with(says=says) as cluster:
        made = pod("a", "says", restart="Never")
        made["spec"] |= {"hostNetwork": True, "hostname": "other", "nodeName": "node-2"}
        await cluster.client.create(PODS, made)
        await cluster.settle()
        assert await log_of(cluster, "a") == "node-2 node-2\n"


async def test_what_is_run_once_it_has_started() -> None:
    seen: list[bytes] = []

    async def reads(container: Container) -> None:
        await container.sleep(1)
        seen.append(await container.files.read("/shared/message"))

    hook = {"exec": {"command": ["/bin/sh", "-c", "echo Hello from the postStart handler > /shared/message"]}}
    mounts = [{"name": "shared", "mountPath": "/shared"}]
    async with cluster_with(reads=reads) as cluster:
        both = pod("a", "nginx", restart="Never", lifecycle={"postStart": hook}, volumeMounts=mounts)
        both["spec"]["containers"].append({"name": "reader", "image": "reads", "volumeMounts": mounts})
        both["spec"]["volumes"] = [{"name": "shared", "emptyDir": {}}]
        await cluster.client.create(PODS, both)
        await cluster.settle()
        await cluster.advance(1)
    assert seen == [b"Hello from the postStart handler\n"]


# The network


async def whoami(container: Container) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=container.hostname)

    await container.serve_http(8080, answer)
    await container.forever()


Ask = Callable[[str], Awaitable[str]]


async def asked(cluster: Cluster, ask: Callable[[Container], Awaitable[None]], images: dict[str, Program]) -> None:
    """Let a container of its own do the asking."""


@pytest.mark.parametrize(
    ("affinity", "answers"),
    [
        pytest.param("None", ["a", "b", "a", "b"], id="round robin"),
        pytest.param("ClientIP", ["a", "a", "a", "a"], id="with affinity"),
    ],
)
async def test_a_service_leads_to_its_pods(affinity: str, answers: list[str]) -> None:
    got: list[str] = []

    async def client(container: Container) -> None:
        async with container.http() as http:
            for host in ("web", "web.default", "web.default.svc.cluster.local", "web.default.svc"):
                async with http.get(f"http://{host}/") as response:
                    got.append(await response.text())

    async with cluster_with(whoami=whoami, client=client) as cluster:
        for name in ("a", "b"):
            await cluster.client.create(PODS, pod(name, "whoami", labels={"app": "web"}))
        spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}], "sessionAffinity": affinity}
        await cluster.client.create(SERVICES, {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
        await cluster.settle()
        await cluster.client.create(PODS, pod("client", "client", restart="Never"))
        await cluster.settle()
        assert (await state_of(cluster, "client"))["state"]["terminated"]["exitCode"] == 0
    assert got == answers


async def test_connections_end_with_it_and_by_what_they_raise() -> None:
    ended: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1) == b"!":
            raise RuntimeError("a bad connection")
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("hung")

    async def serves(container: Container) -> None:
        container.serve(80, handle)
        reader, writer = await container.connect("localhost", 80)
        writer.write(b"!")
        assert await reader.read() == b""
        writer.close()
        _, writer = await container.connect("localhost", 80)
        writer.write(b".")
        await container.sleep(5)
        writer.close()

    async with cluster_with(serves=serves) as cluster:
        await cluster.client.create(PODS, pod("a", "serves", restart="Never"))
        await cluster.settle()
        assert "RuntimeError: a bad connection" in await log_of(cluster, "a")
        await cluster.advance(5)
        assert (await state_of(cluster, "a"))["state"]["terminated"]["exitCode"] == 0
        await cluster.settle()
    assert ended == ["hung"]


async def test_names_of_pods_in_a_headless_service() -> None:
    got: list[str] = []

    async def client(container: Container) -> None:
        for host in ("web-0.web", "web-0.web.default", "web-0.web.default.svc.cluster.local", "web"):
            got.append(await container.resolve(host))
        with pytest.raises(OSError, match="no such host"):
            await container.resolve("web-1.web")

    async with cluster_with(whoami=whoami, client=client) as cluster:
        named = pod("web-0", "whoami", labels={"app": "web"})
        named["spec"] |= {"hostname": "web-0", "subdomain": "web"}
        await cluster.client.create(PODS, named)
        spec = {"selector": {"app": "web"}, "clusterIP": "None", "ports": [{"port": 80}]}
        await cluster.client.create(SERVICES, {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
        await cluster.settle()
        await cluster.client.create(PODS, pod("client", "client", restart="Never"))
        await cluster.settle()
        assert (await state_of(cluster, "client"))["state"]["terminated"]["exitCode"] == 0
        address = (await cluster.client.get(PODS, "default", "web-0"))["status"]["podIP"]
    assert got == [address] * 4


async def test_nobody_answers_for_a_pod_that_has_ended() -> None:
    async with cluster_with(whoami=whoami) as cluster:
        await cluster.client.create(PODS, pod("a", "whoami"))
        await cluster.settle()
        address = (await cluster.client.get(PODS, "default", "a"))["status"]["podIP"]
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(1)
        with pytest.raises(OSError, match="no route to host"):
            await cluster.registry.nodes.dial(address, 8080, asyncio.Protocol())


async def test_a_restored_snapshot_has_its_programs_started_anew() -> None:
    begun: list[float] = []

    async def counts(container: Container) -> None:
        begun.append(container.now())
        await container.forever()

    async with cluster_with(server=counts) as cluster:
        await cluster.client.create(PODS, pod("a", "server"))
        await cluster.settle()
        snapshot = cluster.snapshot()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(1)
        assert len(begun) == 1
        await cluster.restore(snapshot)
        assert len(begun) == 2
        assert "running" in (await state_of(cluster, "a"))["state"]


# Probes


async def test_it_is_ready_once_it_answers_and_not_before() -> None:
    async def slow_start(container: Container) -> None:
        open_at = container.now() + 12

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=200 if container.now() >= open_at else 503)

        await container.serve_http(8080, answer)
        await container.forever()

    async with cluster_with(server=slow_start) as cluster:
        probe = {"httpGet": {"path": "/ready", "port": "web"}, "periodSeconds": 5}
        ports = [{"name": "web", "containerPort": 8080}]
        await cluster.client.create(PODS, pod("a", "server", readinessProbe=probe, ports=ports))
        await cluster.settle()
        assert not (await state_of(cluster, "a"))["ready"]
        await cluster.advance(10)
        assert not (await state_of(cluster, "a"))["ready"]
        await cluster.advance(10)
        assert (await state_of(cluster, "a"))["ready"]
        told = {each["message"] for each in (await cluster.client.list(EVENTS)).items if each["reason"] == "Unhealthy"}
        assert told == {"Readiness probe failed: HTTP probe failed with statuscode: 503"}


async def test_liveness_by_a_file_as_the_documentation_has_it() -> None:
    script = "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"
    probe = {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}
    async with cluster_with() as cluster:
        made = pod("a", "busybox", args=["/bin/sh", "-c", script], livenessProbe=probe)
        made["spec"]["terminationGracePeriodSeconds"] = 5
        await cluster.client.create(PODS, made)
        await cluster.advance(34)
        assert (await state_of(cluster, "a"))["restartCount"] == 0
        await cluster.advance(20)
        status = await state_of(cluster, "a")
        assert (status["restartCount"], "running" in status["state"]) == (1, True)
        told = [each["message"] for each in (await cluster.client.list(EVENTS)).items if each["reason"] == "Unhealthy"]
        assert told and set(told) == {
            "Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n"
        }


async def test_a_port_that_is_not_open_yet() -> None:
    async def later(container: Container) -> None:
        await container.sleep(7)
        container.serve(5432, hang_up)
        await container.forever()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with cluster_with(db=later) as cluster:
        probe = {"tcpSocket": {"port": 5432}, "periodSeconds": 2, "failureThreshold": 10}
        await cluster.client.create(PODS, pod("a", "db", startupProbe=probe))
        await cluster.advance(6)
        assert not (await state_of(cluster, "a"))["started"]
        await cluster.advance(3)
        assert (await state_of(cluster, "a"))["started"]
