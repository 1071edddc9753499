"""The shell while it runs: streams, time, cancellation, signals, a dialogue, kubectl cp's archives."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Sequence
from dataclasses import replace

import pytest

from minikube_py.controllers.kubelet.cri.user import User, user_of
from minikube_py.controllers.kubelet.shell import COMMANDS, Complaint, Session, interactive, run
from minikube_py.controllers.kubelet.shell.endings import Gathered
from minikube_py.machinery.streams import Pipe, read_all
from tests.kubelet.shellsession import START, Done, Machine, given, turns


@pytest.mark.parametrize(
    ("argv", "done"),
    [
        pytest.param(["echo", "a  b"], Done("a  b\n", "", 0), id="program"),
        pytest.param(["/bin/sh", "-c", "exit 3"], Done("", "", 3), id="shell"),
        pytest.param(["sh", "-c", "echo $0 $1", "x", "y"], Done("x y\n", "", 0), id="shell-with-arguments"),
        pytest.param(["/config/run.sh", "z"], Done("ran z\n", "", 0), id="script"),
        pytest.param(["nosuch"], Done("", "sh: nosuch: not found\n", 127), id="not-found"),
        pytest.param(["/etc"], Done("", "sh: /etc: Permission denied\n", 126), id="not-to-be-run"),
        pytest.param(["exit", "1"], Done("", "sh: exit: not found\n", 127), id="only-in-a-shell"),
        pytest.param(["sh"], Done("", "", 0), id="no-input"),
    ],
)
async def test_run(argv: list[str], done: Done) -> None:
    assert await Machine().run(argv) == done


@pytest.mark.parametrize(
    ("script", "done"),
    [
        pytest.param("echo a\nread x\nvalue\necho $x", Done("a\nvalue\n", "", 0), id="commands-and-input-in-one"),
        pytest.param("echo a\nfi\necho b\n", Done("a\n", 'sh: syntax error: unexpected "fi"\n', 2), id="error-ends"),
        pytest.param("echo a; exit 4\necho b\n", Done("a\n", "", 4), id="exit"),
        pytest.param("if true\nthen echo 'x\ny'\nfi", Done("x\ny\n", "", 0), id="over-lines"),
        pytest.param("if true; then", Done("", "sh: syntax error: unexpected end of file\n", 2), id="unfinished"),
    ],
)
async def test_script_from_stdin(script: str, done: Done) -> None:
    assert await Machine().run(["sh"], script.encode()) == done


@pytest.mark.parametrize(
    ("typed", "done"),
    [
        pytest.param("echo a\n", Done("/ # a\n/ # ", "", 0), id="prompt"),
        pytest.param("cd tmp\npwd\n", Done("/ # /tmp # /tmp\n/tmp # ", "", 0), id="prompt-follows"),
        pytest.param("echo a \\\nb\n", Done("/ # > a b\n/ # ", "", 0), id="continued-line"),
        pytest.param("cat <<E\nx\nE\nexit 3\n", Done("/ # > > x\n/ # ", "", 3), id="here-document-and-exit"),
        pytest.param(
            "fi\necho ${x?}\nnosuch\necho $?\n",
            Done(
                "/ # / # / # / # 127\n/ # ",
                'sh: syntax error: unexpected "fi"\nsh: x: parameter not set\nsh: nosuch: not found\n',
                0,
            ),
            id="errors-end-nothing",
        ),
        pytest.param("false", Done("/ # / # ", "", 1), id="end-of-input"),
        pytest.param(
            "if x\n",
            Done("/ # > / # ", 'sh: syntax error: unexpected end of file (expecting "then")\n', 2),
            id="end-within",
        ),
        pytest.param("break\necho a\n", Done("/ # / # a\n/ # ", "", 0), id="break-outside"),
    ],
)
async def test_dialogue(typed: str, done: Done) -> None:
    assert await Machine().type(typed, r"\w \$ ") == done


async def test_a_dialogue_without_a_prompt_is_silent() -> None:
    assert await Machine().type("echo a\n") == Done("a\n", "", 0)


async def test_a_dialogue_answers_while_it_is_typed() -> None:
    machine = Machine()
    terminal = Pipe()
    task = asyncio.ensure_future(interactive(machine.session(terminal), "/ # "))
    await turns()
    assert await machine.out.read() == b"/ # "
    await terminal.write(b"echo hi\n")
    await turns()
    assert await machine.out.read() == b"hi\n/ # "
    terminal.close()
    assert await task == 0


async def test_an_interrupt_ends_what_is_in_the_foreground() -> None:
    machine, terminal = Machine(), Pipe()
    session = machine.session(terminal)
    task = asyncio.ensure_future(interactive(session, "# "))
    for typed, shown in (
        (b"for i in 1 2; do sleep 10 | cat; done\n", b"# # "),
        (b"if true\n", b"> # "),
        (b"echo $?\n", b"130\n# # "),
    ):
        await terminal.write(typed)
        await turns(30)
        assert session.signals.send("INT")
        await turns()
        assert await machine.out.read() == shown
    terminal.close()
    assert await task == 130
    assert not session.signals.send("INT")


async def test_an_end_that_is_typed_ends_one_command() -> None:
    machine, terminal = Machine(), Pipe()
    task = asyncio.ensure_future(interactive(machine.session(terminal), "# "))
    terminal.feed(b"cat\nabc\n")
    terminal.pause()
    terminal.feed(b"echo more\n")
    await turns(30)
    assert await machine.out.read() == b"# abc\n# more\n# "
    terminal.pause()
    assert await task == 0


async def test_a_terminal_has_a_size() -> None:
    machine = Machine()
    session = machine.session(await given(b"stty size; tty\n"))
    assert await interactive(session, "") == 1
    session = machine.session(await given(b"stty size; tty\n"))
    session.screen = lambda: (132, 43)
    assert await interactive(session, "") == 0
    assert await machine.out.read() == b"not a tty\n43 132\n/dev/pts/0\n"
    assert await machine.err.read() == b"stty: standard input: Not a tty\n"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("f() { f | f; }; f", "can't fork: Resource temporarily unavailable", id="a fork bomb"),
        pytest.param("while :; do sleep 9 & done", "can't fork: Resource temporarily unavailable", id="jobs"),
        pytest.param("a=xxxxxxxx; while :; do a=$a$a$a$a; done", "out of memory", id="a variable that grows"),
    ],
)
async def test_what_multiplies_has_an_end(script: str, said: str) -> None:
    machine = Machine()
    task = asyncio.ensure_future(run(machine.session(await given(b"")), ["sh", "-c", script]))
    while said not in (await machine.err.read()).decode():
        assert not task.done() or machine.err.unread
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_pipelines_stream() -> None:
    machine = Machine()
    task = asyncio.ensure_future(
        run(machine.session(await given(b"")), ["sh", "-c", "for i in 1 2; do echo $i; sleep 10; done | cat"])
    )
    await turns()
    assert await machine.out.read() == b"1\n"
    assert machine.clock.next_deadline() == START + 10
    assert await machine.passing(task) == 0
    assert await machine.out.read() == b"2\n"
    assert machine.clock.now() == START + 20


async def test_what_is_read_passes_through_at_once() -> None:
    machine = Machine()
    stdin = Pipe()
    task = asyncio.ensure_future(run(machine.session(stdin), ["sh", "-c", "grep --line-buffered a | tee /tmp/log"]))
    await stdin.write(b"a1\nb\n")
    await turns(60)
    assert await machine.out.read() == b"a1\n"
    stdin.close()
    assert await task == 0


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("while true; do :; done", id="spinning"),
        pytest.param("until false; do x=$((x+1)); done", id="counting"),
        pytest.param("while :; do date; sleep 1; done", id="sleeping"),
        pytest.param("sleep infinity", id="for-ever"),
        pytest.param("tail -f /dev/null", id="following-nothing"),
        pytest.param("tail -F /tmp/log", id="following-a-file"),
        pytest.param("yes > /dev/null", id="writing"),
        pytest.param("cat | cat | cat", id="reading"),
        pytest.param("sleep 100 & sleep 200 | sleep 300 & wait", id="jobs"),
        pytest.param("(sleep 5; $(sleep 6)) & timeout 9 sleep 10", id="nested"),
        pytest.param("set -e; while ! false | sleep 1; do sleep 1; done & wait", id="jobs-that-loop"),
    ],
)
async def test_cancelled_it_leaves_nothing_behind(script: str) -> None:
    machine = Machine()
    before = asyncio.all_tasks()
    task = asyncio.ensure_future(run(machine.session(Pipe()), ["sh", "-c", script]))
    await turns()
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert machine.clock.next_deadline() is None


async def test_what_runs_in_the_background_ends_with_the_shell() -> None:
    machine = Machine()
    before = asyncio.all_tasks()
    done = await machine.sh("while :; do sleep 1; done & (sleep 1000 &); echo done")
    assert done == Done("done\n", "", 0)
    assert asyncio.all_tasks() == before


async def test_a_reader_that_goes_ends_the_writer_quietly() -> None:
    machine = Machine()
    machine.out.abandon()
    assert await run(machine.session(await given(b"")), ["sh", "-c", "while :; do echo x; done"]) == 141
    assert await run(machine.session(await given(b"")), ["echo", "x"]) == 141


async def test_following_a_file() -> None:
    machine = Machine()
    task = asyncio.ensure_future(run(machine.session(await given(b"")), ["tail", "-n", "1", "-f", "/tmp/a.txt"]))
    await turns()
    assert await machine.out.read() == b"z\n"
    await machine.files.write("/tmp/a.txt", b"more\n", append=True)
    machine.clock.advance_to(START + 1)
    await turns()
    assert await machine.out.read() == b"more\n"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# Signals

GRACEFUL = "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 10; done"
WAITING = "trap 'echo bye; exit 7' TERM; echo up; sleep 1000 & wait; echo no"


@pytest.mark.parametrize(
    ("script", "when"),
    [
        pytest.param(GRACEFUL, START + 10, id="after-the-command-in-the-foreground"),
        pytest.param(WAITING, START, id="at-once-in-wait"),
    ],
)
async def test_a_trap_runs_when_the_signal_comes(script: str, when: float) -> None:
    machine = Machine()
    session = machine.session(await given(b""))
    task = asyncio.ensure_future(run(session, ["sh", "-c", script]))
    await turns()
    assert session.signals.trapped == {"TERM"}
    assert not session.signals.send("INT")
    assert session.signals.send("TERM")
    assert await machine.passing(task) == 7
    assert machine.clock.now() == when
    assert await machine.out.read() == b"up\nbye\n"


async def test_a_signal_is_the_shells_and_not_its_childrens() -> None:
    machine = Machine()
    session = machine.session(await given(b""))
    task = asyncio.ensure_future(run(session, ["sh", "-c", "sh -c 'trap x TERM; sleep 1'; (trap y TERM; sleep 1)"]))
    await turns()
    assert not session.signals.send("TERM")
    assert await machine.passing(task) == 0


# What others add


async def test_commands_are_added_to_the_table() -> None:
    async def greet(session: Session, argv: Sequence[str]) -> int:
        if len(argv) < 2:
            raise Complaint("whom?", 5)
        await session.say(f"hello {argv[1]} of {session.env['TEAM']}\n")
        return 256 + 6

    machine = Machine()
    session = replace(machine.session(await given(b"")), commands={**COMMANDS, "greet": greet}, env={"TEAM": "a"})
    assert await run(session, ["sh", "-c", "greet you; echo $?; greet; echo $?; which greet"]) == 0
    machine.out.close()
    machine.err.close()
    assert await read_all(machine.out) == b"hello you of a\n6\n5\n/bin/greet\n"
    assert await read_all(machine.err) == b"greet: whom?\n"


async def test_whose_session_it_is_stays_as_it_was() -> None:
    machine = Machine()
    session = machine.session(await given(b""))
    before = replace(session, env=dict(session.env))
    await run(session, ["sh", "-c", "cd /tmp; export A=1; exec > /dev/null; unset HOME"])
    assert session == before


async def test_users_are_who_the_session_says() -> None:
    machine = Machine()
    out = Gathered()
    user = user_of(
        {"securityContext": {"runAsUser": 1000, "runAsGroup": 65534, "fsGroup": 7, "supplementalGroups": [8, 7]}},
        {"securityContext": {"runAsUser": 65534}},
    )
    session = replace(machine.session(await given(b"")), user=user, stdout=out)
    await run(session, ["sh", "-c", "id; whoami; id -g; id -G; id -un"])
    assert out.data == (
        b"uid=65534(nobody) gid=65534(nobody) groups=65534(nobody),8,7\nnobody\n65534\n65534 8 7\nnobody\n"
    )
    out.data.clear()
    await run(replace(session, user=User(1000, 0, (0,))), ["sh", "-c", "id; id -un; whoami"])
    assert out.data == b"uid=1000 gid=0(root) groups=0(root)\n1000\n"


# kubectl cp


def packed(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), 0o755, 1000
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("argv", "mtime"),
    [
        pytest.param(["tar", "-xmf", "-", "-C", "/tmp"], START, id="as-kubectl-does"),
        pytest.param(["tar", "--no-same-permissions", "--no-same-owner", "-xmf", "-", "-C", "/tmp"], START, id="bare"),
        pytest.param(["tar", "xf", "-", "-C", "/tmp"], 1000, id="with-times"),
        pytest.param(["tar", "xzf", "-", "-C", "tmp"], 1000, id="relative"),
    ],
)
async def test_copying_in(argv: list[str], mtime: float) -> None:
    machine = Machine()
    data = bytes(range(256)) * 1000
    assert await machine.run(argv, packed(**{"new/data": data})) == Done("", "", 0)
    assert await machine.files.read("/tmp/new/data") == data
    stat = await machine.files.stat("/tmp/new/data")
    assert (stat.mode, stat.mtime) == (0o755, mtime)


async def test_copying_out() -> None:
    machine = Machine()
    out = Gathered()
    session = replace(machine.session(await given(b"")), stdout=out)
    assert await run(session, ["tar", "cf", "-", "/tmp"]) == 0
    with tarfile.open(fileobj=io.BytesIO(bytes(out.data))) as archive:
        assert archive.getnames() == ["tmp", "tmp/a.txt", "tmp/b.txt"]
        content = archive.extractfile("tmp/a.txt")
        assert content is not None
        assert content.read() == b"x\ny\nz\n"


async def test_copying_out_from_where_it_broke_off() -> None:
    """What `kubectl cp --retries` does."""
    machine = Machine()
    whole, rest = Gathered(), Gathered()
    session = machine.session(await given(b""))
    await run(replace(session, stdout=whole), ["tar", "cf", "-", "/tmp"])
    await run(replace(session, stdout=rest), ["sh", "-c", "tar cf - /tmp | tail -c+601"])
    assert rest.data == whole.data[600:]


async def test_links_are_taken_and_pipes_are_not() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info)
        info = tarfile.TarInfo("pipe")
        info.type = tarfile.FIFOTYPE
        archive.addfile(info)
        info = tarfile.TarInfo("a file")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    machine = Machine()
    done = await machine.run(["tar", "xf", "-"], buffer.getvalue())
    assert done == Done("", "tar: can't create node 'pipe': Operation not supported\n", 1)
    assert await machine.files.read("/a file") == b"x"
    assert (await machine.files.lstat("/link")).target == "/etc/passwd"


async def test_a_volume_is_copied_out_with_its_links() -> None:
    machine = Machine()
    out = Gathered()
    await run(replace(machine.session(await given(b"")), stdout=out), ["tar", "cf", "-", "-C", "/config", "."])
    with tarfile.open(fileobj=io.BytesIO(bytes(out.data))) as archive:
        links = {info.name: info.linkname for info in archive if info.issym()}
    assert links["./color"] == "..data/color"
    assert links["./..data"].startswith("..2026_01_01_00_00_00.")


async def test_archives_stay_where_they_are_put() -> None:
    machine = Machine()
    await machine.run(["tar", "xf", "-", "-C", "/tmp"], packed(**{"../../etc/evil": b"x"}))
    assert not await machine.files.exists("/etc/evil")
