"""ps and kill: which processes there are in a container, and what signals do to them."""

from __future__ import annotations

import pytest

from minikube_py.images import Container
from minikube_py.machinery.wellknown import PODS
from tests.kubelet.cri.programs import cluster_with, forever, log_of, pod, run_in, state_of
from tests.kubelet.shellsession import Machine

WAITS = ["sh", "-c", "sleep 100 & wait"]
TRAPS = ["sh", "-c", "trap 'echo bye; sleep 3; exit 3' TERM; while true; do sleep 1; done"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param(
            ["ps"],
            "PID   USER     TIME  COMMAND\n"
            "    1 root      0:00 sh -c sleep 100 & wait\n"
            "    2 root      0:00 sleep 100\n"
            "    3 root      0:00 ps\n",
            id="as busybox",
        ),
        pytest.param(
            ["ps", "-ef"],
            "UID          PID    PPID  C STIME TTY          TIME CMD\n"
            "root           1       0  0 00:00 ?        00:00:00 sh -c sleep 100 & wait\n"
            "root           2       1  0 00:00 ?        00:00:00 sleep 100\n"
            "root           3       0  0 00:00 ?        00:00:00 ps -ef\n",
            id="full",
        ),
        pytest.param(
            ["sh", "-c", "ps aux | cut -c1-16,40-"],
            "USER         PID TTY      STAT START   TIME COMMAND\n"
            "root           1 ?        Ss   00:00    0:00 sh -c sleep 100 & wait\n"
            "root           2 ?        S    00:00    0:00 sleep 100\n"
            "root           3 ?        Ss   00:00    0:00 sh -c ps aux | cut -c1-16,40-\n"
            "root           4 ?        R    00:00    0:00 ps aux\n",
            id="by user",
        ),
        pytest.param(
            ["ps", "-o", "pid,ppid,stat,comm"],
            "PID   PPID  STAT COMMAND\n    1     0 Ss   sh\n    2     1 S    sleep\n    3     0 Rs   ps\n",
            id="columns",
        ),
        pytest.param(
            ["env", "A=b", "ps", "-opid,args"],
            "PID   COMMAND\n    1 sh -c sleep 100 & wait\n    2 sleep 100\n    3 ps -opid,args\n",
            id="in the place of env",
        ),
        pytest.param(
            ["sh", "-c", "(sleep 9; sleep 8) & ps -o pid,ppid,args | grep ' sleep 9$'; kill $!"],
            "    4     3 sleep 9\n",
            id="in the place of a subshell",
        ),
        pytest.param(
            ["sh", "-c", "sleep 7 & ps -o pid,ppid,args | grep ' sleep 7$'; kill $!"],
            "    4     3 sleep 7\n",
            id="at once",
        ),
        pytest.param(
            ["sh", "-c", "for s in TERM 9; do sleep 5 & kill -$s $!; wait $!; echo $?; done"], "143\n137\n", id="jobs"
        ),
        pytest.param(
            ["sh", "-c", "kill 2; kill -0 1; kill 77; echo $?"],
            "sh: can't kill pid 77: No such process\n1\n",
            id="any",
        ),
        pytest.param(["kill", "77"], "kill: can't kill pid 77: No such process\n", id="none"),
        pytest.param(["ps", "-Z"], "ps: unrecognized option: Z\n", id="an option"),
        pytest.param(
            ["ps", "-o", "x"],
            "ps: bad -o argument 'x', supported arguments: pid,ppid,user,ruser,uid,time,etime,tty,stat,comm,args\n",
            id="a column",
        ),
    ],
)
async def test_processes_of_a_container(command: list[str], said: str) -> None:
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, pod("a", "busybox", command=WAITS))
        await cluster.settle()
        assert (await run_in(cluster, "a", *command))[1] == said


async def test_the_first_process_goes_by_what_it_runs() -> None:
    async with cluster_with(up=forever) as cluster:
        for name, image in (("a", "up"), ("b", "registry.example/shop/postgres:16@sha256:" + "0" * 64)):
            await cluster.client.create(PODS, pod(name, image))
            await cluster.settle()
        assert "    1 root      0:00 up\n" in (await run_in(cluster, "a", "ps"))[1]
        assert "    1 root      0:00 postgres\n" in (await run_in(cluster, "b", "ps"))[1]


@pytest.mark.parametrize(
    ("image", "command", "code"),
    [
        pytest.param("busybox", WAITS, 143, id="shell"),
        pytest.param("busybox", TRAPS, 3, id="shell that catches it"),
        pytest.param("leaves", None, 5, id="image"),
        pytest.param("postgres", None, 143, id="nothing at all"),
    ],
)
async def test_the_first_process_is_told_to_end_from_inside(image: str, command: list[str] | None, code: int) -> None:
    async def leaves(container: Container) -> int:
        try:
            await container.forever()
        finally:
            return 5  # noqa: B012

    async with cluster_with(leaves=leaves) as cluster:
        await cluster.client.create(PODS, pod("a", image, command=command))
        await cluster.settle()
        assert await run_in(cluster, "a", "kill", "-9", "1") == (0, "")
        await cluster.settle()
        assert (await state_of(cluster, "a"))["restartCount"] == 0
        assert await run_in(cluster, "a", "kill", "1") == (0, "")
        await cluster.advance(20)
        state = await state_of(cluster, "a")
        assert (state["restartCount"], state["lastState"]["terminated"]["exitCode"]) == (1, code)


async def test_the_kubelet_s_signal_is_caught_by_a_trap() -> None:
    async with cluster_with() as cluster:
        await cluster.client.create(PODS, pod("a", "busybox", command=TRAPS))
        await cluster.settle()
        await cluster.client.delete(PODS, "default", "a")
        await cluster.advance(2)
        assert await log_of(cluster, "a") == "bye\n"
        assert "running" in (await state_of(cluster, "a"))["state"]
        await cluster.advance(3)
        assert not (await cluster.client.list(PODS, "default")).items


@pytest.mark.parametrize(
    ("script", "out"),
    [
        pytest.param("sh -c 'sleep 9; echo never' & sleep 1; kill $!; wait $!; echo $?", "143\n", id="a shell"),
        pytest.param("sleep 9 | cat & sleep 1; kill $!; wait $!; echo $?", "143\n", id="a pipeline"),
        pytest.param("(sleep 1; kill 1) & sleep 9; echo never", "", id="its own shell"),
        pytest.param("sh -c 'kill $$; echo never'; echo $?", "143\n", id="itself"),
    ],
)
async def test_who_is_killed_ends_and_nothing_else(script: str, out: str) -> None:
    assert (await Machine().sh(script)).out == out
