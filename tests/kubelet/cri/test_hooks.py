"""Hooks, as they are run in containers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web

from minikube_py.cluster import Cluster
from minikube_py.images import Container
from minikube_py.machinery.clock import next_turn
from minikube_py.machinery.gvr import Object
from minikube_py.machinery.wellknown import EVENTS, PODS
from tests.kubelet.cri.programs import cluster_with, forever, log_of, pod, state_of

TOLD = ("Host", "User-Agent", "Accept", "Authorization", "X-A")
PORTS = [{"name": "web", "containerPort": 8080}]


async def told(cluster: Cluster, *reasons: str) -> list[str]:
    found = (await cluster.client.list(EVENTS, "default")).items
    return [f"{each['reason']}: {each['message']}" for each in found if each["reason"] in reasons]


async def hears(container: Container) -> None:
    """Writes down what it is asked, and answers that it cannot."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        shown = [f"{name}={request.headers[name]}" for name in TOLD if name in request.headers]
        container.print(request.method, request.path_qs, *shown)
        return web.Response(status=500)

    await container.serve_http(8080, answer)
    await container.forever()


@pytest.mark.parametrize(
    ("more", "heard"),
    [
        pytest.param({}, "GET / Host={ip}:8080 User-Agent=kube-lifecycle/1.37 Accept=*/*", id="plain"),
        pytest.param(
            {
                "port": "web",
                "path": "/warm?up=1",
                "httpHeaders": [
                    {"name": "User-Agent", "value": "me"},
                    {"name": "Accept", "value": ""},
                    {"name": "X-A", "value": "1"},
                ],
            },
            "GET /warm?up=1 Host={ip}:8080 User-Agent=me X-A=1",
            id="by-name-with-headers",
        ),
    ],
)
async def test_a_program_sees_the_request(more: Mapping[str, object], heard: str) -> None:
    hook = {"httpGet": {"port": 8080, "path": "/", "scheme": "HTTP", **more}}
    async with cluster_with(app=hears) as cluster:
        await cluster.client.create(PODS, pod("a", "app", ports=PORTS, lifecycle={"postStart": hook}))
        await cluster.settle()
        address = (await cluster.client.get(PODS, "default", "a"))["status"]["podIP"]
        assert (await state_of(cluster, "a"))["ready"]
        assert await log_of(cluster, "a") == heard.replace("{ip}", address) + "\n"


async def test_https_is_answered_in_http() -> None:
    headers = [{"name": "Authorization", "value": "secret"}]
    hook = {"httpGet": {"port": 8080, "path": "/", "scheme": "HTTPS", "httpHeaders": headers}}
    async with cluster_with(app=hears) as cluster:
        await cluster.client.create(PODS, pod("a", "app", lifecycle={"postStart": hook}))
        await cluster.settle()
        address = (await cluster.client.get(PODS, "default", "a"))["status"]["podIP"]
        said = f"request to HTTPS lifecycle hook {address}:8080 got HTTP response, retry with HTTP succeeded"
        assert await told(cluster, "LifecycleHTTPFallback") == [f"LifecycleHTTPFallback: {said}"]
        assert "secret" not in await log_of(cluster, "a")


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        pytest.param(
            {"exec": {"command": ["sh", "-c", "echo one; ls /nowhere"]}},
            "Exec lifecycle hook ([sh -c echo one; ls /nowhere]) for {who} failed - error: command 'sh -c echo one; ls "
            "/nowhere' exited with 1: ls: /nowhere: No such file or directory\n, "
            'message: "one\\nls: /nowhere: No such file or directory\\n"',
            id="command",
        ),
        pytest.param(
            {"exec": {"command": ["drain"]}},
            "Exec lifecycle hook ([drain]) for {who} failed - error: rpc error: code = Unknown desc = failed to exec "
            "in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start container "
            'process: exec: "drain": executable file not found in $PATH: unknown, message: ""',
            id="unknown-command",
        ),
        pytest.param(
            {"httpGet": {"port": 81, "path": "/up", "scheme": "HTTP"}},
            'HTTP lifecycle hook (/up) for {who} failed - error: Get "http://{ip}:81/up": dial tcp {ip}:81: connect: '
            "connection refused",
            id="request",
        ),
        pytest.param(
            {"httpGet": {"port": "web", "path": "/", "scheme": "HTTP"}},
            'HTTP lifecycle hook (/) for {who} failed - error: strconv.Atoi: parsing "web": invalid syntax',
            id="unknown-port",
        ),
    ],
)
async def test_what_a_failed_hook_says(handler: Object, error: str) -> None:
    async with cluster_with(app=forever) as cluster:
        await cluster.client.create(PODS, pod("a", "app", lifecycle={"postStart": handler}))
        await cluster.settle()
        found = await cluster.client.get(PODS, "default", "a")
        who = f'Container "c" in Pod "a_default({found["metadata"]["uid"]})"'
        state = (await state_of(cluster, "a"))["state"]["waiting"]
        expected = error.replace("{who}", who).replace("{ip}", found["status"]["podIP"])
        assert state == {"reason": "PostStartHookError", "message": expected}
        assert await told(cluster, "FailedPostStartHook", "Killing") == [
            "FailedPostStartHook: PostStartHook failed",
            "Killing: FailedPostStartHook",
        ]
        reasons = []
        for _ in range(2):
            await cluster.advance(1)
            reasons.append((await state_of(cluster, "a"))["state"]["waiting"]["reason"])
        assert reasons == ["PostStartHookError", "CrashLoopBackOff"]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("echo a | tr a b | grep b", id="pipeline"),
        pytest.param('for i in 1 2 3 4 5 6 7 8 9; do x="$(echo $i | cat)"; done; [ "$x" = 9 ]', id="many"),
        pytest.param("(echo a; echo b) > /tmp/x & wait; [ -s /tmp/x ]", id="background"),
        pytest.param("timeout 5 sh -c 'echo a | cat'", id="timeout"),
    ],
)
async def test_settling_waits_for_all_that_a_hook_runs(script: str) -> None:
    hook = {"exec": {"command": ["sh", "-c", script]}}
    async with cluster_with(app=forever) as cluster:
        await cluster.client.create(PODS, pod("a", "app", lifecycle={"postStart": hook}))
        await cluster.settle()
        assert (await state_of(cluster, "a"))["ready"]


