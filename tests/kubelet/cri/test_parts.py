"""Logs, processes, images, environments: the parts by themselves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Generator
from typing import Any

import pytest

from minikube_py.controllers.kubelet.cri import downward
from minikube_py.controllers.kubelet.cri.environment import expand
from minikube_py.controllers.kubelet.cri.images import Images
from minikube_py.controllers.kubelet.cri.log import MAX_BYTES, MAX_LINE, ContainerLog, rfc3339_nano
from minikube_py.controllers.kubelet.cri.process import Process
from minikube_py.machinery.clock import VirtualClock, next_turn

# Logs


def texts(log: ContainerLog) -> list[bytes]:
    return [line.text for line in log.lines()]


async def test_bytes_become_lines() -> None:
    log = ContainerLog(lambda: 5.0)
    await log.stdout.write(b"one\ntw")
    await log.stderr.write(b"oh\n")
    await log.stdout.write(b"o\nthree")
    assert texts(log) == [b"one\n", b"oh\n", b"two\n"]
    log.end()
    assert texts(log)[3:] == [b"three"]
    assert {line.stream for line in log.lines()} == {"stdout", "stderr"}


def test_long_lines_are_split_and_old_ones_go() -> None:
    log = ContainerLog(lambda: 5.0)
    log.stdout.write_now(b"x" * (MAX_LINE + 1) + b"\n")
    assert [len(text) for text in texts(log)] == [MAX_LINE, 2]
    for number in range(2 * MAX_BYTES // 1000):
        log.stdout.write_now(b"%999d\n" % number)
    assert sum(map(len, texts(log))) <= MAX_BYTES
    assert texts(log)[-1].split() == [str(2 * MAX_BYTES // 1000 - 1).encode()]


async def test_following_sees_what_comes_until_the_end() -> None:
    log = ContainerLog(lambda: 5.0)
    log.stdout.write_now(b"before\n")
    seen: list[bytes] = []

    async def follow() -> None:
        async for line in log.follow(log.next_number):
            seen.append(line.text)

    following = asyncio.ensure_future(follow())
    await next_turn()
    log.stdout.write_now(b"one\ntwo\n")
    await next_turn()
    assert seen == [b"one\n", b"two\n"]
    log.end()
    await following


def test_times_are_in_nanoseconds() -> None:
    assert rfc3339_nano(1_767_225_600.25) == "2026-01-01T00:00:00.250000000Z"


# Processes


async def run_to_end(work: Any) -> tuple[int | None, list[bytes]]:
    log, ended = ContainerLog(lambda: 0.0), asyncio.Event()
    process = Process(work, log, ended.set)
    await ended.wait()
    await process.stopped()
    return process.exit_code, texts(log)


async def fails() -> None:
    raise RuntimeError("out of luck")


@pytest.mark.parametrize(
    ("result", "code"),
    [
        pytest.param(None, 0, id="nothing"),
        pytest.param(3, 3, id="a code"),
        pytest.param(259, 3, id="a large code"),
        pytest.param(True, 0, id="true"),
        pytest.param(False, 1, id="false"),
    ],
)
async def test_what_it_returns_is_its_exit_code(result: Any, code: int) -> None:
    async def work() -> Any:
        return result

    assert await run_to_end(work) == (code, [])


async def test_what_it_raises_is_in_its_log() -> None:
    code, lines = await run_to_end(fails)
    assert code == 1
    assert lines[0] == b"Traceback (most recent call last):\n" and lines[-1] == b"RuntimeError: out of luck\n"


@pytest.mark.parametrize(
    ("given", "code", "lines"),
    [
        pytest.param(None, 0, [], id="nothing"),
        pytest.param(3, 3, [], id="a code"),
        pytest.param("no config", 1, [b"no config\n"], id="a message"),
    ],
)
async def test_sys_exit_ends_it_and_nothing_else(given: Any, code: int, lines: list[bytes]) -> None:
    async def work() -> None:
        sys.exit(given)

    assert await run_to_end(work) == (code, lines)


async def test_it_is_busy_while_it_waits_for_nothing() -> None:
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        for _ in range(3):
            await next_turn()
        await gate

    process = Process(work, ContainerLog(lambda: 0.0), lambda: None)
    turns = 0
    while process.busy:
        turns += 1
        await next_turn()
    assert turns >= 4
    gate.set_result(None)
    assert process.busy
    await process.stopped()
    assert process.exit_code == 0 and not process.busy


async def test_one_that_yields_what_nobody_can_await_fails_by_itself() -> None:
    class Odd:
        def __await__(self) -> Generator[object, None, None]:
            yield object()

    async def work() -> None:
        await Odd()

    process = Process(work, ContainerLog(lambda: 0.0), lambda: None)
    while process.busy:
        await next_turn()
    assert process.exit_code == 1


async def test_signals() -> None:
    async def stubborn() -> int:
        clock = asyncio.get_running_loop().create_future()
        try:
            await clock
        except asyncio.CancelledError:
            await asyncio.get_running_loop().create_future()
        return 0

    async def polite() -> int:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return 7
        return 0

    async def plain() -> None:
        await asyncio.get_running_loop().create_future()

    ends: list[int | None] = []
    for work, kill in ((plain, False), (polite, False), (stubborn, True)):
        process = Process(work, ContainerLog(lambda: 0.0), lambda: None)
        await next_turn()
        process.terminate()
        process.terminate()
        for _ in range(3):
            await next_turn()
        if kill:
            assert process.exit_code is None
            process.kill()
        await process.stopped()
        ends.append(process.exit_code)
    assert ends == [143, 7, 137]


async def test_one_stopped_before_it_began_has_ended() -> None:
    process = Process(fails, ContainerLog(lambda: 0.0), lambda: None)
    process.terminate()
    await process.stopped()
    assert process.exit_code == 143


# Images


async def program(container: object) -> None:
    """One."""


@pytest.mark.parametrize(
    ("pattern", "image", "found"),
    [
        pytest.param("nginx", "nginx", True, id="bare"),
        pytest.param("nginx", "nginx:1.27", True, id="any tag"),
        pytest.param("nginx", "docker.io/library/nginx:1.27", True, id="whole name"),
        pytest.param("nginx", "nginx@sha256:abc", True, id="digest"),
        pytest.param("nginx", "other/nginx", False, id="another's"),
        pytest.param("nginx:1.27", "nginx:1.27", True, id="tag"),
        pytest.param("nginx:1.27", "nginx:1.28", False, id="another tag"),
        pytest.param("nginx:1.*", "nginx:1.28", True, id="glob of tags"),
        pytest.param("registry.example/shop/*", "registry.example/shop/cart:v2", True, id="glob of names"),
        pytest.param("registry.example/shop/*", "registry.example/other/cart:v2", False, id="other names"),
        pytest.param("*", "anything/at:all", True, id="all"),
        pytest.param("k8s.gcr.io/my-project/hello-world:*", "k8s.gcr.io/my-project/hello-world", True, id="latest"),
    ],
)
def test_images_by_name_and_glob(pattern: str, image: str, found: bool) -> None:
    assert (Images({pattern: program}).find(image) is program) is found


def test_the_first_that_matches_counts() -> None:
    async def other(container: object) -> None:
        """Another."""

    images = Images({"nginx:1.*": program, "*": other})
    assert images.find("nginx:1.2") is program
    assert images.find("redis") is other
    assert Images({}).find("nginx") is None


def test_images_that_there_are_not() -> None:
    images = Images({"web:1.*": program, "web": None})
    assert (images.lacks("web:2"), images.find("web:2")) == (True, None)
    assert not images.lacks("web:1.2") and not images.lacks("redis") and not Images({}).lacks("web")


# Environments


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        pytest.param("$(A)", "1", id="name"),
        pytest.param("a$(A)b$(B)", "a1b2", id="several"),
        pytest.param("$(C)", "$(C)", id="unknown"),
        pytest.param("$$(A)", "$(A)", id="escaped"),
        pytest.param("$$$(A)", "$1", id="escaped and not"),
        pytest.param("$A ${A} $", "$A ${A} $", id="a shell's"),
        pytest.param("$(A", "$(A", id="open"),
    ],
)
def test_references(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1", "B": "2"}) == expanded


POD: dict[str, Any] = {
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "uid": "u",
        "labels": {"b": "2", "a": 'say "hi"'},
        "annotations": {"x/y": "z"},
    },
    "spec": {"nodeName": "node-1", "containers": [{"name": "c", "resources": {"limits": {"memory": "64Mi"}}}]},
    "status": {"podIP": "10.0.0.1", "hostIP": "172.18.0.2", "podIPs": [{"ip": "10.0.0.1"}]},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "web"),
        ("metadata.labels", 'a="say \\"hi\\""\nb="2"'),
        ("metadata.labels['b']", "2"),
        ("metadata.annotations['x/y']", "z"),
        ("metadata.annotations['none']", ""),
        ("spec.nodeName", "node-1"),
        ("status.podIPs", "10.0.0.1"),
    ],
)
def test_fields(path: str, value: str) -> None:
    assert downward.field(POD, path) == value


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        pytest.param({"resource": "limits.memory"}, "67108864", id="bytes"),
        pytest.param({"resource": "limits.memory", "divisor": "1Mi"}, "64", id="Mi"),
        pytest.param({"resource": "limits.cpu"}, "2", id="the node's, rounded up"),
        pytest.param({"resource": "limits.cpu", "divisor": "1m"}, "1500", id="milli"),
        pytest.param({"resource": "requests.cpu"}, "0", id="nothing asked"),
        pytest.param({"resource": "limits.memory", "containerName": "c", "divisor": "1Gi"}, "1", id="named"),
    ],
)
def test_resources(reference: dict[str, str], value: str) -> None:
    container = POD["spec"]["containers"][0]
    assert downward.resource(POD, container, reference, {"cpu": "1500m"}) == value


def test_clock_is_the_cluster_s() -> None:
    clock = VirtualClock()
    log = ContainerLog(clock.now)
    log.stdout.write_now(b"a\n")
    clock.advance_to(clock.now() + 10)
    log.stdout.write_now(b"b\n")
    first, second = log.lines()
    assert second.when - first.when == 10
