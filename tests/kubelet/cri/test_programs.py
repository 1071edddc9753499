"""Programs as containers: how they start, end, are restarted and stopped, and what they see."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, web

from minikube_py.api.nodes import LogOptions
from minikube_py.cluster import Cluster
from minikube_py.controllers.kubelet.cri.netcommands import commands_of
from minikube_py.controllers.kubelet.cri.programs import NETWORK_COMMANDS
from minikube_py.controllers.kubelet.shell.endings import Gathered
from minikube_py.images import Container, Program
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.streams import Streams
from minikube_py.machinery.wellknown import CONFIG_MAPS, EVENTS, PODS, SECRETS, SERVICES


@asynccontextmanager
async def cluster_with(**images: Program) -> AsyncIterator[Cluster]:
    async with Cluster(port=None, clock="virtual", nodes=2, images=images) as cluster:
        yield cluster


def pod(name: str, image: str, *, restart: str = "Always", labels: dict[str, str] | None = None, **rest: Any) -> Object:
    spec = {"restartPolicy": restart, "containers": [{"name": "c", "image": image, **rest}]}
    return {"metadata": {"name": name, "namespace": "default", "labels": labels or {}}, "spec": spec}


async def log_of(cluster: Cluster, name: str, **options: Any) -> str:
    found = await cluster.client.get(PODS, "default", name)
    pieces = await cluster.registry.nodes.logs(found, LogOptions("c", **options))
    return b"".join([piece async for piece in pieces]).decode()


async def state_of(cluster: Cluster, name: str) -> Object:
    found = await cluster.client.get(PODS, "default", name)
    status: Object = found["status"]["containerStatuses"][0]
    return status


async def forever(container: Container) -> None:
    container.print("up")
    await container.forever()


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
            names=await container.files.listdir("/etc/config"),
            account=await container.files.listdir("/var/run/secrets/kubernetes.io/serviceaccount"),
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


async def hangs(request: web.BaseRequest) -> web.StreamResponse:
    return await asyncio.get_running_loop().create_future()


def hanging_application() -> web.Application:
    application = web.Application()
    application.router.add_get("/", hangs)
    return application


async def serves_coroutine(container: Container) -> None:
    await container.serve_http(80, hangs)
    await container.forever()


async def serves_application(container: Container) -> None:
    await container.serve_http(80, hanging_application())
    await container.forever()


async def serves_streams(container: Container) -> None:
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await container.forever()

    container.serve(80, never)
    await container.forever()


SERVERS = [
    pytest.param(serves_coroutine, id="http, a coroutine"),
    pytest.param(serves_application, id="http, an application"),
    pytest.param(serves_streams, id="streams"),
]


def asking(heard: list[bytes]) -> Program:
    """Of the pod named "server", without ever closing the connection."""

    async def client(container: Container) -> None:
        reader, writer = await container.connect(container.env["SERVER"], 80)
        writer.write(b"GET / HTTP/1.1\r\nHost: server\r\n\r\n")
        heard.append(await reader.read())
        await container.forever()

    return client


async def connected(cluster: Cluster) -> None:
    """A client that waits for an answer that never comes."""
    await cluster.client.create(PODS, pod("server", "server"))
    await cluster.settle()
    address = (await cluster.client.get(PODS, "default", "server"))["status"]["podIP"]
    await cluster.client.create(PODS, pod("client", "client", env=[{"name": "SERVER", "value": address}]))
    await cluster.settle()


@pytest.mark.parametrize("server", SERVERS)
async def test_connections_end_with_the_container(server: Program) -> None:
    heard: list[bytes] = []
    async with cluster_with(server=server, client=asking(heard)) as cluster:
        await connected(cluster)
        assert heard == []
        await cluster.client.delete(PODS, "default", "server")
        await cluster.settle()
        assert heard == [b""]


@pytest.mark.parametrize("server", SERVERS)
async def test_nothing_is_left_of_unanswered_requests_when_the_cluster_stops(server: Program) -> None:
    before = asyncio.all_tasks()
    async with cluster_with(server=server, client=asking([])) as cluster:
        await connected(cluster)
    await next_turn()
    assert asyncio.all_tasks() == before


async def test_what_catches_every_cancellation_is_killed_all_the_same() -> None:
    async def stubborn(container: Container) -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await container.sleep(1000)

    async with cluster_with(stubborn=stubborn) as cluster:
        await cluster.client.create(PODS, pod("a", "stubborn"))
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(29)
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(2)
        assert (await cluster.client.list(PODS, "default")).items == []
        await cluster.client.create(PODS, pod("b", "stubborn"))
        await cluster.settle()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, "the disk is full", id="what it wrote"),
        pytest.param({"args": ["3", "x" * 5000]}, "x" * 4096, id="as much as is kept"),
        pytest.param({"args": ["0", "all is well"]}, "all is well", id="of one that ended well"),
        pytest.param({"args": ["3", ""]}, None, id="nothing"),
        pytest.param(
            {"args": ["3", ""], "terminationMessagePolicy": "FallbackToLogsOnError"}, "working\n", id="its log instead"
        ),
        pytest.param(
            {"args": ["0", ""], "terminationMessagePolicy": "FallbackToLogsOnError"}, None, id="which is not of those"
        ),
        pytest.param({"terminationMessagePath": "/tmp/last"}, "the disk is full", id="elsewhere"),
    ],
)
async def test_its_last_words(more: Object, expected: str | None) -> None:
    async def fails(container: Container) -> int:
        container.print("working")
        code, words = container.argv or ("3", "the disk is full")
        if words:
            path = container.spec["terminationMessagePath"]
            assert await container.files.read(path) == b""
            await container.files.write(path, words.encode())
        return int(code)

    async with cluster_with(worker=fails) as cluster:
        await cluster.client.create(PODS, pod("a", "worker", restart="Never", **more))
        await cluster.settle()
        assert (await state_of(cluster, "a"))["state"]["terminated"].get("message") == expected


async def test_last_words_of_a_command() -> None:
    script = 'echo "out of $1" > /dev/termination-log; exit 1'
    async with cluster_with() as cluster:
        made = pod("a", "busybox", restart="Never", command=["sh", "-c", script, "sh", "paper"])
        await cluster.client.create(PODS, made)
        await cluster.settle()
        assert (await state_of(cluster, "a"))["state"]["terminated"]["message"] == "out of paper\n"


async def test_last_words_of_one_that_is_killed() -> None:
    async def stubborn(container: Container) -> None:
        await container.files.write("/dev/termination-log", b"never")
        with contextlib.suppress(asyncio.CancelledError):
            await container.forever()
        await container.forever()

    async with cluster_with(server=stubborn) as cluster:
        probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
        await cluster.client.create(PODS, pod("a", "server", livenessProbe=probe))
        await cluster.advance(40)
        assert (await state_of(cluster, "a"))["lastState"]["terminated"]["message"] == "never"


@pytest.mark.parametrize(
    ("image", "port", "host_network", "expected"),
    [
        pytest.param("server", {"containerPort": 8080, "hostPort": 80}, False, "from a", id="of a program"),
        pytest.param("nginx", {"containerPort": 80, "hostPort": 80}, False, "", id="of a container without one"),
        pytest.param("nginx", {"containerPort": 80, "hostPort": 80}, True, "", id="on the node's own network"),
        pytest.param("server", {"containerPort": 8080}, False, None, id="of nobody"),
        pytest.param(
            "server", {"containerPort": 8080, "hostPort": 80, "hostIP": "127.0.0.1"}, False, None, id="within the node"
        ),
        pytest.param(
            "server", {"containerPort": 8080, "hostPort": 80, "protocol": "UDP"}, False, None, id="of another protocol"
        ),
    ],
)
async def test_ports_of_its_node(image: str, port: Object, host_network: bool, expected: str | None) -> None:
    async def serves(container: Container) -> None:
        async def hello(request: web.BaseRequest) -> web.Response:
            return web.Response(text=f"from {container.hostname}")

        await container.serve_http(8080, hello)
        await container.forever()

    answers: list[str | None] = []

    async def asks(container: Container) -> None:
        async with container.http() as http:
            try:
                async with http.get(f"http://{container.argv[0]}/") as response:
                    answers.append(await response.text())
            except OSError:
                answers.append(None)
        await container.forever()

    async with cluster_with(server=serves, client=asks) as cluster:
        made = pod("a", image, ports=[port])
        made["spec"]["hostNetwork"] = host_network
        await cluster.client.create(PODS, made)
        await cluster.settle()
        address = (await cluster.client.get(PODS, "default", "a"))["status"]["hostIP"]
        await cluster.client.create(PODS, pod("b", "client", args=[address]))
        await cluster.settle()
    [answer] = answers
    assert (answer is None) == (expected is None) and (expected or "") in (answer or "")


async def run_in(cluster: Cluster, name: str, *command: str) -> tuple[int, str]:
    """The exit code and everything that it says."""
    said = Gathered()
    found = await cluster.client.get(PODS, "default", name)
    run = await cluster.registry.nodes.exec(found, "c", command)
    return await run(Streams(stdout=said, stderr=said)), said.data.decode()


async def test_commands_end_with_the_container_that_they_run_in() -> None:
    async with cluster_with(app=forever) as cluster:
        await cluster.client.create(PODS, pod("a", "app"))
        await cluster.settle()
        running = asyncio.ensure_future(run_in(cluster, "a", "sh", "-c", "echo up; sleep 1000"))
        await cluster.settle()
        assert not running.done()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        assert await running == (137, "up\n")


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        pytest.param(["wget"], 1, "wget: missing URL\n", id="wget nothing"),
        pytest.param(["wget", "--nonsense", "a"], 1, "wget: unrecognized option: nonsense\n", id="wget, an option"),
        pytest.param(["curl", "-s"], 2, "curl: no URL specified!\n", id="curl nothing"),
        pytest.param(["curl", "-o"], 1, "curl: option requires an argument: o\n", id="curl, an option"),
        pytest.param(["curl", "-sSf", "10.244.0.2"], 22, "curl: (22) The requested URL returned error: 418\n", id="-f"),
        pytest.param(["curl", "-s", "--header=A: b", "10.244.0.2/x"], 0, "GET /x b ", id="a header"),
        pytest.param(["curl", "-d", "one", "-HA:b", "10.244.0.2"], 0, "POST / b one", id="data"),
        pytest.param(["wget", "-qO-", "--header", "A: b", "10.244.0.2/x"], 0, "GET /x b ", id="wget"),
        pytest.param(["wget", "-qO", "-", "--post-data=one", "10.244.0.2"], 0, "POST / - one", id="wget, data"),
        pytest.param(["nc"], 1, "nc: missing operand\n", id="nc nowhere"),
        pytest.param(["nc", "a", "b"], 1, "nc: invalid number 'b'\n", id="nc, no port"),
        pytest.param(["nc", "-z", "10.244.0.2", "80"], 0, "", id="nc"),
        pytest.param(["nslookup"], 1, "nslookup: missing operand\n", id="nslookup nothing"),
    ],
)
async def test_commands_into_the_network(command: list[str], code: int, said: str) -> None:
    async def server(container: Container) -> None:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            text = f"{request.method} {request.path} {request.headers.get('A', '-')} {await request.text()}"
            return web.Response(status=418 if text == "GET / - " else 200, text=text)

        await container.serve_http(80, answer)
        await container.forever()

    async with Cluster(port=None, clock="virtual", nodes=1, images={"server": server}) as cluster:
        await cluster.client.create(PODS, pod("a", "server"))
        await cluster.settle()
        assert await run_in(cluster, "a", *command) == (code, said)


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


async def test_who_hangs_up_on_a_proxied_request_ends_it() -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def server(container: Container) -> None:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            asked.set()
            try:
                return await hangs(request)
            finally:
                ended.set()

        await container.serve_http(80, answer)
        await container.forever()

    async with Cluster(port=0, clock="virtual", nodes=1, images={"server": server}) as cluster, ClientSession() as http:
        await cluster.client.create(PODS, pod("a", "server"))
        await cluster.settle()
        url = f"{cluster.url}/api/v1/namespaces/default/pods/a/proxy/"
        asking = asyncio.ensure_future(http.get(url))
        await asked.wait()
        asking.cancel()
        await ended.wait()
        gc.collect()  # a session that is left open would complain


def test_commands_of_the_network_are_known_beforehand() -> None:
    class Nowhere:
        """Implements Place, and is not asked."""

    assert set(commands_of(Nowhere())) == NETWORK_COMMANDS  # type: ignore[arg-type]