async def test_a_hook_runs_beside_its_program() -> None:
    async def waits(container: Container) -> None:
        while not await container.files.exists("/tmp/go"):
            await container.sleep(2)
        container.print("gone on at", container.now() - began)
        await container.forever()

    hook = {"exec": {"command": ["sh", "-c", "sleep 5; touch /tmp/go; sleep 5"]}}
    async with cluster_with(app=waits) as cluster:
        began = cluster.clock.now()
        await cluster.client.create(PODS, pod("a", "app", lifecycle={"postStart": hook}))
        await cluster.advance(9.5)
        assert (await state_of(cluster, "a"))["state"] == {"waiting": {"reason": "ContainerCreating"}}
        await cluster.advance(0.5)
        assert (await state_of(cluster, "a"))["ready"]
        assert await log_of(cluster, "a") == "gone on at 6.0\n"


async def terminates(container: Container) -> None:
    """Tells when it is asked to."""
    began = container.now()
    try:
        await container.forever()
    except asyncio.CancelledError:
        drained = await container.files.read("/tmp/drained")
        container.print("SIGTERM after", container.now() - began, drained.decode().strip())
        await container.sleep(2)


async def test_a_hook_speaks_in_its_container_s_log() -> None:
    hook = {"exec": {"command": ["sh", "-c", "echo warm > /proc/1/fd/1; echo hot >> /proc/1/fd/2"]}}
    async with cluster_with(app=forever) as cluster:
        await cluster.client.create(PODS, pod("a", "app", lifecycle={"postStart": hook}))
        await cluster.settle()
        assert await log_of(cluster, "a") == "up\nwarm\nhot\n"


async def test_a_pre_stop_hook_is_run_to_its_end() -> None:
    hook = {"exec": {"command": ["sh", "-c", "sleep 5; echo drained > /tmp/drained"]}}
    async with cluster_with(app=terminates) as cluster:
        await cluster.client.create(PODS, pod("a", "app", lifecycle={"preStop": hook}))
        await cluster.settle()
        following = asyncio.ensure_future(log_of(cluster, "a", follow=True))
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        await cluster.advance(6.5)
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(1)
        assert (await cluster.client.list(PODS, "default")).items == []
        assert await following == "SIGTERM after 5.0 drained\n"
        assert await told(cluster, "FailedPreStopHook") == []


@pytest.mark.parametrize(
    ("image", "hook", "failed"),
    [
        pytest.param("app", {"exec": {"command": ["false"]}}, 1, id="it fails"),
        pytest.param("app", {"exec": {"command": ["sleep", "60"]}}, 1, id="it takes too long"),
        pytest.param("app", {"httpGet": {"port": 80, "host": "10.244.0.99"}}, 1, id="nobody answers"),
        pytest.param("app", {"tcpSocket": {"port": 80}}, 1, id="it is refused"),
        pytest.param("nginx", {"exec": {"command": ["nginx", "-s", "quit"]}}, 0, id="nobody knows what it does"),
        pytest.param("nginx", {"httpGet": {"port": 80}}, 0, id="nobody knows who would have answered"),
        pytest.param("nginx", {"exec": {"command": ["false"]}}, 1, id="it fails where nothing runs"),
    ],
)
async def test_termination_goes_on_whatever_comes_of_a_hook(image: str, hook: Object, failed: int) -> None:
    async with cluster_with(app=forever) as cluster:
        made = pod("a", image, lifecycle={"preStop": hook})
        made["spec"]["terminationGracePeriodSeconds"] = 10
        await cluster.client.create(PODS, made)
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(12)
        assert (await cluster.client.list(PODS, "default")).items == []
        assert await told(cluster, "FailedPreStopHook") == ["FailedPreStopHook: PreStopHook failed"] * failed


