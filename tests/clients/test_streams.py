"""exec, attach and port-forward by the official Python client."""

from __future__ import annotations

import json
from asyncio import StreamReader, StreamWriter

import pytest
from kubernetes import client
from kubernetes.stream import portforward, stream

from minikube_py.images import Container
from minikube_py.threaded import ThreadedCluster


async def echo(container: Container) -> None:
    """What is typed at it, upside down; connections to port 7 get back what they sent."""

    async def back(reader: StreamReader, writer: StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    container.serve(7, back)
    while data := await container.stdin.read():
        container.print(data.decode().strip()[::-1])


pytestmark = [
    pytest.mark.cluster(images={"echo": echo}),
    # The client leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def pod(cluster: ThreadedCluster, core: client.CoreV1Api) -> str:
    """The name of a running one."""
    spec = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "echo", "stdin": True}]}
    core.create_namespaced_pod("default", {"metadata": {"name": "echo"}, "spec": spec})
    cluster.settle()
    return "echo"


def test_exec(core: client.CoreV1Api, pod: str) -> None:
    command = ["sh", "-c", "echo out; echo err >&2; hostname"]
    kinds = {"stdin": False, "tty": False, "stdout": True}
    assert stream(core.connect_get_namespaced_pod_exec, pod, "default", command=command, **kinds) == "out\necho\n"
    both = stream(core.connect_get_namespaced_pod_exec, pod, "default", command=command, stderr=True, **kinds)
    assert sorted(both.split()) == ["echo", "err", "out"]


def test_exec_both_ways(core: client.CoreV1Api, pod: str) -> None:
    talk = stream(
        core.connect_get_namespaced_pod_exec,
        pod,
        "default",
        command=["sh"],
        stdin=True,
        stdout=True,
        stderr=True,
        tty=False,
        _preload_content=False,
    )
    talk.write_stdin("echo one\n")
    assert talk.readline_stdout(timeout=10) == "one"
    talk.write_stdin("nosuch\n")
    assert talk.readline_stderr(timeout=10) == "sh: nosuch: not found"
    talk.write_stdin("exit 3\n")
    talk.run_forever(timeout=10)
    assert talk.returncode == 3
    talk.close()


def test_exec_of_what_is_not_there(core: client.CoreV1Api, pod: str) -> None:
    talk = stream(
        core.connect_get_namespaced_pod_exec,
        pod,
        "default",
        command=["nosuch"],
        stdout=True,
        _preload_content=False,
    )
    talk.run_forever(timeout=10)
    status = json.loads(talk.read_channel(3))
    assert status["status"] == "Failure" and "executable file not found in $PATH" in status["message"]
    with pytest.raises(client.ApiException, match="container x is not valid for pod echo"):
        stream(core.connect_get_namespaced_pod_exec, pod, "default", command=["sh"], container="x", stdout=True)


def test_attach(core: client.CoreV1Api, pod: str) -> None:
    talk = stream(
        core.connect_get_namespaced_pod_attach, pod, "default", stdin=True, stdout=True, _preload_content=False
    )
    talk.write_stdin("abc\n")
    assert talk.readline_stdout(timeout=10) == "cba"
    talk.close()
    assert core.read_namespaced_pod_log(pod, "default") == "cba\n"


def test_port_forward(core: client.CoreV1Api, pod: str) -> None:
    forwarded = portforward(core.connect_get_namespaced_pod_portforward, pod, "default", ports="7,9")
    socket = forwarded.socket(7)
    socket.settimeout(10)
    sent = bytes(range(256)) * 400
    socket.sendall(sent)
    got = b""
    while len(got) < len(sent):
        got += socket.recv(65536)
    assert got == sent
    socket.close()
    assert "connection refused" in forwarded.error(9)