async def test_a_hook_in_a_container_whose_program_ends_meanwhile() -> None:
    """The stop is over when the hook is; and no command runs in what has ended."""

    async def quits(container: Container) -> None:
        await container.sleep(3)

    async with cluster_with(app=quits) as cluster:
        hook = {"exec": {"command": ["sleep", "8"]}}
        await cluster.client.create(PODS, pod("a", "app", restart="Never", lifecycle={"preStop": hook}))
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        await cluster.advance(2.5)
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(1)
        assert (await cluster.client.list(PODS, "default")).items == []
        assert await told(cluster, "FailedPreStopHook") == ["FailedPreStopHook: PreStopHook failed"]


async def test_forced_deletion_ends_a_hook_too() -> None:
    before = asyncio.all_tasks()
    async with cluster_with(app=forever) as cluster:
        made = pod("a", "app", lifecycle={"preStop": {"exec": {"command": ["sleep", "20"]}}})
        await cluster.client.create(PODS, made)
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(1)
        await cluster.client.delete(PODS, "default", "a", grace_period=0)
        await cluster.client.create(PODS, made)
        await cluster.settle()
        assert (await state_of(cluster, "a"))["ready"]
        await cluster.advance(60)
        assert (await state_of(cluster, "a"))["restartCount"] == 0
        assert await told(cluster, "FailedPreStopHook", "Killing") == ["Killing: Stopping container c"]
    await next_turn()
    assert asyncio.all_tasks() == before


async def test_a_sidecar_is_there_until_those_it_serves_have_drained() -> None:
    """Its own hook runs at once, beside theirs; its end comes when they have gone."""
    ends: list[tuple[str, float]] = []

    async def serves(container: Container) -> None:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            ends.append((request.path, container.now() - began))
            return web.Response()

        await container.serve_http(9000, answer)
        try:
            await container.forever()
        finally:
            ends.append((container.name, container.now() - began))

    async with cluster_with(app=forever, proxy=serves) as cluster:
        drain = {"exec": {"command": ["sh", "-c", "sleep 4; wget -qO- http://localhost:9000/drained"]}}
        quiesce = {"httpGet": {"port": 9000, "path": "/quiesce"}}
        made = pod("a", "app", lifecycle={"preStop": drain})
        made["spec"]["initContainers"] = [
            {"name": "side", "image": "proxy", "restartPolicy": "Always", "lifecycle": {"preStop": quiesce}}
        ]
        await cluster.client.create(PODS, made)
        await cluster.settle()
        began = cluster.clock.now()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(10)
        assert ends == [("/quiesce", 0), ("/drained", 4), ("side", 4)]
        assert (await cluster.client.list(PODS, "default")).items == []


async def test_hooks_run_where_annotations_say_how_containers_end() -> None:
    async with cluster_with() as cluster:
        made = pod("a", "nginx", lifecycle={"preStop": {"exec": {"command": ["sleep", "3"]}}})
        made["metadata"]["annotations"] = {"minikube-py/stop": "2s"}
        await cluster.client.create(PODS, made)
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(4.5)
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(0.5)
        assert (await cluster.client.list(PODS, "default")).items == []


async def test_a_pod_without_grace_goes_at_once() -> None:
    async with cluster_with(app=forever) as cluster:
        made = pod("a", "app", lifecycle={"preStop": {"exec": {"command": ["sleep", "20"]}}})
        made["spec"]["terminationGracePeriodSeconds"] = 0
        await cluster.client.create(PODS, made)
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        assert (await cluster.client.list(PODS, "default")).items == []
        assert await told(cluster, "FailedPreStopHook", "Killing") == ["Killing: Stopping container c"]


@pytest.mark.parametrize("lag", [pytest.param(0, id="fresh"), pytest.param(3, id="lagging")])
async def test_hooks_from_start_to_end_though_the_caches_lag(lag: int) -> None:
    async with Cluster(port=None, clock="virtual", nodes=1, images={"app": hears}, lag=lag) as cluster:
        hooks = {"postStart": {"sleep": {"seconds": 2}}, "preStop": {"httpGet": {"port": 8080, "path": "/bye"}}}
        await cluster.client.create(PODS, pod("a", "app", lifecycle=hooks))
        await cluster.advance(1)
        assert not (await state_of(cluster, "a"))["ready"]
        await cluster.advance(1)
        assert (await state_of(cluster, "a"))["ready"]
        following = asyncio.ensure_future(log_of(cluster, "a", follow=True))
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        assert (await following).startswith("GET /bye ")
        assert (await cluster.client.list(PODS, "default")).items == []
        assert await told(cluster, "FailedPreStopHook", "FailedPostStartHook") == []


async def test_a_deleted_pod_does_not_wait_for_its_post_start_hook() -> None:
    async with cluster_with(app=forever) as cluster:
        hook = {"exec": {"command": ["sleep", "1000"]}}
        await cluster.client.create(PODS, pod("a", "app", lifecycle={"postStart": hook}))
        await cluster.advance(10)
        assert (await state_of(cluster, "a"))["state"] == {"waiting": {"reason": "ContainerCreating"}}
        await cluster.client.delete(PODS, "default", "a")
        await cluster.settle()
        assert (await cluster.client.list(PODS, "default")).items == []
